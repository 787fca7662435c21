/*
 * The door to submission_take for requests, and what is told of those that were taken.
 */
#include "services/intake/submissions.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/encodings.h"
#include "domain/delivery.h"
#include "protocol/mail/repair.h"
#include "services/intake/submission_take.h"
#include "services/request/answer.h"
#include "services/request/plain_text.h"
#include "store/delivery.h"
#include "store/submission.h"

enum { NAME_LIMIT = 200, ENVID_LIMIT = 100, SHOWN_DELIVERIES = 1000 };

/* ---- adding ---- */

static bool read_message(const struct request *request, struct buf *decoded,
                         struct span *ret_message, struct error *err)
{
    struct span encoded;

    if (!request_text(request, "message", ret_message, err) ||
        !request_text(request, "message_base64", &encoded, err))
        return false;
    if ((ret_message->at == NULL) == (encoded.at == NULL))
        return error_set(err, ERROR_INVALID, "message: give either message or message_base64");
    if (encoded.at == NULL)
        return true;
    if (!base64_read(decoded, encoded))
        return error_set(err, decoded->overflown ? ERROR_LIMIT : ERROR_INVALID,
                         "message_base64: is no base64, or too long");
    *ret_message = buf_view(decoded);
    return true;
}

static bool read_via(const struct request *request, struct submission_draft *draft,
                     struct error *err)
{
    if (!request_text(request, "via", &draft->via, err))
        return false;
    if (draft->via.at == NULL)
        draft->via = SPAN("request");
    if (!span_equal(draft->via, SPAN("request")) && !span_equal(draft->via, SPAN("sendmail")))
        return error_set(err, ERROR_INVALID, "via: must be request or sendmail");
    if (request->scopes != NULL && !span_equal(draft->via, SPAN("request")))
        return error_set(err, ERROR_INVALID, "via: sendmail is a command of this machine");
    draft->by = span_of(request->by);
    return true;
}

static bool read_people(const struct request *request, struct arena *arena,
                        struct submission_draft *draft, struct error *err)
{
    struct span *to;

    if (!request_text(request, "from", &draft->sender, err) ||
        !request_text(request, "from_name", &draft->sender_name, err) ||
        !request_texts(request, "to", arena, &to, &draft->to_count, err) ||
        !request_flag(request, "to_from_header", false, &draft->to_from_header, err))
        return false;
    draft->to = to;
    if (draft->sender.at == NULL)
        draft->sender = span_of(request->settings->sender_address);
    return draft->sender_name.at == NULL ||
           plain_line_check(draft->sender_name, "from_name", NAME_LIMIT, err);
}

static bool read_terms(const struct request *request, struct submission_draft *draft,
                       struct error *err)
{
    if (!request_text(request, "envid", &draft->envid, err) ||
        !request_moment(request, "deadline", &draft->deadline, err))
        return false;
    if (draft->deadline != 0 && draft->deadline <= request->now_ms)
        return error_set(err, ERROR_INVALID, "deadline: is in the past");
    return draft->envid.at == NULL || plain_line_check(draft->envid, "envid", ENVID_LIMIT, err);
}

static bool read_wishes(const struct request *request, struct submission_draft *draft,
                        struct error *err)
{
    struct span notify;
    struct span returns;

    if (!request_text(request, "notify", &notify, err) ||
        !request_text(request, "return", &returns, err))
        return false;
    if (notify.at != NULL && !smtp_notify_read(notify, &draft->wish.notify))
        return error_set(err, ERROR_INVALID,
                         "notify: must be never, or success, failure and delay divided by commas");
    return returns.at == NULL || smtp_return_read(returns, &draft->returns) ||
           error_set(err, ERROR_INVALID, "return: must be full or hdrs");
}

static json_t *answer_of(const struct submission_ready *ready, const struct submission_taken *taken)
{
    json_t *answer = json_object();
    json_t *refused = json_array();

    answer_number(answer, "submission", taken->id);
    answer_text(answer, "message_id", ready->message_id);
    answer_number(answer, "deliveries", taken->deliveries);
    answer_take(answer, "refused", refused);
    for (size_t i = 0; i < taken->refused_count; i++) {
        json_t *one = json_object();

        answer_text(one, "to", taken->refused[i].address);
        answer_text(one, "reason", taken->refused[i].reason);
        (void)json_array_append_new(refused, one);
    }
    return answer;
}

/* A token is bound as on the submission port; who works at the machine names whom they like. */
static bool check_domains(const struct request *request, const struct submission_ready *ready,
                          struct error *err)
{
    const struct settings *settings = request->settings;

    if (request->scopes == NULL)
        return true;
    if (ready->sender_domain.n > 0 && !submission_may_be_from(settings, ready->sender_domain))
        return error_set(err, ERROR_INVALID,
                         "from: may not be of the domain %.*s "
                         "(submission.domains)",
                         SPAN_ARGS(ready->sender_domain));
    return submission_may_be_from(settings, ready->from_domain) ||
           error_set(err, ERROR_INVALID,
                     "message: From may not be of the domain %.*s "
                     "(submission.domains)",
                     SPAN_ARGS(ready->from_domain));
}

/* A message that only wants storing. */
struct submission_ahead {
    struct request_ahead ahead; /* first */
    struct arena arena;
    struct buf decoded;
    struct submission_ready ready;
    bool is_ready;
};

static void free_ahead(struct request_ahead *base)
{
    struct submission_ahead *ahead = (struct submission_ahead *)base;

    if (ahead->is_ready)
        submission_ready_fini(&ahead->ready);
    buf_fini(&ahead->decoded);
    arena_fini(&ahead->arena);
    alloc_free(ahead);
}

static bool read_all(const struct request *request, struct submission_ahead *ahead,
                     struct error *err)
{
    struct submission_draft draft = { .now_ms = request->now_ms };

