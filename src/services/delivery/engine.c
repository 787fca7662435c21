/*
 * The dispatcher's loop: what comes in (orders, news, reads, claims, reports, answers) and who
 * takes it; start and end. News are read in engine_news.c, what the store says at the start in
 * engine_rows.c.
 */
#include "services/delivery/engine.h"

#include <assert.h>

#include "base/alloc.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/worker.h"
#include "net/mx_lookup.h"
#include "services/delivery/claim.h"
#include "services/delivery/destination_internal.h"
#include "services/delivery/dispatch_internal.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/host_memory.h"
#include "services/delivery/lane_queue_internal.h"
#include "services/delivery/live_watch.h"
#include "services/delivery/sender.h"
#include "services/delivery/site_queue_internal.h"
#include "services/delivery/sweep.h"
#include "services/delivery/watchdog.h"
#include "store/reader.h"

enum { LOOKUPS_AT_A_TIME = 200, PLANS_KEPT = 20000, READERS = 2, TIDY_EVERY_MS = 5000 };

/* Claims under way at a time, in all, unless the options say otherwise. */
enum { CLAIMS_MOST = 50000 };

int64_t engine_wait_ms(const struct delivery_engine *e, int64_t moment)
{
    int64_t ms = moment - loop_now_ms(e->loop);

    ms = ms < 0 ? 0 : ms;
    return ms > WAIT_MOST_MS ? WAIT_MOST_MS : ms;
}

void engine_look_stopped(struct delivery_engine *e)
{
    if (e->is_stopping && e->senders_running == 0 && e->reading_n == 0 && e->job_n == 0)
        loop_stop(e->loop);
}

/* While connections are to be had, those that wait for one are served in turn. */
static void touch_crowded(struct delivery_engine *e)
{
    struct list *item = list_first(&e->crowded);

    if (item == NULL || e->connection_n >= (size_t)e->options.settings->connections)
        return;
    list_remove(item);
    site_touch(CONTAINER_OF(item, struct site_queue, crowded_link));
}

void engine_settle(struct delivery_engine *e)
{
    struct list *item;

    while ((item = list_first(&e->touched)) != NULL) {
        struct site_queue *site = CONTAINER_OF(item, struct site_queue, touched_link);

        list_remove(item);
        site_serve(site);
        site_look_idle(site);
        if (list_empty(&e->touched))
            touch_crowded(e);
    }
    lane_pump(e); /* what ended makes room for what waits to be taken up */
    engine_figures_note(e);
    engine_look_stopped(e);
}

/* ---- rest ---- */

void engine_rest(struct delivery_engine *e)
{
    if (!e->is_stopping && !timer_running(&e->rest))
        timer_start(&e->rest, STORE_REST_MS);
}

static void on_rested(void *owner)
{
    struct delivery_engine *e = owner;

    LIST_EACH (&e->destinations, link) {
        struct destination *to = CONTAINER_OF(link, struct destination, link);

        LIST_EACH (&to->lanes, lane)
            lane_plan(CONTAINER_OF(lane, struct lane_queue, link));
    }
    LIST_EACH (&e->sites, link)
        site_touch(CONTAINER_OF(link, struct site_queue, link));
    engine_read_rows_again(e);
    engine_settle(e);
}

static void begin_to_serve(struct delivery_engine *e)
{
    e->is_serving = true;
    engine_read_rows(e);
    timer_start(&e->tidy, TIDY_EVERY_MS);
    sweep_start(e->sweep);
}

static void on_recover(void *owner)
{
    dispatch_recover(owner);
}

void engine_recovered(struct delivery_engine *e, bool ok)
{
    if (e->is_stopping)
        return;
    if (ok)
        begin_to_serve(e);
    else
        timer_start(&e->recover, STORE_REST_MS);
}

/* ---- what comes in ---- */

