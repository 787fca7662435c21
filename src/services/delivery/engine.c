/*
 * The dispatcher's loop: what comes in (orders, news, reads, claims, reports, answers) and who
 * takes it; start and end.
 */
#include "services/delivery/engine.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/log.h"
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
#include "store/dialogue.h"
#include "store/domain.h"
#include "store/lane.h"
#include "store/ledger.h"
#include "store/reader.h"
#include "store/site.h"

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

/* ---- start: who sleeps, and what waits where ---- */

enum { ROWS_A_READ = 100, STOPS_AT_START = 500 }; /* a stop not read is heard of again */

struct row_read {
    struct work work;
    bool has_stops; /* blocks of domains, */
    struct domain_stop stops[STOPS_AT_START];
    size_t stop_n;
    bool has_paused;                   /* domains paused by hand, all of them, */
    bool has_domains;                  /* those that sleep, */
    char paused[DELIVERY_DOMAIN_ROOM]; /* the last one read */
    struct domain_walk walk;
    struct domain_row domains[ROWS_A_READ];
    size_t domain_n;
    struct lane_row after;
    struct lane_row lanes[ROWS_A_READ];
    size_t lane_n;
    bool ok;
    struct error error;
};

static void run_rows(struct work *work, void *state)
{
    struct row_read *read = CONTAINER_OF(work, struct row_read, work);
    const struct lane_row *after = read->after.domain[0] == '\0' ? NULL : &read->after;

    if (!read->has_stops)
        read->ok = domain_stops_read(state, read->walk.asleep_until, read->stops, STOPS_AT_START,
                                     &read->stop_n, &read->error);
    else if (!read->has_paused)
        read->ok = domain_each(state,
                               &(struct domain_page){ .after = span_of(read->paused),
                                                      .only_paused = true,
                                                      .room = ROWS_A_READ },
                               read->domains, &read->domain_n, &read->error);
    else if (!read->has_domains)
        read->ok = domain_asleep_each(state, &read->walk, read->domains, ROWS_A_READ,
                                      &read->domain_n, &read->error);
    else
        read->ok =
            lane_each_waiting(state, after, read->lanes, ROWS_A_READ, &read->lane_n, &read->error);
}

static void take_domains(struct delivery_engine *e, const struct row_read *read)
{
    for (size_t i = 0; i < read->domain_n; i++) {
        struct destination *to = destination_get(e, span_of(read->domains[i].name));

        to->asleep_until = read->domains[i].asleep_until;
        to->failures = read->domains[i].failures;
        to->is_noted = true;
    }
}

static void take_stops(struct delivery_engine *e, struct row_read *read)
{
    for (size_t i = 0; i < read->stop_n; i++)
        destination_get(e, span_of(read->stops[i].domain))->stopped_until[read->stops[i].stream] =
            read->stops[i].until;
    read->has_stops = true;
}

static void take_paused(struct delivery_engine *e, struct row_read *read)
{
    for (size_t i = 0; i < read->domain_n; i++) {
        destination_pause(e, span_of(read->domains[i].name), read->domains[i].paused_until);
        span_copy(span_of(read->domains[i].name), read->paused, sizeof read->paused);
    }
    read->has_paused = read->domain_n < ROWS_A_READ;
}

static void take_lanes(struct delivery_engine *e, struct row_read *read)
{
    for (size_t i = 0; i < read->lane_n; i++)
        lane_take_row(e, &read->lanes[i]);
    if (read->lane_n > 0)
        read->after = read->lanes[read->lane_n - 1];
}

/* Takes what was read; true when it was the last. */
static bool take_rows(struct delivery_engine *e, struct row_read *read)
{
    if (read->has_domains) {
        take_lanes(e, read);
        return read->lane_n < ROWS_A_READ;
    }
    if (!read->has_stops) {
        take_stops(e, read);
        return false;
    }
    if (!read->has_paused) {
        take_paused(e, read);
        return false;
    }
    take_domains(e, read);
    read->has_domains = read->domain_n < ROWS_A_READ;
    return false;
}

static void read_rows(struct delivery_engine *e, struct row_read *read)
{
    e->reading_n++;
    worker_submit(e->readers, &read->work);
}

