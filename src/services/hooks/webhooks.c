/*
 * What operators do with webhooks; telling them is the sender's affair.
 */
#include "services/hooks/webhooks.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "crypto/secret.h"
#include "domain/change.h"
#include "domain/topic_key.h"
#include "services/hooks/hook_batch.h"
#include "services/hooks/hook_wants.h"
#include "services/request/answer.h"
#include "services/request/plain_text.h"
#include "store/alarm.h"
#include "store/outbox.h"
#include "store/webhook.h"

enum { CAUSE_ROOM = 200 };

#define KEEP_MS INT64_C(86400000)
#define KEEP_MOST_MS (30 * KEEP_MS)

static bool read_kinds(const struct request *request, struct arena *arena, int64_t *ret_kinds,
                       struct error *err)
{
    struct span *names;
    size_t count;

    if (!request_texts(request, "kinds", arena, &names, &count, err))
        return false;
    *ret_kinds = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t kind = change_kind_find(names[i]);

        if (kind == 0)
            return error_set(err, ERROR_INVALID,
                             "kinds: must be event, delivery, suppression or watch, got \"%.*s\"",
                             SPAN_ARGS(span_first(names[i], 40)));
        *ret_kinds |= kind;
    }
    return true;
}

static bool read_labels(const struct request *request, struct arena *arena,
                        struct span **ret_labels, size_t *ret_count, struct error *err)
{
    if (!request_texts(request, "labels", arena, ret_labels, ret_count, err))
        return false;
    for (size_t i = 0; i < *ret_count; i++)
        if (!label_check((*ret_labels)[i], err))
            return error_wrap(err, "labels");
    return true;
}

/* A user's name or password in the URL would be shown wherever it is. */
static bool check_url(struct span url, struct error *err)
{
    struct span host = span_rest(url, span_find(url, SPAN("//")));

    if (!plain_url_check(url, "url", err))
        return false;
    host = span_first(span_rest(host, 2), span_index(span_rest(host, 2), '/'));
    return span_index(host, '@') == host.n ||
           error_set(err, ERROR_INVALID, "url: no user and password in it, please");
}

static bool refuse_taken(struct db *db, struct arena *arena, struct span name, struct error *err)
{
    struct webhook_row row;
    bool found;

    if (!list_name_check(name, err))
        return error_wrap(err, "name");
    if (!webhook_find(db, arena, name, &row, &found, err))
        return false;
    return !found || error_set(err, ERROR_CONFLICT, "name: a webhook %.*s exists", SPAN_ARGS(name));
}

/* What it was not told of and cannot be told of any more. */
static bool put_dropped(json_t *object, struct db *db, const struct webhook_row *row,
                        struct error *err)
{
    int64_t dropped;

    if (!outbox_dropped(db, &dropped, err))
        return false;
    if (dropped > row->through_seq)
        answer_number(object, "dropped", dropped);
    return true;
}

