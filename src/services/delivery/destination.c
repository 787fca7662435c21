/*
 * Recipient domains: their plan of hosts, as the DNS has it, and what follows when there is none.
 * A domain that cannot get mail fails all its mail; one whose DNS does not answer costs one try and
 * sleeps (RFC 5321 section 5.1).
 */
#include <assert.h>

#include "base/alloc.h"
#include "domain/mx_plan.h"
#include "domain/staging.h"
#include "io/loop.h"
#include "net/mx_lookup.h"
#include "services/delivery/destination_internal.h"
#include "services/delivery/dispatch_internal.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/lane_queue_internal.h"
#include "services/delivery/retry_schedule.h"
#include "services/delivery/site_queue_internal.h"
#include "store/lane.h"

enum {
    ABSENCE_AGAIN_MS = 5 * 60000,    /* until the second look */
    ABSENCE_KNOWN_MS = 60 * 60000,   /* after which there is a second look again */
    ABSENCES_MANY = 20,              /* mails that may fail for a single look, */
    ABSENCES_WITHIN_MS = 10 * 60000, /* in so long */
};

/* For how long connections are made by one plan; the lookup itself keeps it as long as the DNS
 * allows. */
enum { PLAN_KEPT_MS = 30000 };

struct destination_lookup {
    struct mx_query query;
    struct destination *to;
};

static bool same_name(const struct table_node *node, const void *key)
{
    const struct span *name = key;

    return span_equal(span_of(CONTAINER_OF(node, const struct destination, by_name)->name), *name);
}

struct destination *destination_find(const struct delivery_engine *e, struct span name)
{
    struct table_node *node = table_find(&e->by_name, table_hash(name), same_name, &name);

    return node != NULL ? CONTAINER_OF(node, struct destination, by_name) : NULL;
}

struct destination *destination_get(struct delivery_engine *e, struct span name)
{
    struct destination *to = destination_find(e, name);

    if (to != NULL)
        return to;
    to = NEW(struct destination);
    to->engine = e;
    to->name = alloc_zeroed(name.n + 1);
    span_copy(name, to->name, name.n + 1);
    list_init(&to->link);
    list_init(&to->site_link);
    list_init(&to->lanes);
    table_put(&e->by_name, &to->by_name, table_hash(name));
    list_append(&e->destinations, &to->link);
    return to;
}

/* ---- sleep ---- */

int64_t destination_wakes(const struct destination *to)
{
    int64_t now = loop_now_ms(to->engine->loop);
    int64_t until = to->asleep_until;

    if (to->site != NULL && to->site->asleep_until > until)
        until = to->site->asleep_until;
    if (to->paused_until > until)
        until = to->paused_until;
    return until > now ? until : 0;
}

void destination_rest(struct destination *to)
{
    LIST_EACH (&to->lanes, link) {
        struct lane_queue *lane = CONTAINER_OF(link, struct lane_queue, link);

        lane_forget_ready(lane);
        lane_plan(lane);
    }
}

/* What failed before is not forgotten: failing again it sleeps longer. */
void destination_rouse(struct destination *to)
{
    if (destination_wakes(to) == 0)
        return;
    to->asleep_until = 0;
    if (to->site == NULL) {
        destination_rest(to);
        return;
    }
    to->site->asleep_until = 0;
    LIST_EACH (&to->site->destinations, link) {
        destination_rest(CONTAINER_OF(link, struct destination, site_link));
    }
}

static bool is_stopped(const struct destination *to)
{
    for (int stream = 0; stream < STREAMS; stream++)
        if (to->stopped_until[stream] > loop_now_ms(to->engine->loop))
            return true;
    return false;
}

void destination_pause(struct delivery_engine *e, struct span name, int64_t until)
{
    struct destination *to = destination_get(e, name);

    to->paused_until = until;
    for (int stream = 0; until == 0 && stream < STREAMS; stream++)
        to->stopped_until[stream] = 0;
    destination_rest(to);
    if (until != 0 && to->site != NULL)
        site_berths_recall(to->site);
}

/* The answer, when it comes, finds whatever is ready. */
void destination_recheck(struct delivery_engine *e, struct span name)
{
    struct destination *to = destination_get(e, name);

    mx_lookup_forget(e->lookup, staging_domain(e->options.settings, to->name));
    to->plan_until = 0;
    destination_rouse(to);
    destination_ask(to);
}

/* ---- what is ready ---- */

static struct lane_queue *first_ready(const struct destination *to)
{
    LIST_EACH (&to->lanes, link) {
        struct lane_queue *lane = CONTAINER_OF(link, struct lane_queue, link);

        if (lane->ready_n > 0)
            return lane;
    }
    return NULL;
}

static void forget_plan(struct destination *to)
{
    if (to->plan == NULL)
        return;
    mx_plan_fini(to->plan);
    alloc_free(to->plan);
    to->plan = NULL;
}

/* The answer holds for all that waits. */
static void fail_all(struct destination *to)
{
    struct lane_queue *lane;

    while ((lane = first_ready(to)) != NULL)
        dispatch_lookup_failed(lane_hand_out(lane), &to->plan->finding);
}

/* ---- a domain of which the DNS has nothing ---- */

static size_t count_ready(const struct destination *to)
{
    size_t n = 0;

    LIST_EACH (&to->lanes, link)
        n += CONTAINER_OF(link, struct lane_queue, link)->ready_n;
    return n;
}

static bool is_known_absent(const struct destination *to)
{
    return to->absent_since != 0 &&
           loop_monotonic_ms(to->engine->loop) - to->absent_since < ABSENCE_KNOWN_MS;
}