static void on_rows(void *owner, struct list *posted)
{
    struct delivery_engine *e = owner;
    struct row_read *read =
        CONTAINER_OF(CONTAINER_OF(list_first(posted), struct work, link), struct row_read, work);

    list_remove(&read->work.link);
    e->reading_n--;
    if (!read->ok) {
        log_error("queue-unread", log_text("error", read->error.text));
        e->unread_rows = read;
        engine_rest(e);
    } else if (e->is_stopping) {
        alloc_free(read);
    } else if (take_rows(e, read)) {
        alloc_free(read);
        watchdog_start(e->watchdog);
    } else {
        read_rows(e, read);
    }
    engine_settle(e);
}

static void read_again(struct delivery_engine *e)
{
    struct row_read *read = e->unread_rows;

    e->unread_rows = NULL;
    if (read != NULL)
        read_rows(e, read);
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
    read_again(e);
    engine_settle(e);
}

static void begin_to_serve(struct delivery_engine *e)
{
    struct row_read *read = NEW(struct row_read);

    read->work = (struct work){ .run = run_rows, .answers = e->rows };
    read->walk.asleep_until = loop_now_ms(e->loop) + 1;
    e->is_serving = true;
    read_rows(e, read);
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

static void keep_dialogues(struct delivery_engine *e, const char *key)
{
    for (size_t i = 0; i < e->options.senders; i++)
        sender_keep(e->senders[i], key);
}

/* Of a lane: there is something to do. */
static void hear_lane(struct delivery_engine *e, struct span text)
{
    struct lane_key key;

    if (lane_key_read(text, &key))
        lane_stir(e, &key);
}

static void hear_urge(struct delivery_engine *e, struct span text)
{
    struct lane_key key;
    int64_t delivery;

    if (!lane_urge_read(text, &key, &delivery))
        return;
    destination_rouse(destination_get(e, key.domain));
    lane_put_first(e, &key, delivery);
    lane_stir(e, &key);
    sweep_hurry(e->sweep);
}

static void hear_pause(struct delivery_engine *e, struct span text)
{
    struct span domain;
    int64_t until;

    if (domain_pause_read(text, &until, &domain))
        destination_pause(e, domain, until);
}

static void hear(struct delivery_engine *e, const struct ledger_news *news)
{
    struct span what = span_of(news->news);

    if (span_equal(what, SPAN(SITE_NEWS)))
        site_changed(e, span_of(news->key));
    else if (span_equal(what, SPAN(DIALOGUE_KEEP_NEWS)))
        keep_dialogues(e, news->key);
    else if (span_equal(what, SPAN(DOMAIN_PAUSED_NEWS)))
        hear_pause(e, span_of(news->key));
    else if (e->is_stopping)
        return;
    else if (span_equal(what, SPAN(DOMAIN_RECHECK_NEWS)))
        destination_recheck(e, span_of(news->key));
    else if (span_equal(what, SPAN(LANE_URGED)))
        hear_urge(e, span_of(news->key));
    else
        hear_lane(e, span_of(news->key));
}

static void on_news(void *owner, struct list *posted)
{
    struct delivery_engine *e = owner;
    struct list *item;

    while ((item = list_first(posted)) != NULL) {
        struct ledger_news *news = CONTAINER_OF(item, struct ledger_news, link);

        list_remove(item);
        hear(e, news);
        ledger_news_free(news);
    }
    engine_settle(e);
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
    e->news = mailbox_new(e->loop, on_news, e);
    e->rows = mailbox_new(e->loop, on_rows, e);
    e->reads = mailbox_new(e->loop, lane_reads_receive, e);
    e->facts = mailbox_new(e->loop, site_facts_receive, e);
    e->claims = mailbox_new(e->loop, on_claims, e);
    e->reports = mailbox_new(e->loop, on_reports, e);
    e->answers = mailbox_new(e->loop, dispatch_answers_receive, e);
    ledger_listen(e->options.ledger, "lane", e->news);
    ledger_listen(e->options.ledger, LANE_URGED, e->news);
    ledger_listen(e->options.ledger, SITE_NEWS, e->news);
    ledger_listen(e->options.ledger, DOMAIN_PAUSED_NEWS, e->news);
    ledger_listen(e->options.ledger, DOMAIN_RECHECK_NEWS, e->news);
    ledger_listen(e->options.ledger, DIALOGUE_KEEP_NEWS, e->news);
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
