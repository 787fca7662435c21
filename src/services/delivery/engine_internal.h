/*
 * What the parts of the engine'share: lanes (lane_queue.c) belong to destinations, which are
 * recipient domains (destination.c), which are served by sites (site_queue.c).
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

#include "base/list.h"
#include "base/random.h"
#include "base/table.h"
#include "domain/delivery.h"
#include "domain/figure.h"
#include "domain/mx_plan.h"
#include "domain/provider_table.h"
#include "domain/session_key.h"
#include "domain/site_limits.h"
#include "io/timer.h"
#include "services/delivery/claim.h"
#include "services/delivery/claim_share.h"
#include "services/delivery/engine.h"
#include "services/delivery/sender.h"
#include "services/delivery/site_pace.h"

struct channel;
struct destination;
struct host_memory;
struct lane_key;
struct lane_row;
struct row_read;
struct mailbox;
struct mx_lookup;
struct site_queue;
struct watchdog;
struct worker_pool;

enum {
    STREAMS = STREAM_MAILOUTS + 1,
    SENDERS_MOST = 16,
    SOURCES_MOST = 64,
    CLAIMS_MOST = 50000,  /* under way at a time, in all, unless the options say otherwise */
    CLAIM_ROOM = 200,     /* taken from a lane at a time, */
    LANE_LOW = 100,       /* and when so few are left, the next ones */
    LANES_CLAIMING = 16,  /* lanes read at a time */
    CHANNEL_DEPTH = 3,    /* claims a channel has: one is sent, others are composed or recorded; */
    DEPTH_OF_MANY = 2,    /* so many when there are */
    MANY_CHANNELS = 500,  /* more channels than that, for each claim has a letter in memory */
    STORE_REST_MS = 2000, /* after the store could not be read or written */
    SWEEP_EVERY_MS = 1000,
    BREAKERS_MOST = 4,    /* mails that break sessions a site remembers */
    WAIT_MOST_MS = 60000, /* the clock may step: look again in between */
};

/* A lane with work, or with a time at which there will be. */
struct lane_queue {
    struct destination *destination;
    struct list link; /* in the destination's `lanes` */
    enum stream_id stream;
    int64_t strand;
    struct timer due;

    int64_t cursor;       /* fresh deliveries up to here have been taken up */
    int64_t saved_cursor; /* as the store has it */
    bool has_fresh;       /* there may be some behind the cursor */
    int64_t next_retry;   /* LANE_NEVER, or when to look into `retry` */

    struct list ready; /* claims to be handed out */
    size_t ready_n;
    size_t out_n;       /* claims handed out */
    struct list fresh;  /* claims by fresh_link, in order of id: the store's cursor stays below */
    struct list parted; /* settled while a read was under way that may have seen them waiting */

    struct list want_link; /* in the engine's `wanting`, or parked */
    bool is_parked;
    bool is_let_go;      /* it was parked: its turn comes before all that were not */
    size_t claim_n;      /* in its site's share */
    bool is_claiming;    /* a read is under way */
    bool is_stirred;     /* something came meanwhile */
    int64_t early_retry; /* the earliest that was settled with a due time meanwhile */

    struct list site_link; /* in the site's ready list of its stream */
    struct list tidy_link; /* in the engine's `untidy`: the cursor is to be saved */
    bool is_sited;         /* the store knows, or will soon, to which site it goes */
};

struct destination {
    struct table_node by_name;
    struct list link; /* all of them */
    struct delivery_engine *engine;
    char *name;
    struct list lanes;

    struct destination_lookup *lookup; /* a question to the DNS under way */
    struct mx_plan *plan;              /* NULL: to be asked for */
    int64_t plan_until;                /* monotonic */
    struct site_queue *site;
    struct list site_link; /* in the site's `destinations` */

    int64_t failures;     /* lookups in a row that failed */
    int64_t asleep_until; /* UTC; the DNS fails */
    int64_t paused_until; /* UTC; by the operator */
    bool is_noted;        /* the store says that it sleeps */

    int64_t stopped_until[STREAMS]; /* UTC; a block of this domain's */
};

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
    struct list berths;         /* that have not ended */
    size_t berth_n;
    size_t later_berth_n; /* berths with mail that is not urgent */
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
    struct timer sweep;
    struct watchdog *watchdog;
    struct timer recover; /* runs after a recovery that failed */

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

/* ---- lane_queue.c ---- */

/* lane_stir says that a lane got something to do, making it when it is new; lane_take_row makes it
 * as the store has it. */
void lane_stir(struct delivery_engine *e, const struct lane_key *key);
void lane_take_row(struct delivery_engine *e, const struct lane_row *row);

/* lane_plan decides when the lane is read next; lane_pump reads those whose turn it is. */
void lane_plan(struct lane_queue *lane);
void lane_pump(struct delivery_engine *e);

/* lane_hand_out takes the first claim that is ready. lane_put_back puts one before all others;
 * lane_settle takes leave of one whose mail is settled, as the claim says. */
MUST_USE struct claim *lane_hand_out(struct lane_queue *lane);
void lane_put_back(struct lane_queue *lane, struct claim *claim);
void lane_settle(struct lane_queue *lane, struct claim *claim);

/* lane_forget_ready forgets what is ready: it will be read again. */
void lane_forget_ready(struct lane_queue *lane);

