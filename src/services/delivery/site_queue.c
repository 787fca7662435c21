/*
 * Sites: who of those that wait there goes next, and over which connection. Streams by rank,
 * within a stream the lanes take turns, so that no domain and no stream of many holds up one of
 * few. The first connection is a probe with a single mail: more follow when a host is there.
 */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "domain/mx_plan.h"
#include "io/loop.h"
#include "services/delivery/channel.h"
#include "services/delivery/claim.h"
#include "services/delivery/destination_internal.h"
#include "services/delivery/dispatch_internal.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/host_memory.h"
#include "services/delivery/lane_queue_internal.h"
#include "services/delivery/outcome_policy.h"
#include "services/delivery/retry_schedule.h"
#include "services/delivery/sender.h"
#include "services/delivery/site_pace.h"
#include "services/delivery/site_queue_internal.h"

static bool same_key(const struct table_node *node, const void *key)
{
    const struct span *wanted = key;

    return span_equal(span_of(CONTAINER_OF(node, const struct site_queue, by_key)->key), *wanted);
}

static void on_pause_over(void *owner)
{
    struct site_queue *site = owner;

    site_touch(site);
    engine_settle(site->engine);
}

struct site_queue *site_find(struct delivery_engine *e, struct span key)
{
    struct table_node *node = table_find(&e->by_key, table_hash(key), same_key, &key);

    return node == NULL ? NULL : CONTAINER_OF(node, struct site_queue, by_key);
}

struct site_queue *site_get(struct delivery_engine *e, const struct mx_plan *plan)
{
    struct site_queue *site = site_find(e, span_of(plan->site_key));
    const struct provider *provider;

    if (site != NULL)
        return site;
    site = NEW(struct site_queue);
    site->engine = e;
    site->key = alloc_text(plan->site_key);
    list_init(&site->link);
    list_init(&site->destinations);
    list_init(&site->urged);
    list_init(&site->berths);
    claim_share_init(&site->share);
    list_init(&site->touched_link);
    list_init(&site->crowded_link);
    timer_init(&site->pause, e->loop, on_pause_over, site);
    provider = provider_table_find(&e->providers, span_of(plan->targets[0].host));
    site->limits.by[LIMIT_SHIPPED] = provider != NULL ? &provider->limits : NULL;
    site->limits.by[LIMIT_OF_SETTING] = &e->setting;
    for (int stream = 0; stream < STREAMS; stream++)
        list_init(&site->ready[stream]);
    table_put(&e->by_key, &site->by_key, table_hash(span_of(site->key)));
    list_append(&e->sites, &site->link);
    e->site_n++;
    site_ask(site);
    return site;
}

static void each_lane(struct destination *to, void (*act)(struct lane_queue *lane))
{
    LIST_EACH (&to->lanes, link)
        act(CONTAINER_OF(link, struct lane_queue, link));
}

/* Each domain brings a little: a hundred thousand domains of one site would fill the memory. What
 * is left off is read again in its turn. */
static void leave_off(struct lane_queue *lane)
{
    if (lane->stream == STREAM_URGENT || lane->ready_n == 0 || !claim_share_is_over(lane))
        return;
    lane_forget_ready(lane);
    lane_plan(lane);
}

void site_join(struct site_queue *site, struct destination *to)
{
    each_lane(to, claim_share_leave);
    to->site = site;
    each_lane(to, claim_share_join);
    each_lane(to, leave_off);
    list_append(&site->destinations, &to->site_link);
}

void site_leave(struct destination *to)
{
    struct site_queue *site = to->site;

    if (site == NULL)
        return;
    LIST_EACH (&to->lanes, link) {
        struct lane_queue *lane = CONTAINER_OF(link, struct lane_queue, link);

        list_remove(&lane->site_link);
        list_remove(&lane->urged_link);
        lane->is_sited = false;
    }
    list_remove(&to->site_link);
    each_lane(to, claim_share_leave);
    to->site = NULL;
    each_lane(to, claim_share_join);
    site_touch(site); /* it may be of no more use */
}

static void replan(struct lane_queue *lane)
{
    if (lane_wakes(lane) != 0)
        lane_forget_ready(lane); /* room for those that may go */
    lane_plan(lane);
}

void site_replan(struct site_queue *site)
{
    LIST_EACH (&site->destinations, link)
        each_lane(CONTAINER_OF(link, struct destination, site_link), replan);
}

void site_touch(struct site_queue *site)
{
    if (list_empty(&site->touched_link))
        list_append(&site->engine->touched, &site->touched_link);
}

