/*
 * Berths: the connections of a site, how many there may be, and which one a mail takes.
 */
#include "base/alloc.h"
#include "domain/mx_plan.h"
#include "io/loop.h"
#include "services/delivery/channel.h"
#include "services/delivery/claim.h"
#include "services/delivery/destination_internal.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/host_order.h"
#include "services/delivery/lane_queue_internal.h"
#include "services/delivery/site_pace.h"
#include "services/delivery/site_queue_internal.h"

enum {
    CHANNEL_DEPTH = 3,   /* claims a channel has: one is sent, others are composed or recorded; */
    DEPTH_OF_MANY = 2,   /* so many when there are */
    MANY_CHANNELS = 500, /* more channels than that, for each claim has a letter in memory */
};

/* Always from the same address to the same site: greylisting knows us by it. */
static struct ip source_for(const struct site_queue *site, int version)
{
    const struct delivery_engine *e = site->engine;
    struct ip fit[SOURCES_MOST];
    size_t n = 0;

    for (size_t i = 0; i < e->source_n; i++)
        if (e->sources[i].version == version)
            fit[n++] = e->sources[i];
    if (n == 0)
        return (struct ip){ 0 };
    return fit[site->by_key.hash % n];
}

static struct sender *next_sender(struct delivery_engine *e)
{
    e->next_sender = (e->next_sender + 1) % e->options.senders;
    return e->senders[e->next_sender];
}

/* Connections that all wait for a final dot's reply starve the site, and such a wait is not cut
 * short: there is one more, where nobody but ourselves has said how many there may be. */
static size_t limit_of(const struct site_queue *site)
{
    const struct site_limit most = site_binding(site, LIMIT_CONNECTIONS);
    bool is_ours = most.origin == LIMIT_LEARNED || most.origin == LIMIT_OF_SETTING;
    size_t limit;

    if (!site->is_reached)
        return 1;
    limit = (size_t)site_pace_window(&site->pace, most.value);
    return limit + (is_ours && site->waiting_n >= limit ? 1 : 0);
}

/* What mail to any domain of the site wants of a session. */
static struct session_key key_of(const struct site_queue *site)
{
    return (struct session_key){ .hosts = site->key,
                                 .source_v4 = source_for(site, 4),
                                 .source_v6 = source_for(site, 6),
                                 .tls = SESSION_TLS_OFFERED,
                                 .identity = "" };
}

static struct site_berth *berth_new(struct site_queue *site, const struct mx_plan *plan)
{
    const struct session_key key = key_of(site);
    struct delivery_engine *e = site->engine;
    struct site_berth *berth = NEW(struct site_berth);
    struct channel_options options = { .sender = next_sender(e),
                                       .source_v4 = key.source_v4,
                                       .source_v6 = key.source_v6,
                                       .mails_most =
                                           site_binding(site, LIMIT_CONNECTION_MAILS).value,
                                       .ms_most = site_binding(site, LIMIT_CONNECTION_MS).value,
                                       .idle_ms = site_binding(site, LIMIT_IDLE_MS).value,
                                       .owner = berth };

    berth->site = site;
    berth->key = key;
    host_order_make(plan, e->hosts, loop_monotonic_ms(e->loop), &e->chance, &options.hosts);
    berth->channel = channel_new(&options);
    list_init(&berth->link);
    list_init(&berth->idle_link);
    list_append(&site->berths, &berth->link);
    if (site->berth_n++ == 0)
        e->busy_site_n++;
    e->connection_n++;
    return berth;
}

void site_berth_free(struct site_berth *berth)
{
    berth->site->ended_n--;
    list_remove(&berth->link);
    list_remove(&berth->idle_link);
    channel_free(berth->channel);
    alloc_free(berth);
}

/* Whether mail that is not urgent may have one more connection, new or idle. */
static bool may_load_another(const struct site_queue *site)
{
    size_t limit = limit_of(site);

    return site->later_berth_n < (limit > 1 ? limit - 1 : 1);
}

/* One connection is kept for what is urgent: all others may wait for a final dot's reply. */
static bool is_kept(const struct site_berth *berth, enum stream_id stream)
{
    return stream != STREAM_URGENT && berth->later_n == 0 && !may_load_another(berth->site);
}

static size_t depth_of(const struct delivery_engine *e)
{
    return e->connection_n > MANY_CHANNELS ? DEPTH_OF_MANY : CHANNEL_DEPTH;
}

/* The one with the least to do that may take more. */
static struct site_berth *least_loaded(const struct site_queue *site, enum stream_id stream)
{
    const struct session_key wanted = key_of(site);
    size_t depth = site->is_reached ? depth_of(site->engine) : 1;
    struct site_berth *least = NULL;