    if (!request_allow(request,
                       "message message_base64 from from_name to to_from_header envid deadline "
                       "via notify return",
                       err) ||
        !read_message(request, &ahead->decoded, &draft.message, err) ||
        !read_via(request, &draft, err) || !read_people(request, &ahead->arena, &draft, err) ||
        !read_terms(request, &draft, err) || !read_wishes(request, &draft, err))
        return false;
    ahead->is_ready =
        submission_prepare(&draft, request->settings, &ahead->arena, &ahead->ready, err);
    return ahead->is_ready && check_domains(request, &ahead->ready, err);
}

bool submissions_ready(const struct request *request, struct request_ahead **ret_ahead,
                       struct error *err)
{
    struct submission_ahead *ahead = NEW(struct submission_ahead);

    ahead->ahead.free = free_ahead;
    arena_init(&ahead->arena);
    buf_init(&ahead->decoded, MESSAGE_MOST);
    if (!read_all(request, ahead, err)) {
        free_ahead(&ahead->ahead);
        return false;
    }
    *ret_ahead = &ahead->ahead;
    return true;
}

static bool store(struct db *db, const struct request_ahead *base, json_t **ret_answer,
                  struct error *err)
{
    const struct submission_ahead *ahead = (const struct submission_ahead *)base;
    CLEANUP(arena_fini) struct arena arena;
    struct submission_taken taken;

    arena_init(&arena);
    if (!submission_store(db, &ahead->ready, &arena, &taken, err))
        return false;
    *ret_answer = answer_of(&ahead->ready, &taken);
    return true;
}

bool submissions_add(struct db *db, const struct request *request, json_t **ret_answer,
                     struct error *err)
{
    struct request_ahead *ahead;
    bool ok;

    if (request->ahead != NULL)
        return store(db, request->ahead, ret_answer, err);
    if (!submissions_ready(request, &ahead, err))
        return false;
    ok = store(db, ahead, ret_answer, err);
    ahead->free(ahead);
    return ok;
}

/* ---- looking ---- */

static json_t *describe(const struct submission *s)
{
    json_t *object = json_object();

    answer_number(object, "submission", s->id);
    answer_text(object, "via", s->via);
    answer_text(object, "by", s->by);
    answer_text(object, "mail_from", s->mail_from);
    answer_text(object, "from", s->sender);
    answer_text(object, "subject", s->subject);
    answer_text(object, "message_id", s->message_id);
    if (s->envid.n > 0)
        answer_text(object, "envid", s->envid);
    answer_number(object, "size", s->size);
    answer_number(object, "deliveries", s->recipients);
    answer_number(object, "waiting", s->waiting);
    answer_moment(object, "made", s->made_at);
    answer_moment(object, "ended", s->ended_at);
    answer_flag(object, "has_content", s->has_content);
    return object;
}

bool submissions_list(struct db *db, const struct request *request, json_t **ret_answer,
                      struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct submission_list list;
    int64_t before;
    size_t limit;
    json_t *rows;

    arena_init(&arena);
    if (!request_allow(request, "before limit", err) ||
        !request_integer(request, "before", 1, INT64_MAX, INT64_MAX, &before, err) ||
        !request_page(request, &limit, err) ||
        !submission_list_read(db, &arena, before, limit, &list, err))
        return false;
    rows = json_array();
    for (size_t i = 0; i < list.n; i++)
        (void)json_array_append_new(rows, describe(&list.at[i]));
    *ret_answer = json_object();
    answer_take(*ret_answer, "submissions", rows);
    if (list.n == limit)
        answer_number(*ret_answer, "next", list.at[list.n - 1].id);
    return true;
}

static bool put_deliveries(json_t *object, struct db *db, struct arena *arena, int64_t id,
                           struct error *err)
{
    int64_t *ids = ARENA_ARRAY(arena, int64_t, SHOWN_DELIVERIES);
    struct delivery_row *row = ARENA_NEW(arena, struct delivery_row);
    json_t *list = json_array();
    size_t n;

    answer_take(object, "mails", list);
    if (!submission_deliveries(db, id, (struct page){ INT64_MAX, SHOWN_DELIVERIES }, ids, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        json_t *one;
        bool found;

        if (!delivery_load(db, ids[i], row, &found, err))
            return false;
        if (!found)
            continue;
        one = json_object();
        answer_number(one, "delivery", row->id);
        answer_string(one, "to", row->address);
        answer_string(one, "state", delivery_state_name(row->state));
        if (row->text[0] != '\0')
            answer_string(one, "text", row->text);
        (void)json_array_append_new(list, one);
    }
    return true;
}

static bool put_content(json_t *object, struct db *db, int64_t id, struct error *err)
{
    CLEANUP(buf_fini) struct buf content;

    buf_init(&content, MESSAGE_MOST);
    if (!submission_content_put(db, id, &content, err))
        return false;
    answer_text(object, "content", buf_view(&content));
    return true;
}

bool submissions_show(struct db *db, const struct request *request, json_t **ret_answer,
                      struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct submission submission;
    bool with_content;
    bool found;
    int64_t id;
    json_t *answer;

    arena_init(&arena);
    if (!request_allow(request, "id content", err) ||
        !request_integer(request, "id", 1, INT64_MAX, 0, &id, err) ||
        !request_flag(request, "content", false, &with_content, err) ||
        !submission_load(db, &arena, id, &submission, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_NOT_FOUND, "there is no submission %lld", (long long)id);
    answer = describe(&submission);
    if (!put_deliveries(answer, db, &arena, id, err) ||
        (with_content && !put_content(answer, db, id, err))) {
        json_decref(answer);
        return false;
    }
    *ret_answer = answer;
    return true;
}
