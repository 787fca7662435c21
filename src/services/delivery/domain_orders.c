/*
 * Orders about recipient domains: the row, and the news of it.
 */
#include "services/delivery/domain_orders.h"

#include "base/cleanup.h"
#include "services/request/answer.h"
#include "services/request/plain_text.h"
#include "services/request/site_wish.h"
#include "store/domain.h"

enum { REASON_LIMIT = 200 };

static bool need_domain(const struct request *request, struct arena *arena, struct span *ret_domain,
                        struct error *err)
{
    struct span text;

    return request_need_text(request, "domain", &text, err) &&
           request_domain(request, "domain", arena, ret_domain, err);
}

bool domain_orders_recheck(struct db *db, const struct request *request, json_t **ret_answer,
                           struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct domain_row row = { .asleep_until = 0 };
    struct span domain;
    bool found;

    arena_init(&arena);
    if (!request_allow(request, "domain", err) || !need_domain(request, &arena, &domain, err) ||
        !domain_find(db, domain, &row, &found, err) || !domain_recheck(db, domain, err))
        return false;
    *ret_answer = json_object();
    answer_text(*ret_answer, "domain", domain);
    if (row.asleep_until > request->now_ms)
        answer_moment(*ret_answer, "was_asleep_until", row.asleep_until);
    return true;
}

/* ---- set ---- */

struct order {
    struct arena arena;
    struct domain_pause pause;
    bool is_paused; /* it is to be */
};

static bool read_until(const struct request *request, struct order *o, struct error *err)
{
    int64_t until;

    if (!request_moment(request, "until", &until, err))
        return false;
    if (until != 0 && !o->is_paused)
        return error_set(err, ERROR_INVALID, "until: goes with a pause alone");
    if (until != 0 && until <= request->now_ms)
        return error_set(err, ERROR_INVALID, "until: that time is over; give one that is to come");
    if (o->is_paused)
        o->pause.until = until != 0 ? until : DOMAIN_PAUSED_FOR_GOOD;
    return true;
}

static bool read_order(const struct request *request, struct order *o, struct error *err)
{
    struct span reason;

    if (!request_allow(request, "domain paused until reason", err) ||
        !need_domain(request, &o->arena, &o->pause.name, err) ||
        !request_flag(request, "paused", false, &o->is_paused, err) ||
        !read_until(request, o, err) || !request_text(request, "reason", &reason, err) ||
        !plain_line_check(reason, "reason", REASON_LIMIT, err))
        return false;
    if (json_object_get(request->args, "paused") == NULL)
        return error_set(err, ERROR_INVALID, "paused: say true or false; nothing else can be set");
    o->pause.now_ms = request->now_ms;
    o->pause.words = span_of(arena_printf(&o->arena, "by %s%s%.*s", request->by,
                                          reason.n > 0 ? ": " : "", SPAN_ARGS(reason)));
    return true;
}

static bool is_new(struct db *db, const struct order *o, bool *ret_new, struct error *err)
{
    struct domain_row row = { .paused_until = 0 };
    int64_t was;
    bool found;

    if (!domain_find(db, o->pause.name, &row, &found, err))
        return false;
    was = row.paused_until > o->pause.now_ms ? row.paused_until : 0;
    *ret_new = was != o->pause.until;
    return true;
}

static bool set_domain(struct db *db, const struct request *request, struct order *o,
                       json_t **ret_answer, struct error *err)
{
    bool changed;

    if (!read_order(request, o, err) || !is_new(db, o, &changed, err) ||
        ((changed || !o->is_paused) && !domain_pause(db, &o->pause, err)))
        return false;
    *ret_answer = json_object();
    answer_text(*ret_answer, "domain", o->pause.name);
    answer_flag(*ret_answer, "paused", o->is_paused);
    if (o->pause.until != DOMAIN_PAUSED_FOR_GOOD)
        answer_moment(*ret_answer, "until", o->pause.until);
    answer_flag(*ret_answer, "changed", changed);
    return true;
}

bool domain_orders_set(struct db *db, const struct request *request, json_t **ret_answer,
                       struct error *err)
{
    struct order order = { .is_paused = false };
    bool ok;

    arena_init(&order.arena);
    ok = set_domain(db, request, &order, ret_answer, err);
    arena_fini(&order.arena);
    return ok;
}
