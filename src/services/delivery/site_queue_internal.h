/*
 * Sites: whose turn it is (site_queue.c), over which connection (site_berth.c), what the store
 * knows of one (site_facts.c) and what its servers say (site_feedback.c).
 */
#ifndef POSTROOM_SERVICES_DELIVERY_SITE_QUEUE_INTERNAL_H
#define POSTROOM_SERVICES_DELIVERY_SITE_QUEUE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/span.h"
#include "base/table.h"
#include "domain/delivery.h"
#include "domain/session_key.h"
#include "domain/site_limits.h"
#include "io/timer.h"
#include "services/delivery/claim_share.h"
#include "services/delivery/engine_internal.h"
#include "services/delivery/site_pace.h"

struct channel;
struct claim;
struct destination;
struct lane_queue;
struct mx_plan;
struct sender_report;

enum { BREAKERS_MOST = 4 }; /* mails that break sessions a site remembers */

/* A connection's place at a site. */
struct site_berth {
    struct list link;
    struct site_queue *site;
    struct channel *channel;
    struct session_key key; /* what its sessions are made for */
    size_t out_n;
    size_t later_n;        /* of these, not urgent */
    struct list idle_link; /* in the engine's `idle`: has nothing to do */
    bool is_leaving;       /* told to quit */
    bool is_waiting;       /* long already, for a final dot's reply */
    bool has_ended;
};

struct site_queue {
    struct table_node by_key;
    struct list link; /* all of them */
    struct delivery_engine *engine;
    char *key;
    struct list destinations;
    struct claim_share share;
    struct list ready[STREAMS]; /* lanes with claims to hand out, taking turns */
    struct list urged;          /* lanes with a claim that goes before all of them */
    struct list berths;         /* that have not ended */
    size_t berth_n;
    size_t later_berth_n; /* berths with mail that is not urgent */
    size_t waiting_n;     /* berths that wait for a final dot's reply */
    size_t ended_n;       /* berths that have ended and wait for their claims */
    bool is_reached;      /* a host answered lately: more than one connection may be made */
    int64_t failures;     /* passes in a row in which no host would serve */
    int64_t asleep_until; /* UTC */

    bool is_known;   /* its facts have been read from the store: it may be served */
    bool is_reading; /* they are being read */
    bool is_stale;   /* they changed meanwhile */
    bool is_paused;  /* by the operator */
    struct site_limits limits;
    struct limit_set *own[LIMIT_ORIGINS]; /* what `limits` borrows; NULL until there is something */
    struct site_pace pace;
    int64_t stopped_until[STREAMS]; /* UTC; a block */
    struct {
        int64_t delivery;
        int breaks;
    } breakers[BREAKERS_MOST]; /* mails in whose midst all hosts ended the session, latest first */
    struct timer pause;        /* until the pace allows the next one, */
    int64_t pause_end;         /* monotonic */

    struct list touched_link; /* in `touched`: to be served after the event at hand */
    struct list crowded_link; /* in `crowded`: waits for a connection to be free */
};

/* ---- site_queue.c ---- */

/* site_get finds or makes the one of a plan with targets. */
MUST_USE struct site_queue *site_get(struct delivery_engine *e, const struct mx_plan *plan);

/* site_find gives the one of a key, NULL when it is not in use. */
MUST_USE struct site_queue *site_find(struct delivery_engine *e, struct span key);

/* site_binding gives the limit of a kind that holds now. */
MUST_USE struct site_limit site_binding(const struct site_queue *site, enum site_limit_kind kind);

/* site_may_go is true when the pace allows one more of a kind now; else the site is served again
 * when it does. */
MUST_USE bool site_may_go(struct site_queue *site, struct pace_allowance *allowance,
                          enum site_limit_kind kind);

/* site_join and site_leave: a destination is served by it. */
void site_join(struct site_queue *site, struct destination *to);
void site_leave(struct destination *to);

/* site_replan looks anew at all lanes of its destinations: what keeps them has changed. */
void site_replan(struct site_queue *site);

/* site_touch lets it be served after the event at hand; site_serve hands claims to channels. */
void site_touch(struct site_queue *site);
void site_serve(struct site_queue *site);

/* site_lane_ready puts a lane in or out of the ready lists, as it is. */
void site_lane_ready(struct lane_queue *lane);

/* site_claim_back: a claim has come back from a channel. site_report takes what one tells. */
void site_claim_back(struct claim *claim);
void site_report(const struct sender_report *report);

/* site_look_idle frees a site nobody needs. */
void site_look_idle(struct site_queue *site);
void site_free(struct site_queue *site);

/* ---- site_berth.c ---- */

/* site_berth_choose gives the one that is to carry a mail of a lane, opening it if need be; NULL
 * when it has to wait. */
MUST_USE struct site_berth *site_berth_choose(struct site_queue *site,
                                              const struct lane_queue *lane);

/* site_berth_load hands it a claim, site_berth_unload takes note that one has come back. */
void site_berth_load(struct site_berth *berth, struct claim *claim);
void site_berth_unload(struct claim *claim);

/* site_berth_waits: a final dot of its has been without reply for long, or no more. */
void site_berth_waits(struct site_berth *berth, bool is_waiting);

/* site_berth_told: its channel has heard of a quit or recall. */
void site_berth_told(struct site_berth *berth);

/* site_berths_recall takes back what has been handed out and is not begun: the site wants less. */
void site_berths_recall(struct site_queue *site);

/* site_berths_shed closes those over a limit that has fallen. */
void site_berths_shed(struct site_queue *site);

/* site_berth_end: its connection is gone. site_berth_free follows when all its claims are back. */
void site_berth_end(struct site_berth *berth);
void site_berth_free(struct site_berth *berth);

/* ---- site_facts.c ---- */

/* site_ask reads what the store knows of a site; it is served once that is known. */
void site_ask(struct site_queue *site);

/* site_changed reads it again, if the site of that key is in use: somebody changed it. */
void site_changed(struct delivery_engine *e, struct span key);

/* site_limits_of gives the set of an origin to write to. */
MUST_USE struct limit_set *site_limits_of(struct site_queue *site, enum limit_origin origin);

/* site_facts_receive receives for `facts`. */
void site_facts_receive(void *owner, struct list *posted);

/* ---- site_feedback.c ---- */

/* site_sets_aside notes that a mail broke the sessions of all hosts; true when it has done so too
 * often to be held against the site. */
MUST_USE bool site_sets_aside(struct site_queue *site, int64_t delivery);

/* site_hear takes what a claim that came back tells of its site; site_crowded that a connection
 * was refused while others stand. */
void site_hear(struct site_queue *site, const struct claim *claim);
void site_told(struct site_queue *site, int64_t mails); /* over one connection, by RFC 9422 */
void site_crowded(struct site_queue *site);

/* site_raise_limits lets those that were learned, and have run out, be a step higher. */
void site_raise_limits(struct site_queue *site);

#endif