void site_lane_ready(struct lane_queue *lane)
{
    struct site_queue *site = lane->destination->site;

    if (lane->ready_n == 0)
        list_remove(&lane->site_link);
    else if (site != NULL && list_empty(&lane->site_link))
        list_append(&site->ready[lane->stream], &lane->site_link);
    if (lane->urged_n == 0)
        list_remove(&lane->urged_link);
    else if (site != NULL && list_empty(&lane->urged_link))
        list_append(&site->urged, &lane->urged_link);
    if (site == NULL)
        return;
    site_touch(site);
    lane_note_site(lane);
}

struct site_limit site_binding(const struct site_queue *site, enum site_limit_kind kind)
{
    return site_limits_binding(&site->limits, kind, loop_now_ms(site->engine->loop));
}

/* The site is served again after `ms`, or earlier when something else asks for that. */
static void pause_for(struct site_queue *site, int64_t ms)
{
    int64_t now = loop_monotonic_ms(site->engine->loop);

    ms = ms > WAIT_MOST_MS ? WAIT_MOST_MS : ms;
    if (timer_running(&site->pause) && site->pause_end <= now + ms)
        return;
    site->pause_end = now + ms;
    timer_start(&site->pause, ms);
}

bool site_may_go(struct site_queue *site, struct pace_allowance *allowance,
                 enum site_limit_kind kind)
{
    int64_t wait =
        pace_wait(allowance, site_binding(site, kind).value, loop_monotonic_ms(site->engine->loop));

    if (wait > 0)
        pause_for(site, wait);
    return wait == 0;
}

/* ---- handing out ---- */

/* One with an order by hand; NULL if there is none, or its stream is stopped. */
static struct lane_queue *urged_lane(const struct site_queue *site, int64_t now)
{
    LIST_EACH (&site->urged, link) {
        struct lane_queue *lane = CONTAINER_OF(link, struct lane_queue, urged_link);

        if (site->stopped_until[lane->stream] <= now)
            return lane;
    }
    return NULL;
}

static struct lane_queue *next_lane(struct site_queue *site)
{
    int64_t now = loop_now_ms(site->engine->loop);
    struct lane_queue *urged = urged_lane(site, now);

    if (urged != NULL)
        return urged;
    for (int stream = 0; stream < STREAMS; stream++) {
        int64_t stopped = site->stopped_until[stream] - now;

        if (stopped > 0 && !list_empty(&site->ready[stream]))
            pause_for(site, stopped);
        if (stopped <= 0 && !list_empty(&site->ready[stream]))
            return CONTAINER_OF(list_first(&site->ready[stream]), struct lane_queue, site_link);
    }
    return NULL;
}

static void carry(struct site_berth *berth, struct lane_queue *lane)
{
    struct claim *claim;

    list_remove(&lane->site_link); /* to the end of its stream's turns */
    list_append(&berth->site->ready[lane->stream], &lane->site_link);
    claim = lane_hand_out(lane);
    claim->is_answered = false;
    claim->request = (struct site_request){ .signal = SIGNAL_NONE };
    claim_put_words(claim, NULL);
    claim->nth = 0;
    site_berth_load(berth, claim);
}

void site_serve(struct site_queue *site)
{
    struct delivery_engine *e = site->engine;
    struct lane_queue *lane;

    if (e->is_stopping || timer_running(&e->rest))
        return;
    if (!site->is_known)
        site_ask(site);
    if (!site->is_known || site->is_paused)
        return;
    site_raise_limits(site);
    site_berths_shed(site);
    while ((lane = next_lane(site)) != NULL && site_may_go(site, &site->pace.mails, LIMIT_MAILS)) {
        struct site_berth *berth = site_berth_choose(site, lane);

        if (berth == NULL)
            return;
        pace_take(&site->pace.mails);
        carry(berth, lane);
    }
}

void site_claim_back(struct claim *claim)
{
    struct site_berth *berth = claim->berth;
    struct site_queue *site = berth->site;
    struct lane_queue *lane = claim->lane;
    struct delivery_engine *e = site->engine;

    if (claim->ending == CLAIM_SETTLED)
        site_berth_waits(berth, false);
    site_berth_unload(claim);
    if (claim->ending == CLAIM_REFUSED)
        engine_rest(e);
    site_hear(site, claim);
    if (claim->ending == CLAIM_SETTLED)
        lane_settle(lane, claim);
    else
        lane_put_back(lane, claim);
    site_touch(site);
    if (berth->has_ended && berth->out_n == 0)
        site_berth_free(berth);
    if (lane_is_idle(lane))
        destination_look_idle(lane->destination);
}

/* ---- what channels tell ---- */

static void on_reached(struct site_queue *site)
{
    bool was_failing = site->failures > 0;

    if (!site->is_reached)
        site_pace_start(&site->pace);
    site->is_reached = true;
    site->failures = 0;
    site->asleep_until = 0;
    if (!was_failing)
        return;
    log_info("site-up", log_text("site", site->key));
    LIST_EACH (&site->destinations, link) {
        struct destination *to = CONTAINER_OF(link, struct destination, site_link);

        if (to->is_noted)
            dispatch_note(to, 0, 0, NULL);
        to->failures = 0;
    }
}

