/*
 * What the engine's threads have counted, and how the dispatcher's own world stands.
 */
#include "io/loop.h"
#include "net/mx_lookup.h"
#include "services/delivery/destination_internal.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/sender.h"
#include "services/delivery/site_queue_internal.h"

void engine_figures_note(struct delivery_engine *e)
{
    figure_set(&e->figures, FIGURE_CLAIMS, (int64_t)e->by_delivery.n);
    figure_set(&e->figures, FIGURE_LOOKUPS, (int64_t)mx_lookup_in_flight(e->lookup));
    figure_set(&e->figures, FIGURE_LOOKUPS_WAITING, (int64_t)mx_lookup_waiting(e->lookup));
}

static void note_domains(struct delivery_engine *e, int64_t now)
{
    int64_t lanes = 0;
    int64_t domains = 0;
    int64_t asleep = 0;

    LIST_EACH (&e->destinations, link) {
        const struct destination *to = CONTAINER_OF(link, struct destination, link);

        domains++;
        LIST_EACH (&to->lanes, lane)
            lanes++;
        asleep += to->asleep_until > now;
    }
    figure_set(&e->figures, FIGURE_LANES, lanes);
    figure_set(&e->figures, FIGURE_DOMAINS, domains);
    figure_set(&e->figures, FIGURE_DOMAINS_ASLEEP, asleep);
}

static bool is_blocked(const struct site_queue *site, int64_t now)
{
    for (int stream = 0; stream < STREAMS; stream++)
        if (site->stopped_until[stream] > now)
            return true;
    return false;
}

static void note_sites(struct delivery_engine *e, int64_t now)
{
    int64_t sites = 0;
    int64_t asleep = 0;
    int64_t paused = 0;
    int64_t blocked = 0;

    LIST_EACH (&e->sites, link) {
        const struct site_queue *site = CONTAINER_OF(link, struct site_queue, link);

        sites++;
        asleep += site->asleep_until > now;
        paused += site->is_paused;
        blocked += is_blocked(site, now);
    }
    figure_set(&e->figures, FIGURE_SITES, sites);
    figure_set(&e->figures, FIGURE_SITES_ASLEEP, asleep);
    figure_set(&e->figures, FIGURE_SITES_PAUSED, paused);
    figure_set(&e->figures, FIGURE_SITES_BLOCKED, blocked);
}

void engine_figures_walk(struct delivery_engine *e)
{
    int64_t now = loop_now_ms(e->loop);

    note_domains(e, now);
    note_sites(e, now);
}

void delivery_engine_figures(const struct delivery_engine *e, struct figure_sums *sums)
{
    figure_sums_add(sums, &e->figures);
    for (size_t i = 0; i < e->options.senders; i++)
        sender_figures(e->senders[i], sums);
}