static void begin_to_stop(struct delivery_engine *e)
{
    e->is_stopping = true;
    timer_stop(&e->recover);
    timer_stop(&e->tidy);
    sweep_stop(e->sweep);
    timer_stop(&e->rest);
    watchdog_stop(e->watchdog);
    if (e->is_serving)
        dispatch_tidy(e);
    for (size_t i = 0; i < e->options.senders; i++)
        sender_stop(e->senders[i]);
}

static void on_orders(void *owner, struct list *posted)
{
    struct delivery_engine *e = owner;
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        list_remove(item);
        if (item == &e->start_order)
            dispatch_recover(e);
        else
            begin_to_stop(e);
    }
    engine_settle(e);
}

struct limit_renewal {
    struct list link;
    struct limit_set setting;
};

static void on_renewals(void *owner, struct list *posted)
{
    struct delivery_engine *e = owner;
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        struct limit_renewal *renewal = CONTAINER_OF(item, struct limit_renewal, link);

        list_remove(item);
        e->setting = renewal->setting;
        alloc_free(renewal);
    }
    LIST_EACH (&e->sites, link)
        site_touch(CONTAINER_OF(link, struct site_queue, link));
    engine_settle(e);
}

void delivery_engine_use(struct delivery_engine *e, const struct settings *settings)
{
    struct limit_renewal *renewal = NEW(struct limit_renewal);

    limit_set_of_settings(settings, &renewal->setting);
    mailbox_post(e->renewals, &renewal->link);
}

static void on_claims(void *owner, struct list *posted)
{
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        list_remove(item);
        site_claim_back(CONTAINER_OF(item, struct claim, link));
    }
    engine_settle(owner);
}

static void on_reports(void *owner, struct list *posted)
{
    struct delivery_engine *e = owner;
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        struct sender_report *report = CONTAINER_OF(item, struct sender_report, link);

        list_remove(item);
        if (report->what == SENDER_STOPPED)
            e->senders_running--;
        else
            site_report(report);
        alloc_free(report);
    }
    engine_settle(e);
}

static void on_tidy(void *owner)
{
    struct delivery_engine *e = owner;

    dispatch_tidy(e);
    LIST_EACH (&e->destinations, link)
        destination_look_idle(CONTAINER_OF(link, struct destination, link));
    LIST_EACH (&e->sites, link)
        site_look_idle(CONTAINER_OF(link, struct site_queue, link));
    engine_figures_walk(e);
    timer_start(&e->tidy, TIDY_EVERY_MS);
    engine_settle(e);
}

/* ---- life ---- */

static void take_sources(struct delivery_engine *e)
{
    const struct text_list *sources = &e->options.settings->sources;

    for (size_t i = 0; i < sources->count && e->source_n < SOURCES_MOST; i++)
        if (ip_parse(span_of(sources->at[i]), &e->sources[e->source_n]))
            e->source_n++;
}

static void make_mailboxes(struct delivery_engine *e)
{
    e->orders = mailbox_new(e->loop, on_orders, e);
    e->renewals = mailbox_new(e->loop, on_renewals, e);
    e->news = mailbox_new(e->loop, engine_news_receive, e);
    e->rows = mailbox_new(e->loop, engine_rows_receive, e);
    e->reads = mailbox_new(e->loop, lane_reads_receive, e);
    e->facts = mailbox_new(e->loop, site_facts_receive, e);
    e->claims = mailbox_new(e->loop, on_claims, e);
    e->reports = mailbox_new(e->loop, on_reports, e);
    e->answers = mailbox_new(e->loop, dispatch_answers_receive, e);
    engine_listen(e);
}

static void make_lists(struct delivery_engine *e)
{
    table_init(&e->by_delivery);
    table_init(&e->by_name);
    table_init(&e->by_key);
    list_init(&e->destinations);
    list_init(&e->sites);
    claim_share_init(&e->unsited);
    list_init(&e->wanting);
    list_init(&e->touched);
    list_init(&e->crowded);
    list_init(&e->idle);
    list_init(&e->untidy);
    list_init(&e->start_order);
    list_init(&e->stop_order);
    timer_init(&e->rest, e->loop, on_rested, e);
    timer_init(&e->recover, e->loop, on_recover, e);
    timer_init(&e->tidy, e->loop, on_tidy, e);
}