    LIST_EACH (&site->berths, link) {
        struct site_berth *berth = CONTAINER_OF(link, struct site_berth, link);

        if (berth->is_leaving || berth->is_waiting || berth->out_n >= depth ||
            is_kept(berth, stream) || !session_key_serves(&berth->key, &wanted))
            continue;
        if (least == NULL || berth->out_n < least->out_n)
            least = berth;
        if (least->out_n == 0)
            break;
    }
    return least;
}

static void dismiss(struct site_berth *berth)
{
    berth->is_leaving = true;
    berth->out_n++; /* until it has been told */
    list_remove(&berth->idle_link);
    channel_quit(berth->channel);
}

/* The limit has become less than what is open. */
void site_berths_shed(struct site_queue *site)
{
    size_t limit = limit_of(site);
    size_t kept = 0;

    if (site->berth_n <= limit)
        return;
    LIST_EACH (&site->berths, link) {
        struct site_berth *berth = CONTAINER_OF(link, struct site_berth, link);

        if (berth->is_leaving)
            continue;
        if (kept < limit)
            kept++;
        else
            dismiss(berth);
    }
}

/* All connections are taken: one that idles elsewhere makes room. */
static void make_room(struct delivery_engine *e)
{
    if (!list_empty(&e->idle))
        dismiss(CONTAINER_OF(list_first(&e->idle), struct site_berth, idle_link));
}

/* When few connections are left, sites that have their share of them open no more. */
static bool has_its_share(const struct site_queue *site)
{
    const struct delivery_engine *e = site->engine;
    size_t most = (size_t)e->options.settings->connections;

    return e->connection_n >= most - most / 8 && site->berth_n > 0 &&
           site->berth_n >= most / (e->busy_site_n + 1);
}

/* A new connection, if there may be one now; the site is touched when it may later. */
static struct site_berth *open_berth(struct site_queue *site, const struct lane_queue *lane)
{
    struct delivery_engine *e = site->engine;
    struct destination *to = lane->destination;

    if (site->berth_n >= limit_of(site) || has_its_share(site))
        return NULL;
    if (lane->stream != STREAM_URGENT && !may_load_another(site))
        return NULL;
    if (!site_may_go(site, &site->pace.connections, LIMIT_NEW_CONNECTIONS))
        return NULL;
    if (!destination_has_plan(to) || to->plan->finding.verdict != MX_TRY) {
        destination_serve(to);
        return NULL;
    }
    if (e->connection_n >= (size_t)e->options.settings->connections) {
        if (list_empty(&site->crowded_link))
            list_append(&e->crowded, &site->crowded_link);
        make_room(e);
        return NULL;
    }
    pace_take(&site->pace.connections);
    return berth_new(site, to->plan);
}

/* What is urgent does not queue behind others while one more connection may be made. */
struct site_berth *site_berth_choose(struct site_queue *site, const struct lane_queue *lane)
{
    struct site_berth *least = least_loaded(site, lane->stream);
    struct site_berth *another;

    if (least != NULL && (least->out_n == 0 || lane->stream != STREAM_URGENT))
        return least;
    another = open_berth(site, lane);
    return another != NULL ? another : least;
}

void site_berth_load(struct site_berth *berth, struct claim *claim)
{
    claim->berth = berth;
    berth->out_n++;
    list_remove(&berth->idle_link);
    if (claim->lane->stream != STREAM_URGENT && berth->later_n++ == 0)
        berth->site->later_berth_n++;
    channel_carry(berth->channel, claim);
}

void site_berth_unload(struct claim *claim)
{
    struct site_berth *berth = claim->berth;

    claim->berth = NULL;
    if (claim->lane->stream != STREAM_URGENT && --berth->later_n == 0)
        berth->site->later_berth_n--;
    site_berth_told(berth);
}

void site_berth_told(struct site_berth *berth)
{
    if (--berth->out_n == 0 && !berth->has_ended && !berth->is_leaving)
        list_append(&berth->site->engine->idle, &berth->idle_link);
}

static void recall(struct site_berth *berth)
{
    berth->out_n++; /* until it has been told */
    channel_recall(berth->channel);
}

void site_berth_waits(struct site_berth *berth, bool is_waiting)
{
    if (berth->is_waiting == is_waiting || berth->has_ended)
        return;
    berth->is_waiting = is_waiting;
    if (!is_waiting) {
        berth->site->waiting_n--;
        return;
    }
    berth->site->waiting_n++;
    recall(berth); /* what stands behind the mail need not wait with it */
}

void site_berths_recall(struct site_queue *site)
{
    LIST_EACH (&site->berths, link) {
        struct site_berth *berth = CONTAINER_OF(link, struct site_berth, link);

        if (berth->out_n > 0)
            recall(berth);
    }
}

void site_berth_end(struct site_berth *berth)
{
    struct site_queue *site = berth->site;

    site_berth_waits(berth, false);
    berth->has_ended = true;
    list_remove(&berth->link);
    list_remove(&berth->idle_link);
    if (--site->berth_n == 0)
        site->engine->busy_site_n--;
    site->ended_n++;
    site->engine->connection_n--;
}