/* lane_wakes gives until when nothing of it is sent (UTC): its domain or site sleeps, is paused, or
 * takes nothing of its stream; 0 when it is awake. */
MUST_USE int64_t lane_wakes(const struct lane_queue *lane);

/* lane_is_idle is true when nothing is known of it that the store would not tell again. */
MUST_USE bool lane_is_idle(const struct lane_queue *lane);
void lane_free(struct lane_queue *lane);

/* lane_settled_cursor gives how far the store's cursor may move. */
MUST_USE int64_t lane_settled_cursor(const struct lane_queue *lane);

/* lane_note_site lets the store know to which site the lane goes, once. */
void lane_note_site(struct lane_queue *lane);

/* lane_is_claimed is true for a delivery that is in memory. lane_is_served is true while a lane's
 * mail is in memory, waits for its turn to be read, or is left alone for a reason that is known. */
MUST_USE bool lane_is_claimed(const struct delivery_engine *e, int64_t delivery);
MUST_USE bool lane_is_served(struct delivery_engine *e, const struct lane_key *key);

/* lane_reads_receive receives for `reads`. */
void lane_reads_receive(void *owner, struct list *posted);

/* ---- destination.c ---- */

/* destination_get finds or makes one; destination_find gives NULL for one that is not in memory. */
MUST_USE struct destination *destination_find(const struct delivery_engine *e, struct span name);
MUST_USE struct destination *destination_get(struct delivery_engine *e, struct span name);

/* destination_wakes gives until when it is left alone (UTC), 0 when it is awake. */
MUST_USE int64_t destination_wakes(const struct destination *to);

/* destination_serve gets what is ready on its way: to the site, or to the DNS first. */
void destination_serve(struct destination *to);

/* destination_ask asks the DNS anew, for a plan that is too old to connect by. */
void destination_ask(struct destination *to);
MUST_USE bool destination_has_plan(const struct destination *to);

/* destination_rest forgets what is ready and plans its lanes anew: it sleeps now, or its site. */
void destination_rest(struct destination *to);

/* destination_rouse ends its sleep, and that of its site: somebody wants it tried now. */
void destination_rouse(struct destination *to);

/* destination_pause keeps its mail back until then (UTC), 0 lets it go on, blocked or not;
 * destination_recheck ends its sleep and asks the DNS anew. */
void destination_pause(struct delivery_engine *e, struct span name, int64_t until);
void destination_recheck(struct delivery_engine *e, struct span name);

/* destination_look_idle frees it when nothing is known of it that the store would not tell. */
void destination_look_idle(struct destination *to);
void destination_free(struct destination *to);

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

/* ---- engine_figures.c ---- */

/* engine_figures_note brings up to date what is cheap to know, engine_figures_walk what takes a
 * walk over all domains and sites. */
void engine_figures_note(struct delivery_engine *e);
void engine_figures_walk(struct delivery_engine *e);

/* ---- dispatch_jobs.c: work for the ledger ---- */

/* dispatch_recover writes down all intents left open; engine_recovered follows. */
void dispatch_recover(struct delivery_engine *e);
void engine_recovered(struct delivery_engine *e, bool ok);

/* dispatch_lookup_failed records for a claim what came of the lookup; it is settled then. */
void dispatch_lookup_failed(struct claim *claim, const struct mx_finding *finding);

/* dispatch_expire ends claims whose time is over: `claims` by link; they are settled then. */
void dispatch_expire(struct delivery_engine *e, struct list *claims);

/* dispatch_note writes down whether a destination sleeps: `failures` in a row and the words of the
 * last one, until when. */
void dispatch_note(struct destination *to, int64_t failures, int64_t asleep_until,
                   const char *text);

/* dispatch_site_met keeps that a site exists; dispatch_limit what it has learned, dispatch_stop
 * that it takes nothing of a stream, with an alarm. Words are borrowed for the call. */
void dispatch_site_met(struct site_queue *site);
void dispatch_limit(struct site_queue *site, enum site_limit_kind kind, enum limit_origin origin,
                    struct span words);
void dispatch_stop(struct site_queue *site, enum stream_id stream, struct span words);

/* dispatch_block does so for a stop that is one recipient domain's; dispatch_pause keeps that the
 * site takes nothing of some streams until a moment (UTC), which is no alarm. */
void dispatch_block(struct destination *to, enum stream_id stream, struct span words);
void dispatch_pause(struct site_queue *site, const bool streams[STREAMS], int64_t until,
                    struct span words);

/* dispatch_tidy saves cursors and sites of `untidy` lanes; dispatch_sweep ends what is past its
 * deadline, and drops dialogues whose time is over. */
void dispatch_tidy(struct delivery_engine *e);
void dispatch_sweep(struct delivery_engine *e);

/* What the watchdog found. */
struct overdue_found {
    enum { OVERDUE_SENDING, OVERDUE_WAITING, OVERDUE_DEADLINE, OVERDUE_NOTICE } kind;
    int64_t id;     /* the delivery; of a notice the person */
    int64_t thread; /* of a notice */
    int64_t intent; /* SENDING */
    int64_t since;  /* granted or due */
    bool is_lost;   /* SENDING: nobody sends it */
};

/* dispatch_overdue tells of it and sets it going. */
void dispatch_overdue(struct delivery_engine *e, const struct overdue_found *found);

/* dispatch_answers_receive receives for `answers`. */
void dispatch_answers_receive(void *owner, struct list *posted);

#endif
