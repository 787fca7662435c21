/*
 * What the store knows of sites: read when one is first met, and again when it was changed by hand.
 * What the engine writes itself it knows already.
 */
#include "base/alloc.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/worker.h"
#include "services/delivery/dispatch_internal.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/site_queue_internal.h"
#include "store/site.h"

struct facts_read {
    struct work work;
    struct site_queue *site;
    char key[MX_SITE_KEY_MOST + 1];
    struct site_facts facts;
    bool ok;
    struct error error;
};

static void run_read(struct work *work, void *state)
{
    struct facts_read *read = CONTAINER_OF(work, struct facts_read, work);

    read->ok = site_read(state, span_of(read->key), &read->facts, &read->error);
}

void site_ask(struct site_queue *site)
{
    struct delivery_engine *e = site->engine;
    struct facts_read *read;

    if (site->is_reading || e->is_stopping)
        return;
    site->is_reading = true;
    read = NEW(struct facts_read);
    read->work = (struct work){ .run = run_read, .answers = e->facts };
    read->site = site;
    span_copy(span_of(site->key), read->key, sizeof read->key);
    e->reading_n++;
    worker_submit(e->readers, &read->work);
}

void site_changed(struct delivery_engine *e, struct span key)
{
    struct site_queue *site = site_find(e, key);

    if (site == NULL)
        return;
    site->is_stale = site->is_reading;
    site_ask(site);
}

struct limit_set *site_limits_of(struct site_queue *site, enum limit_origin origin)
{
    if (site->own[origin] == NULL) {
        site->own[origin] = NEW(struct limit_set);
        site->limits.by[origin] = site->own[origin];
    }
    return site->own[origin];
}

static bool says_anything(const struct limit_set *set)
{
    for (int kind = 0; kind < SITE_LIMIT_KINDS; kind++)
        if (set->of[kind].value != 0)
            return true;
    return false;
}

static void take_set(struct site_queue *site, enum limit_origin origin,
                     const struct site_facts *facts)
{
    if (site->own[origin] != NULL || says_anything(&facts->limits[origin]))
        *site_limits_of(site, origin) = facts->limits[origin];
}

/* What was learned is newer here than in the store, but for the first time. */
static void take_limits(struct site_queue *site, const struct site_facts *facts)
{
    take_set(site, LIMIT_OF_OPERATOR, facts);
    if (site->is_known)
        return;
    take_set(site, LIMIT_OF_SERVER, facts);
    take_set(site, LIMIT_LEARNED, facts);
}

static void take_facts(struct site_queue *site, const struct site_facts *facts)
{
    bool lets_less = facts->paused_at != 0 && !site->is_paused;

    take_limits(site, facts);
    site->is_paused = facts->paused_at != 0;
    for (int stream = 0; stream < STREAMS; stream++) {
        lets_less = lets_less || facts->stops[stream].until > site->stopped_until[stream];
        site->stopped_until[stream] = facts->stops[stream].until;
    }
    if (lets_less)
        site_berths_recall(site);
    timer_stop(&site->pause); /* it may have waited for what does not hold any more */
    if (!facts->is_known)
        dispatch_site_met(site);
    site->is_known = true;
    site_replan(site);
    site_touch(site);
}

static void on_read(struct facts_read *read)
{
    struct site_queue *site = read->site;
    struct delivery_engine *e = site->engine;

    e->reading_n--;
    site->is_reading = false;
    if (read->ok) {
        take_facts(site, &read->facts);
    } else {
        log_warning("site-unread", log_text("site", site->key),
                    log_text("error", read->error.text));
        engine_rest(e);
    }
    alloc_free(read);
    if (site->is_stale)
        site_ask(site);
    site_touch(site);
}

void site_facts_receive(void *owner, struct list *posted)
{
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        list_remove(item);
        on_read(CONTAINER_OF(CONTAINER_OF(item, struct work, link), struct facts_read, work));
    }
    engine_settle(owner);
}