static void make_senders(struct delivery_engine *e)
{
    for (size_t i = 0; i < e->options.senders; i++) {
        const struct sender_options options = { .engine = &e->options,
                                                .claims = e->claims,
                                                .reports = e->reports,
                                                .seed = random_next(&e->chance),
                                                .number = i };

        e->senders[i] = sender_new(&options);
    }
    e->senders_running = e->options.senders;
}

struct delivery_engine *delivery_engine_new(const struct delivery_engine_options *options)
{
    struct delivery_engine *e = NEW(struct delivery_engine);
    struct mx_lookup_options lookup = { .resolver = options->resolver,
                                        .rules = options->rules,
                                        .seed = options->seed,
                                        .in_flight_most = LOOKUPS_AT_A_TIME,
                                        .kept_most = PLANS_KEPT };

    assert(options->senders > 0 && options->senders <= SENDERS_MOST);
    e->options = *options;
    e->claims_most = options->claims_most != 0 ? options->claims_most : CLAIMS_MOST;
    e->loop = loop_new("dispatcher");
    random_seed(&e->chance, options->seed);
    make_lists(e);
    make_mailboxes(e);
    lookup.loop = e->loop;
    e->lookup = mx_lookup_new(&lookup);
    e->watchdog = watchdog_new(e);
    e->sweep = sweep_new(e);
    e->readers = reader_pool_new(e->loop, options->settings->database, READERS);
    take_sources(e);
    provider_table_shipped(&e->providers);
    e->hosts = host_memory_new();
    limit_set_of_settings(options->settings, &e->setting);
    make_senders(e);
    return e;
}

void delivery_engine_watch(struct delivery_engine *e, struct live_watch *watch)
{
    live_watch_expect(watch, e->options.senders);
    for (size_t i = 0; i < e->options.senders; i++)
        sender_watch(e->senders[i], watch);
}

void delivery_engine_unwatch(struct delivery_engine *e, struct live_watch *watch)
{
    for (size_t i = 0; i < e->options.senders; i++)
        sender_unwatch(e->senders[i], watch);
}

void delivery_engine_start(struct delivery_engine *e)
{
    for (size_t i = 0; i < e->options.senders; i++)
        sender_start(e->senders[i]);
    loop_start(e->loop);
    mailbox_post(e->orders, &e->start_order);
}

void delivery_engine_stop(struct delivery_engine *e)
{
    mailbox_post(e->orders, &e->stop_order);
    loop_join(e->loop);
}

static void free_mailboxes(struct delivery_engine *e)
{
    struct mailbox *boxes[] = { e->renewals, e->facts,  e->orders,  e->rows, e->reads,
                                e->reports,  e->claims, e->answers, e->news };

    for (size_t i = 0; i < ARRAY_LENGTH(boxes); i++)
        mailbox_flush(boxes[i]);
    for (size_t i = 0; i < ARRAY_LENGTH(boxes); i++)
        mailbox_free(boxes[i]);
}

void delivery_engine_free(struct delivery_engine *e)
{
    struct list *item;

    e->is_stopping = true;
    for (size_t i = 0; i < e->options.senders; i++)
        sender_free(e->senders[i]);
    worker_pool_free(e->readers);
    watchdog_free(e->watchdog);
    sweep_free(e->sweep);
    free_mailboxes(e);
    while ((item = list_first(&e->destinations)) != NULL)
        destination_free(CONTAINER_OF(item, struct destination, link));
    while ((item = list_first(&e->sites)) != NULL)
        site_free(CONTAINER_OF(item, struct site_queue, link));
    alloc_free(e->unread_rows);
    mx_lookup_free(e->lookup);
    table_fini(&e->by_delivery);
    table_fini(&e->by_name);
    table_fini(&e->by_key);
    provider_table_fini(&e->providers);
    host_memory_free(e->hosts);
    loop_free(e->loop);
    alloc_free(e);
}
