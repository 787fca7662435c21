/*
 * Orders about recipient domains: the row, and the news of it.
 */
#include "services/delivery/domain_orders.h"

#include "base/cleanup.h"
#include "services/request/answer.h"
#include "services/request/plain_text.h"
#include "services/request/site_wish.h"
#include "store/domain.h"
#include "store/lane.h"

enum { REASON_LIMIT = 200 };

static bool need_domain(const struct request *request, struct arena *arena, struct span *ret_domain,
                        struct error *err)
{
    struct span text;

    return request_need_text(request, "domain", &text, err) &&
           request_domain(request, "domain", arena, ret_domain, err);
}

/* One to which no mail was ever to go is a slip of the pen. */
static bool look_known(struct db *db, struct span domain, bool *known, struct error *err)
{
    struct lane_row row;

    for (int stream = 0; !*known && stream <= STREAM_MAILOUTS; stream++)
        if (!lane_find_all(db, (enum stream_id)stream, domain, &row, known, err))
            return false;
    return *known || error_set(err, ERROR_NOT_FOUND,
                               "domain: no mail was ever to go to %.*s; `postroom route explain` "
                               "looks at the way to an address there",
                               SPAN_ARGS(domain));
}

bool domain_orders_recheck(struct db *db, const struct request *request, json_t **ret_answer,
                           struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct domain_row row = { .asleep_until = 0 };
    struct span domain;
    int64_t waiting;
    bool known;

    arena_init(&arena);
    if (!request_allow(request, "domain", err) || !need_domain(request, &arena, &domain, err) ||
        !domain_find(db, domain, &row, &known, err) ||
        !lane_count_waiting(db, domain, &waiting, err) || !look_known(db, domain, &known, err) ||
        !domain_recheck(db, domain, err))
        return false;
    *ret_answer = json_object();
    answer_text(*ret_answer, "domain", domain);
    answer_number(*ret_answer, "waiting", waiting);
    if (row.asleep_until > request->now_ms)
        answer_moment(*ret_answer, "was_asleep_until", row.asleep_until);
    if (row.paused_until > request->now_ms)
        answer_flag(*ret_answer, "paused", true);
    return true;
}

/* ---- set ---- */

struct order {
    struct arena arena;
    struct domain_pause pause;
    bool is_paused; /* it is to be */
    bool has_reason;
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
    o->has_reason = o->is_paused && reason.n > 0;
    o->pause.now_ms = request->now_ms;
    o->pause.words = span_of(arena_printf(&o->arena, "by %s%s%.*s", request->by,
                                          reason.n > 0 ? ": " : "", SPAN_ARGS(reason)));
    return true;
}

/* How the domain stood; a pause that is over is none. */
static bool read_before(struct db *db, const struct order *o, struct domain_row *row,
                        struct error *err)
{
    bool found;

    *row = (struct domain_row){ .paused_until = 0 };
    if (!domain_find(db, o->pause.name, row, &found, err))
        return false;
    if (row->paused_until <= o->pause.now_ms)
        row->paused_until = 0;
    return true;
}

/* The same pause for another reason is another one. */
static bool is_new(const struct order *o, const struct domain_row *before)
{
    return before->paused_until != o->pause.until ||
           (o->has_reason && !span_equal(span_of(before->paused_words), o->pause.words));
}

/* The pause that does not hold any more. */
static void put_replaced(json_t *answer, const struct domain_row *before)
{
    json_t *replaced;

    if (before->paused_until == 0)
        return;
    replaced = json_object();
    answer_take(answer, "replaced", replaced);
    answer_moment(replaced, "since", before->paused_at);
    if (before->paused_until != DOMAIN_PAUSED_FOR_GOOD)
        answer_moment(replaced, "until", before->paused_until);
    answer_string(replaced, "text", before->paused_words);
}

static bool set_domain(struct db *db, const struct request *request, struct order *o,
                       json_t **ret_answer, struct error *err)
{
    struct domain_row before;
    bool changed;

    if (!read_order(request, o, err) || !read_before(db, o, &before, err))
        return false;
    changed = is_new(o, &before);
    if ((changed || !o->is_paused) && !domain_pause(db, &o->pause, err))
        return false;
    *ret_answer = json_object();
    answer_text(*ret_answer, "domain", o->pause.name);
    answer_flag(*ret_answer, "paused", o->is_paused);
    if (o->pause.until != DOMAIN_PAUSED_FOR_GOOD)
        answer_moment(*ret_answer, "until", o->pause.until);
    answer_flag(*ret_answer, "changed", changed);
    if (changed)
        put_replaced(*ret_answer, &before);
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