/* A resolver that is broken may find nothing of any domain: a few mails fail for what it says once,
 * before many do it is asked a second time, minutes later. */
static bool needs_second_look(struct destination *to)
{
    struct delivery_engine *e = to->engine;
    int64_t now = loop_monotonic_ms(e->loop);

    if (!to->plan->finding.is_absence)
        return false;
    if (is_known_absent(to))
        return now - to->absent_since < ABSENCE_AGAIN_MS;
    to->absent_since = 0;
    if (now - e->absences_since >= ABSENCES_WITHIN_MS) {
        e->absences_since = now;
        e->absence_n = 0;
    }
    if (e->absence_n + count_ready(to) > ABSENCES_MANY)
        return true;
    e->absence_n += count_ready(to);
    return false;
}

/* Nothing is tried, and nothing told but that the domain waits. */
static void sleep_until_second_look(struct destination *to)
{
    struct delivery_engine *e = to->engine;
    int64_t now = loop_monotonic_ms(e->loop);

    if (to->absent_since == 0)
        to->absent_since = now;
    to->failures = to->failures > 0 ? to->failures : 1;
    to->asleep_until = loop_now_ms(e->loop) + to->absent_since + ABSENCE_AGAIN_MS - now;
    dispatch_note(to, to->failures, to->asleep_until, to->plan->finding.text);
    mx_lookup_forget(e->lookup, staging_domain(e->options.settings, to->name));
    destination_rest(to);
    forget_plan(to);
}

static void fail_or_look_again(struct destination *to)
{
    if (needs_second_look(to))
        sleep_until_second_look(to);
    else
        fail_all(to);
}

/* One mail tells that it was tried; the others wait until the DNS is asked again. */
static void sleep_over_failure(struct destination *to)
{
    struct delivery_engine *e = to->engine;
    struct lane_queue *lane = first_ready(to);

    to->failures++;
    to->asleep_until = retry_site_due(to->failures, loop_now_ms(e->loop), &e->chance);
    dispatch_note(to, to->failures, to->asleep_until, to->plan->finding.text);
    if (lane != NULL)
        dispatch_lookup_failed(lane_hand_out(lane), &to->plan->finding);
    destination_rest(to);
    forget_plan(to);
}

static void wake(struct destination *to)
{
    to->absent_since = 0;
    if (to->failures == 0)
        return;
    to->failures = 0;
    to->asleep_until = 0;
    dispatch_note(to, 0, 0, NULL);
}

static void go_to_site(struct destination *to)
{
    struct site_queue *site = site_get(to->engine, to->plan);

    wake(to);
    if (to->site != site) {
        site_leave(to);
        site_join(site, to);
    }
    if (destination_wakes(to) != 0) {
        destination_rest(to);
        return;
    }
    LIST_EACH (&to->lanes, link)
        site_lane_ready(CONTAINER_OF(link, struct lane_queue, link));
    site_touch(site);
}

static void use_plan(struct destination *to)
{
    switch (to->plan->finding.verdict) {
    case MX_TRY:
        go_to_site(to);
        break;
    case MX_FAILED:
        fail_or_look_again(to);
        break;
    case MX_DEFERRED:
        sleep_over_failure(to);
        break;
    }
}

/* ---- the lookup ---- */

static void on_plan(void *owner, struct mx_plan *plan)
{
    struct destination_lookup *lookup = owner;
    struct destination *to = lookup->to;
    struct delivery_engine *e = to->engine;

    to->lookup = NULL;
    alloc_free(lookup);
    forget_plan(to);
    to->plan = NEW(struct mx_plan);
    *to->plan = *plan;
    to->plan_until = loop_monotonic_ms(e->loop) + PLAN_KEPT_MS;
    use_plan(to);
    engine_settle(e);
}

void destination_ask(struct destination *to)
{
    struct destination_lookup *lookup;

    if (to->lookup != NULL || to->engine->is_stopping)
        return;
    lookup = NEW(struct destination_lookup);
    lookup->to = to;
    lookup->query = (struct mx_query){ .done = on_plan, .owner = lookup };
    to->lookup = lookup;
    mx_lookup_ask(to->engine->lookup, staging_domain(to->engine->options.settings, to->name),
                  &lookup->query);
}

bool destination_has_plan(const struct destination *to)
{
    return to->plan != NULL && loop_monotonic_ms(to->engine->loop) < to->plan_until;
}

void destination_serve(struct destination *to)
{
    if (destination_wakes(to) != 0)
        destination_rest(to);
    else if (destination_has_plan(to))
        use_plan(to);
    else
        destination_ask(to);
}

/* ---- the end ---- */

static bool is_idle(const struct destination *to)
{
    if (to->lookup != NULL || destination_wakes(to) != 0 || is_stopped(to) || is_known_absent(to))
        return false;
    LIST_EACH (&to->lanes, link)
        if (!lane_is_idle(CONTAINER_OF(link, struct lane_queue, link)))
            return false;
    return true;
}

void destination_look_idle(struct destination *to)
{
    if (is_idle(to))
        destination_free(to);
}

void destination_free(struct destination *to)
{
    struct delivery_engine *e = to->engine;

    site_leave(to);
    while (!list_empty(&to->lanes))
        lane_free(CONTAINER_OF(list_first(&to->lanes), struct lane_queue, link));
    if (to->lookup != NULL) {
        mx_lookup_cancel(&to->lookup->query);
        alloc_free(to->lookup);
    }
    forget_plan(to);
    table_remove(&e->by_name, &to->by_name);
    list_remove(&to->link);
    alloc_free(to->name);
    alloc_free(to);
}
