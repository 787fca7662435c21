/*
 * What the parts of the engine share. Lanes (lane_queue_internal.h) belong to destinations, which
 * are recipient domains (destination_internal.h), which are served by sites
 * (site_queue_internal.h).
 *
 *     lane ── destination ── site ══ berths, each with a channel on a sender
 *
 * All of it belongs to the engine's loop.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_ENGINE_INTERNAL_H
#define POSTROOM_SERVICES_DELIVERY_ENGINE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/list.h"
#include "base/random.h"
#include "base/table.h"
#include "domain/delivery.h"
#include "domain/figure.h"
#include "domain/provider_table.h"
#include "domain/site_limits.h"
#include "io/timer.h"
#include "services/delivery/claim_share.h"
#include "services/delivery/engine.h"

struct host_memory;
struct mailbox;
struct mx_lookup;
struct row_read;
struct sender;
struct sweep;
struct watchdog;
struct worker_pool;

enum {
    STREAMS = STREAM_MAILOUTS + 1,
    SENDERS_MOST = 16,
    SOURCES_MOST = 64,
    CLAIM_ROOM = 200,     /* taken from a lane at a time */
    STORE_REST_MS = 2000, /* after the store could not be read or written */
    WAIT_MOST_MS = 60000, /* the clock may step: look again in between */
};

struct delivery_engine {
    struct delivery_engine_options options;
    struct loop *loop;
    struct worker_pool *readers;
    struct mx_lookup *lookup;
    struct random chance;
    struct sender *senders[SENDERS_MOST];
    size_t next_sender;
    struct provider_table providers;
    struct limit_set setting; /* limits of a site nobody knows better */
    struct ip sources[SOURCES_MOST];
    size_t source_n;

    struct mailbox *orders;   /* start and stop */
    struct mailbox *news;     /* of the ledger, about lanes */
    struct mailbox *rows;     /* of the start: who sleeps, which lanes wait */
    struct mailbox *renewals; /* of the limits that are settings: struct limit_renewal */
    struct mailbox *reads;    /* of lanes */
    struct mailbox *facts;    /* of sites */
    struct mailbox *claims;   /* coming back */
    struct mailbox *reports;  /* of senders */
    struct mailbox *answers;  /* of the ledger: struct dispatch_job */

    struct table by_delivery;   /* claims */
    size_t claims_most;         /* that sites have in memory, together */
    struct claim_share unsited; /* of domains whose site is not known yet */
    struct table by_name;       /* destinations */
    struct list destinations;
    struct table by_key; /* sites */
    struct list sites;
    size_t site_n;

    struct list wanting; /* lanes that want claims */
    size_t reading_n;    /* reads under way */
    struct list touched;
    struct list crowded;
    size_t connection_n;
    struct host_memory *hosts;
    size_t busy_site_n; /* sites with connections */
    struct list idle;   /* berths, those longest so first */
    struct list untidy;
    struct timer tidy;
    struct sweep *sweep;
    struct watchdog *watchdog;
    struct timer recover; /* runs after a recovery that failed */

    int64_t absences_since; /* monotonic; */
    size_t absence_n;       /* mails that have failed since then for a single look at the DNS */

    struct row_read *unread_rows; /* of the start, to be read again after a rest */

    struct figure_page figures; /* the dispatcher's */
    bool is_serving;
    bool is_stopping;
    struct timer rest; /* runs while the store has to be left alone */
    size_t job_n;      /* jobs at the ledger */
    size_t senders_running;
    struct list start_order;
    struct list stop_order;
};

/* engine_settle serves all sites that were touched; the end of every event of the loop.
 * engine_rest leaves the store alone for a while. */
void engine_settle(struct delivery_engine *e);
void engine_rest(struct delivery_engine *e);

/* engine_wait_ms gives how long a timer is to run for a moment in UTC. */
MUST_USE int64_t engine_wait_ms(const struct delivery_engine *e, int64_t moment);

/* engine_look_stopped ends the loop when a stop has come to its end. */
void engine_look_stopped(struct delivery_engine *e);

/* engine_figures_note brings up to date what is cheap to know, engine_figures_walk what takes a
 * walk over all domains and sites. */
void engine_figures_note(struct delivery_engine *e);
void engine_figures_walk(struct delivery_engine *e);

/* engine_listen lets `news` hear the ledger; engine_news_receive receives for it (engine_news.c).
 */
void engine_listen(struct delivery_engine *e);
void engine_news_receive(void *owner, struct list *posted);

/* engine_read_rows reads who sleeps and which lanes wait, after which the watchdog starts;
 * engine_read_rows_again goes on when that has failed. engine_rows_receive receives for `rows`
 * (engine_rows.c). */
void engine_read_rows(struct delivery_engine *e);
void engine_read_rows_again(struct delivery_engine *e);
void engine_rows_receive(void *owner, struct list *posted);

/* engine_recovered follows dispatch_recover. */
void engine_recovered(struct delivery_engine *e, bool ok);

#endif
