/*
 * Who must not be mailed. Waiting mail to an address ends in the same transaction; of a domain's
 * waiting mail each ends when its turn comes, since the grant of an intent asks again.
 */
#include "services/directory/suppressions.h"

#include "base/alloc.h"
#include "base/cleanup.h"
#include "domain/mail_address.h"
#include "domain/topic_key.h"
#include "services/request/answer.h"
#include "services/request/plain_text.h"
#include "store/delivery.h"
#include "store/delivery_list.h"
#include "store/lane.h"
#include "store/suppression.h"

enum { REASON_LIMIT = 100, WAITING_LIMIT = 10000 };

/* An address in its normal form, or '@' and a domain as A-labels. */
static bool read_target(const struct request *request, struct arena *arena, struct span *ret_target,
                        struct error *err)
{
    struct mail_address address;
    struct span text;
    bool is_domain;

    if (!request_need_text(request, "target", &text, err))
        return false;
    is_domain = text.at[0] == '@';
    if (is_domain)
        text = span_of(arena_printf(arena, "a%.*s", SPAN_ARGS(text)));
    if (!mail_address_read(text, &address, err))
        return error_wrap(err, "target: must be an address, or @ and a domain");
    *ret_target = is_domain ? span_of(arena_printf(arena, "@%s", address.domain))
                            : arena_copy(arena, span_of(address.normal));
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
    if (!plain_line_check(text, field, REASON_LIMIT, err))
        return false;
    *ret_text = text;
    return true;
}

/* Everything, all topics, or a topic: one that does not exist yet may be meant, one that cannot is
 * a slip. */
