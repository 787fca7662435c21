/*
 * Who must not be mailed. Waiting mail to an address ends in the same transaction; of a domain's
 * waiting mail each ends when its turn comes, since the grant of an intent asks again.
 */
#include "services/directory/suppressions.h"

#include "base/alloc.h"
#include "base/cleanup.h"
#include "protocol/mail/address.h"
#include "services/request/answer.h"
#include "store/db.h"
#include "store/delivery.h"
#include "store/suppression.h"

enum { REASON_LIMIT = 100, WAITING_LIMIT = 10000 };

/* An address in its normal form, or '@' and a domain as A-labels. */
static bool read_target(const struct request *request, struct arena *arena, struct span *ret_target,
                        struct error *err)
{
    CLEANUP(buf_fini) struct buf normal;
    struct span text;
    struct address address;
    bool whole_domain;

    buf_init(&normal, 2 * ADDRESS_MOST);
    if (!request_need_text(request, "target", &text, err))
        return false;
    whole_domain = text.at[0] == '@';
    if (whole_domain)
        text = span_of(arena_printf(arena, "a%.*s", SPAN_ARGS(text)));
    if (!address_parse(text, &address, err))
        return error_wrap(err, "target");
    if (whole_domain)
        buf_printf(&normal, "@%s", address.domain);
    else
        address_put(&normal, &address);
    *ret_target = arena_copy(arena, buf_view(&normal));
    return true;
}

static bool read_short(const struct request *request, const char *field, const char *fallback,
                       struct span *ret_text, struct error *err)
{
    struct span text;

    if (!request_text(request, field, &text, err))
        return false;
    if (text.n == 0)
        text = span_of(fallback);
    if (text.n > REASON_LIMIT)
        return error_set(err, ERROR_LIMIT, "%s: longer than %d bytes", field, REASON_LIMIT);
    *ret_text = text;
    return true;
}

static void describe(json_t *object, const struct suppression *s)
{
    answer_text(object, "target", s->target);
    answer_text(object, "scope", s->scope);
    answer_text(object, "reason", s->reason);
    answer_text(object, "origin", s->origin);
    answer_moment(object, "at", s->at);
    answer_moment(object, "until", s->until);
}

struct waiting {
    int64_t ids[WAITING_LIMIT];
    size_t n;
};

static bool find_waiting(struct db *db, struct span normal, struct waiting *waiting,
                         struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT d.id FROM delivery d JOIN delivery_state s ON s.delivery = d.id "
                     "WHERE d.normal = $1 AND s.state IN (0, 1, 4) ORDER BY d.id LIMIT $2"),
                 db_text(normal), db_int(WAITING_LIMIT));

    if (rows == NULL)
        return false;
    waiting->n = 0;
    while (waiting->n < WAITING_LIMIT && db_next(rows))
        waiting->ids[waiting->n++] = db_column_int(rows, 0);
    return db_rows_finish(&rows, err);
}

static bool suppress_waiting(struct db *db, const struct suppression *s, int64_t now_ms,
                             int64_t *ret_ended, struct error *err)
{
    struct waiting *waiting = NEW(struct waiting);
    struct delivery_change change = {
        .to = DELIVERY_SUPPRESSED, .reason = "suppressed", .text = s->reason, .now_ms = now_ms
    };
    bool ok = find_waiting(db, s->target, waiting, err);

    for (size_t i = 0; ok && i < waiting->n; i++) {
        struct delivery_row row;
        bool found = false;
        bool done = false;

        ok = delivery_load(db, waiting->ids[i], &row, &found, err) &&
             (!found || delivery_transition(db, &row, &change, &done, err));
        *ret_ended += done;
    }
    alloc_free(waiting);
    return ok;
}

bool suppressions_add(struct db *db, const struct request *request, json_t **ret_answer,
                      struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct suppression s = { .origin = span_of(request->by), .at = request->now_ms };
    int64_t ended = 0;

    arena_init(&arena);
    if (!request_allow(request, "target scope reason until", err) ||
        !read_target(request, &arena, &s.target, err) ||
        !read_short(request, "scope", "*", &s.scope, err) ||
        !read_short(request, "reason", "manual", &s.reason, err) ||
        !request_moment(request, "until", &s.until, err) || !suppression_put(db, &s, err))
        return false;
    if (span_equal(s.scope, SPAN("*")) && !suppress_waiting(db, &s, request->now_ms, &ended, err))
        return false;
    *ret_answer = json_object();
    describe(*ret_answer, &s);
    answer_number(*ret_answer, "ended_deliveries", ended);
    return true;
}

bool suppressions_remove(struct db *db, const struct request *request, json_t **ret_answer,
                         struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct span target;
    struct span scope;
    bool removed;

    arena_init(&arena);
    if (!request_allow(request, "target scope", err) ||
        !read_target(request, &arena, &target, err) ||
        !read_short(request, "scope", "*", &scope, err) ||
        !suppression_remove(db, target, scope, &removed, err))
        return false;
    if (!removed)
        return error_set(err, ERROR_NOT_FOUND, "%.*s is not suppressed (scope %.*s)",
                         SPAN_ARGS(target), SPAN_ARGS(scope));
    *ret_answer = json_object();
    answer_text(*ret_answer, "target", target);
    answer_text(*ret_answer, "scope", scope);
    answer_flag(*ret_answer, "removed", true);
    return true;
}

bool suppressions_list(struct db *db, const struct request *request, json_t **ret_answer,
                       struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct suppression_list list;
    struct span after;
    size_t limit;
    json_t *rows = json_array();

    arena_init(&arena);
    if (!request_allow(request, "after limit", err) ||
        !request_text(request, "after", &after, err) || !request_page(request, &limit, err) ||
        !suppression_page(db, &arena, after.at != NULL ? after : SPAN(""), limit, &list, err)) {
        json_decref(rows);
        return false;
    }
    for (size_t i = 0; i < list.n; i++) {
        json_t *row = json_object();

        describe(row, &list.at[i]);
        (void)json_array_append_new(rows, row);
    }
    *ret_answer = json_object();
    answer_take(*ret_answer, "suppressions", rows);
    if (list.n == limit)
        answer_text(*ret_answer, "next", list.at[list.n - 1].target);
    return true;
}