static void sleep_over_failure(struct site_queue *site, const struct outcome *outcome)
{
    struct delivery_engine *e = site->engine;

    site->is_reached = false;
    site->failures++;
    site->asleep_until = retry_site_due(site->failures, loop_now_ms(e->loop), &e->chance);
    log_info("site-down", log_text("site", site->key), log_number("failures", site->failures),
             log_text("stage", outcome->stage), log_text("text", outcome->text));
    LIST_EACH (&site->destinations, link) {
        struct destination *to = CONTAINER_OF(link, struct destination, site_link);

        dispatch_note(to, site->failures, site->asleep_until, outcome->text);
        destination_rest(to);
    }
}

/* With others still open it is this one connection the site does not want. */
static void on_ended(struct site_berth *berth, const struct sender_report *report)
{
    struct site_queue *site = berth->site;

    site_berth_end(berth);
    if (report->unreachable && outcome_breaks_session(&report->outcome) &&
        site_sets_aside(site, report->delivery))
        return;
    if (report->unreachable && site->berth_n > 0 && site->is_reached)
        site_crowded(site);
    else if (report->unreachable)
        sleep_over_failure(site, &report->outcome);
}

static const char *const trouble_names[HOST_TROUBLES] = {
    [HOST_DOWN] = "down",
    [HOST_TLS_BROKEN] = "tls-broken",
    [HOST_CHUNKING_BROKEN] = "chunking-broken",
    [HOST_GROUPS_BROKEN] = "groups-broken",
};

static void on_well(const struct site_queue *site, const struct sender_report *report)
{
    if (host_memory_note_well(site->engine->hosts, &report->ip))
        dispatch_host_well(site, &report->ip, trouble_names[HOST_DOWN]);
}

static void on_trouble(const struct site_queue *site, const struct sender_report *report)
{
    struct delivery_engine *e = site->engine;
    int64_t ms = host_memory_note(e->hosts, &report->ip, report->trouble,
                                  loop_monotonic_ms(e->loop), &e->chance);
    CLEANUP(buf_fini) struct buf ip;

    buf_init(&ip, 64);
    ip_put(&ip, &report->ip);
    log_info("host-trouble", log_text("site", site->key), log_text("ip", buf_text(&ip)),
             log_text("trouble", trouble_names[report->trouble]), log_number("seconds", ms / 1000),
             log_text("text", report->outcome.text));
    dispatch_host_trouble(site, &report->ip, trouble_names[report->trouble], ms,
                          report->outcome.text);
}

void site_report(const struct sender_report *report)
{
    struct site_berth *berth = report->owner;
    struct site_queue *site = berth->site;

    switch (report->what) {
    case CHANNEL_REACHED:
        on_reached(site);
        site_told(site, report->mails_told);
        break;
    case CHANNEL_WAITS:
        site_berth_waits(berth, true);
        break;
    case CHANNEL_TOLD:
        site_berth_told(berth);
        break;
    case CHANNEL_ENDED:
        on_ended(berth, report);
        break;
    case HOST_TROUBLED:
        on_trouble(site, report);
        break;
    case HOST_WELL:
        on_well(site, report);
        break;
    case SENDER_STOPPED:
        break;
    }
    if (berth->has_ended && berth->out_n == 0)
        site_berth_free(berth);
    site_touch(site);
}

/* ---- the end ---- */

/* The store knows all that is to be remembered of it, but that it sleeps. */
static bool is_remembered(const struct site_queue *site)
{
    return site->asleep_until > loop_now_ms(site->engine->loop);
}

void site_look_idle(struct site_queue *site)
{
    if (list_empty(&site->destinations) && site->berth_n == 0 && site->ended_n == 0 &&
        !is_remembered(site) && !site->is_reading)
        site_free(site);
}

void site_free(struct site_queue *site)
{
    struct delivery_engine *e = site->engine;

    while (!list_empty(&site->berths)) { /* of an engine that has stopped */
        struct site_berth *berth = CONTAINER_OF(list_first(&site->berths), struct site_berth, link);

        site_berth_end(berth);
        site_berth_free(berth);
    }
    list_remove(&site->touched_link);
    list_remove(&site->crowded_link);
    timer_stop(&site->pause);
    for (int origin = 0; origin < LIMIT_ORIGINS; origin++)
        alloc_free(site->own[origin]);
    table_remove(&e->by_key, &site->by_key);
    list_remove(&site->link);
    e->site_n--;
    alloc_free(site->key);
    alloc_free(site);
}