static bool read_scope(const struct request *request, struct span *ret_scope, struct error *err)
{
    if (!read_short(request, "scope", "*", ret_scope, err))
        return false;
    return suppression_is_of_topics(*ret_scope) || topic_key_check(*ret_scope, err) ||
           error_wrap(err, "scope");
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

/* What became of the mail under way to a target. */
struct toll {
    int64_t ended;    /* deliveries that end here */
    int64_t in_doubt; /* of them: may have arrived, will not be sent again */
    int64_t sending;  /* cannot be stopped any more */
    int64_t waiting;  /* end when their turn comes */
};

static bool end_one(struct db *db, int64_t id, const struct suppression *s, int64_t now_ms,
                    struct toll *toll, struct error *err)
{
    const struct delivery_change change = {
        .to = DELIVERY_SUPPRESSED, .reason = "suppressed", .text = s->reason, .now_ms = now_ms
    };
    struct delivery_row row;
    bool found;
    bool done;

    if (!delivery_load(db, id, &row, &found, err) || !found)
        return !found;
    if (row.state == DELIVERY_SENDING) {
        toll->sending++;
        return true;
    }
    toll->in_doubt += row.doubts > 0;
    toll->ended++;
    return delivery_transition(db, &row, &change, &done, err);
}

static bool end_mail(struct db *db, const struct suppression *s, int64_t now_ms, struct toll *toll,
                     struct error *err)
{
    CLEANUP(cleanup_free) int64_t *ids = alloc_array(WAITING_LIMIT, sizeof *ids);
    size_t n;

    if (!delivery_unended(db, s->target, ids, WAITING_LIMIT, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!end_one(db, ids[i], s, now_ms, toll, err))
            return false;
    return true;
}

/* A domain's mail may be long; a topic's is found by its content. */
static bool take_toll(struct db *db, const struct suppression *s, int64_t now_ms, struct toll *toll,
                      struct error *err)
{
    if (!span_equal(s->scope, SPAN("*")))
        return true;
    if (span_starts(s->target, SPAN("@")))
        return lane_count_waiting(db, span_rest(s->target, 1), &toll->waiting, err);
    return end_mail(db, s, now_ms, toll, err);
}

static void put_toll(json_t *answer, const struct toll *toll)
{
    answer_number(answer, "ended_deliveries", toll->ended);
    if (toll->in_doubt > 0)
        answer_number(answer, "in_doubt", toll->in_doubt);
    if (toll->sending > 0)
        answer_number(answer, "sending", toll->sending);
    if (toll->waiting > 0)
        answer_number(answer, "waiting", toll->waiting);
}

static bool read_wish(const struct request *request, struct arena *arena, struct suppression *s,
                      struct error *err)
{
    return request_allow(request, "target scope reason until", err) &&
           read_target(request, arena, &s->target, err) && read_scope(request, &s->scope, err) &&
           read_short(request, "reason", "manual", &s->reason, err) &&
           request_moment(request, "until", &s->until, err);
}

bool suppressions_add(struct db *db, const struct request *request, json_t **ret_answer,
                      struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct suppression wish = { .origin = span_of(request->by), .at = request->now_ms };
    struct suppression_key key;
    struct suppression stands;
    struct toll toll = { 0 };
    bool found;

    arena_init(&arena);
    if (!read_wish(request, &arena, &wish, err))
        return false;
    if (wish.until != 0 && wish.until <= request->now_ms)
        return error_set(err, ERROR_INVALID, "until: is in the past");
    key = (struct suppression_key){ wish.target, wish.scope };
    if (!suppression_put(db, &wish, err) ||
        !suppression_find(db, &arena, &key, &stands, &found, err) ||
        !take_toll(db, &stands, request->now_ms, &toll, err))
        return false;
    *ret_answer = json_object();
    describe(*ret_answer, &stands);
    answer_flag(*ret_answer, "kept", !span_equal(stands.reason, wish.reason));
    put_toll(*ret_answer, &toll);
    return true;
}

/* A target may be suppressed for other scopes than the one named. */
static bool refuse_unknown(struct db *db, struct arena *arena, const struct suppression_key *wish,
                           struct error *err)
{
    const struct suppression_key before = { wish->target, SPAN("") };
    struct suppression_list others;

    if (!suppression_page(db, arena, &before, 1, &others, err))
        return false;
    if (others.n > 0 && span_equal(others.at[0].target, wish->target))
        return error_set(err, ERROR_NOT_FOUND, "%.*s is not suppressed for %.*s, but for %.*s",
                         SPAN_ARGS(wish->target), SPAN_ARGS(wish->scope),
                         SPAN_ARGS(others.at[0].scope));
    return error_set(err, ERROR_NOT_FOUND, "%.*s is not suppressed (scope %.*s)",
                     SPAN_ARGS(wish->target), SPAN_ARGS(wish->scope));
}

bool suppressions_remove(struct db *db, const struct request *request, json_t **ret_answer,
                         struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct suppression_key wish;
    struct suppression stood;
    bool found;

    arena_init(&arena);
    if (!request_allow(request, "target scope", err) ||
        !read_target(request, &arena, &wish.target, err) ||
        !read_scope(request, &wish.scope, err) ||
        !suppression_find(db, &arena, &wish, &stood, &found, err))
        return false;
    if (!found)
        return refuse_unknown(db, &arena, &wish, err);
    if (!suppression_remove(db, wish.target, wish.scope, request->now_ms, &found, err))
        return false;
    *ret_answer = json_object();
    describe(*ret_answer, &stood);
    answer_flag(*ret_answer, "removed", true);
    return true;
}

static bool read_after(const struct request *request, struct suppression_key *after,
                       struct error *err)
{
    if (!request_text(request, "after", &after->target, err) ||
        !request_text(request, "after_scope", &after->scope, err))
        return false;
    if (after->target.at == NULL)
        after->target = SPAN("");
    if (after->scope.at == NULL)
        after->scope = SPAN("*");
    return true;
}

bool suppressions_list(struct db *db, const struct request *request, json_t **ret_answer,
                       struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct suppression_list list;
    struct suppression_key after;
    size_t limit;
    json_t *rows;

    arena_init(&arena);
    if (!request_allow(request, "after after_scope limit", err) ||
        !read_after(request, &after, err) || !request_page(request, &limit, err) ||
        !suppression_page(db, &arena, &after, limit, &list, err))
        return false;
    rows = json_array();
    for (size_t i = 0; i < list.n; i++) {
        json_t *row = json_object();

        describe(row, &list.at[i]);
        (void)json_array_append_new(rows, row);
    }
    *ret_answer = json_object();
    answer_take(*ret_answer, "suppressions", rows);
    if (list.n == limit) {
        answer_text(*ret_answer, "next", list.at[list.n - 1].target);
        answer_text(*ret_answer, "next_scope", list.at[list.n - 1].scope);
    }
    return true;
}
