/*
 * What the store says at the start: who sleeps, and what waits where. Read a bounded number of rows
 * at a time by the engine's readers, taken by the dispatcher.
 */
#include "base/alloc.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/worker.h"
#include "services/delivery/destination_internal.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/lane_queue_internal.h"
#include "services/delivery/watchdog.h"
#include "store/domain.h"
#include "store/lane.h"
#include "store/site.h"

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

void engine_rows_receive(void *owner, struct list *posted)
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

void engine_read_rows(struct delivery_engine *e)
{
    struct row_read *read = NEW(struct row_read);

    read->work = (struct work){ .run = run_rows, .answers = e->rows };
    read->walk.asleep_until = loop_now_ms(e->loop) + 1;
    read_rows(e, read);
}

void engine_read_rows_again(struct delivery_engine *e)
{
    struct row_read *read = e->unread_rows;

    e->unread_rows = NULL;
    if (read != NULL)
        read_rows(e, read);
}