static bool describe(json_t *object, struct db *db, struct arena *arena,
                     const struct webhook_row *row, struct error *err)
{
    struct span *labels;
    size_t count;
    json_t *array = json_array();

    answer_text(object, "name", row->name);
    answer_text(object, "url", row->url);
    answer_string(object, "state",
                  row->disabled_at != 0 ? "disabled"
                  : row->failures > 0   ? "failing"
                                        : "well");
    answer_take(object, "kinds", hook_kinds_json(row->kinds));
    answer_take(object, "labels", array);
    answer_moment(object, "made", row->made_at);
    answer_number(object, "through", row->through_seq);
    answer_moment(object, "answered", row->answered_at);
    answer_number(object, "failures", row->failures);
    answer_moment(object, "failing_since", row->failing_since);
    answer_moment(object, "next", row->failures > 0 ? row->next_at : 0);
    answer_text(object, "problem", row->problem);
    answer_moment(object, "disabled", row->disabled_at);
    answer_text(object, "disabled_because", row->disabled_text);
    answer_moment(object, "old_secret_until", row->before_until);
    if (!put_dropped(object, db, row, err) ||
        !webhook_labels(db, arena, row->id, &labels, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(array, json_stringn(labels[i].at, labels[i].n));
    return true;
}

static bool answer_with(struct db *db, struct arena *arena, const struct webhook_row *row,
                        json_t **ret_answer, struct error *err)
{
    json_t *answer = json_object();

    if (!describe(answer, db, arena, row, err)) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}

static bool grant_all(struct db *db, int64_t hook, const struct span *labels, size_t count,
                      struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!webhook_grant(db, hook, labels[i], err))
            return false;
    return true;
}

bool webhooks_add(struct db *db, const struct request *request, json_t **ret_answer,
                  struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct webhook_row row = { .made_at = request->now_ms };
    char secret[HOOK_SECRET_ROOM];
    struct span *labels;
    size_t count;
    bool ok;

    arena_init(&arena);
    if (!request_allow(request, "name url kinds labels", err) ||
        !request_need_text(request, "name", &row.name, err) ||
        !request_need_text(request, "url", &row.url, err) || !check_url(row.url, err) ||
        !read_kinds(request, &arena, &row.kinds, err) ||
        !read_labels(request, &arena, &labels, &count, err) ||
        !refuse_taken(db, &arena, row.name, err) || !outbox_last(db, &row.through_seq, err))
        return false;
    hook_secret_make(secret);
    row.secret = span_of(secret);
    ok = webhook_insert(db, &row, err) && grant_all(db, row.id, labels, count, err) &&
         hook_wants_renew(db, request->settings, err) &&
         answer_with(db, &arena, &row, ret_answer, err);
    if (ok)
        answer_string(*ret_answer, "secret", secret);
    secret_wipe(secret, sizeof(secret));
    return ok;
}

bool webhooks_list(struct db *db, const struct request *request, json_t **ret_answer,
                   struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct webhook_list list;
    struct page page;
    json_t *answer;
    json_t *array;

    arena_init(&arena);
    if (!request_allow(request, "after limit", err) ||
        !request_integer(request, "after", 0, INT64_MAX, 0, &page.after, err) ||
        !request_page(request, &page.limit, err) || !webhook_page(db, &arena, page, &list, err))
        return false;
    answer = json_object();
    array = json_array();
    answer_take(answer, "webhooks", array);
    for (size_t i = 0; i < list.n; i++) {
        json_t *row = json_object();

        (void)json_array_append_new(array, row);
        if (!describe(row, db, &arena, &list.at[i], err)) {
            json_decref(answer);
            return false;
        }
    }
    if (list.n == page.limit)
        answer_number(answer, "next", list.at[list.n - 1].id);
    *ret_answer = answer;
    return true;
}

static bool read_row(struct db *db, const struct request *request, struct arena *arena,
                     struct webhook_row *row, struct error *err)
{
    struct span name;

    return request_need_text(request, "name", &name, err) &&
           (webhook_need(db, arena, name, row, err) || error_wrap(err, "name"));
}

bool webhooks_show(struct db *db, const struct request *request, json_t **ret_answer,
                   struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct webhook_row row;

    arena_init(&arena);
    return request_allow(request, "name", err) && read_row(db, request, &arena, &row, err) &&
           answer_with(db, &arena, &row, ret_answer, err);
}

static bool end_alarm(struct db *db, const struct webhook_row *row, int64_t now_ms,
                      struct error *err)
{
    char cause[CAUSE_ROOM];

    (void)snprintf(cause, sizeof(cause), "webhook-disabled %.*s", SPAN_ARGS(row->name));
    return alarm_end(db, span_of(cause), now_ms, err);
}

bool webhooks_remove(struct db *db, const struct request *request, json_t **ret_answer,
                     struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct webhook_row row;

    arena_init(&arena);
    return request_allow(request, "name", err) && read_row(db, request, &arena, &row, err) &&
           answer_with(db, &arena, &row, ret_answer, err) &&
           webhook_remove(db, row.id, request->now_ms, err) &&
           end_alarm(db, &row, request->now_ms, err) &&
           hook_wants_renew(db, request->settings, err);
}

/* Tells how it stands after `ok`. */
static bool answer_anew(struct db *db, const struct request *request, json_t **ret_answer,
                        struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct webhook_row row;

    arena_init(&arena);
    return read_row(db, request, &arena, &row, err) &&
           answer_with(db, &arena, &row, ret_answer, err);
}

bool webhooks_disable(struct db *db, const struct request *request, json_t **ret_answer,
                      struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct webhook_row row;

    arena_init(&arena);
    return request_allow(request, "name", err) && read_row(db, request, &arena, &row, err) &&
           webhook_disable(db, row.id, SPAN("by hand"), request->now_ms, err) &&
           answer_anew(db, request, ret_answer, err);
}

bool webhooks_enable(struct db *db, const struct request *request, json_t **ret_answer,
                     struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct webhook_row row;

    arena_init(&arena);
    return request_allow(request, "name", err) && read_row(db, request, &arena, &row, err) &&
           webhook_enable(db, row.id, err) && end_alarm(db, &row, request->now_ms, err) &&
           answer_anew(db, request, ret_answer, err);
}

static bool read_keep(const struct request *request, int64_t *ret_ms, struct error *err)
{
    struct span keep;

    *ret_ms = KEEP_MS;
    return request_text(request, "keep", &keep, err) &&
           (keep.at == NULL || (text_to_duration(keep, ret_ms) && *ret_ms <= KEEP_MOST_MS) ||
            error_set(err, ERROR_INVALID, "keep: must be a duration of at most 30d, such as 24h"));
}

bool webhooks_rotate(struct db *db, const struct request *request, json_t **ret_answer,
                     struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct webhook_row row;
    char secret[HOOK_SECRET_ROOM];
    int64_t keep_ms;
    bool ok;

    arena_init(&arena);
    if (!request_allow(request, "name keep", err) || !read_keep(request, &keep_ms, err) ||
        !read_row(db, request, &arena, &row, err))
        return false;
    hook_secret_make(secret);
    row.secret_before = keep_ms > 0 ? row.secret : (struct span){ NULL, 0 };
    row.before_until = keep_ms > 0 ? request->now_ms + keep_ms : 0;
    row.secret = span_of(secret);
    ok = webhook_rotate(db, &row, err) && answer_with(db, &arena, &row, ret_answer, err);
    if (ok)
        answer_string(*ret_answer, "secret", secret);
    secret_wipe(secret, sizeof(secret));
    return ok;
}

/* Where to begin: after a seq, or with what happened since. */
static bool read_start(struct db *db, const struct request *request, int64_t *ret_seq,
                       struct error *err)
{
    int64_t since;
    int64_t dropped;

    if (!request_integer(request, "after", 0, INT64_MAX, -1, ret_seq, err) ||
        !request_past(request, "since", &since, err))
        return false;
    if ((*ret_seq >= 0) == (since != 0))
        return error_set(err, ERROR_INVALID, "after: say after which seq, or since when");
    if (since != 0 && !outbox_seq_at(db, since, ret_seq, err))
        return false;
    if (!outbox_dropped(db, &dropped, err))
        return false;
    return *ret_seq >= dropped ||
           error_set(err, ERROR_INVALID,
                     "after: what happened up to %lld is not kept any more (changes.keep)",
                     (long long)dropped);
}

bool webhooks_replay(struct db *db, const struct request *request, json_t **ret_answer,
                     struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct webhook_row row;
    int64_t seq;

    arena_init(&arena);
    if (!request_allow(request, "name after since", err) ||
        !read_row(db, request, &arena, &row, err) || !read_start(db, request, &seq, err))
        return false;
    if (seq > row.through_seq)
        return error_set(err, ERROR_INVALID, "after: it has been told up to %lld only",
                         (long long)row.through_seq);
    return webhook_rewind(db, row.id, seq, err) && answer_anew(db, request, ret_answer, err);
}

bool webhooks_ping(struct db *db, const struct request *request, json_t **ret_answer,
                   struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    CLEANUP(hook_batch_fini) struct hook_batch batch;
    struct webhook_row row;
    struct hook_fields fields = { .at = { NULL } };
    CLEANUP(cleanup_free) char *secrets = NULL;
    json_t *array;

    arena_init(&arena);
    hook_batch_init(&batch);
    if (!request_allow(request, "name", err) || !read_row(db, request, &arena, &row, err))
        return false;
    hook_batch_ping(&row, request->now_ms, &batch);
    secrets = hook_secrets(&row, request->now_ms);
    if (!hook_sign(span_of(secrets), batch.id, request->now_ms, buf_view(&batch.body), &fields,
                   err))
        return false;
    array = json_array();
    for (size_t i = 0; i < HOOK_FIELDS; i++)
        (void)json_array_append_new(array, json_string(fields.at[i]));
    *ret_answer = json_object();
    answer_text(*ret_answer, "url", row.url);
    answer_take(*ret_answer, "fields", array);
    answer_text(*ret_answer, "body", buf_view(&batch.body));
    return true;
}
