/*
 * What the dispatcher knows of one lane (lane_queue.c, lane_claims.c, lane_read.c): a stream's mail
 * to one recipient domain.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_LANE_QUEUE_INTERNAL_H
#define POSTROOM_SERVICES_DELIVERY_LANE_QUEUE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "domain/delivery.h"
#include "io/timer.h"

struct claim;
struct delivery_engine;
struct destination;
struct lane_key;
struct lane_row;

enum {
    LANE_CURSOR_UNKNOWN = -1, /* of a lane made for a piece of news, until it has been read */
    LANE_LOW = 100            /* when so few of a lane are left, the next ones are read */
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

    struct list site_link;  /* in the site's ready list of its stream */
    size_t urged_n;         /* of what is ready, the first ones: they go before all others */
    struct list urged_link; /* in the site's `urged` */
    struct list tidy_link;  /* in the engine's `untidy`: the cursor is to be saved */
    bool is_sited;          /* the store knows, or will soon, to which site it goes */
};

/* lane_stir says that a lane got something to do, making it when it is new; lane_take_row makes it
 * as the store has it. */
void lane_stir(struct delivery_engine *e, const struct lane_key *key);
void lane_take_row(struct delivery_engine *e, const struct lane_row *row);

/* lane_put_first gets one delivery of it on its way before all others, unless it is already: an
 * order by hand. While nothing of the lane may be sent it waits as it did. */
void lane_put_first(struct delivery_engine *e, const struct lane_key *key, int64_t delivery);

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

/* lane_claim_new takes up a delivery of the lane, neither ready nor out yet; lane_add_ready makes
 * it ready, lane_add_fresh keeps the cursor below it. lane_claim_free forgets it. */
MUST_USE struct claim *lane_claim_new(struct lane_queue *lane, int64_t delivery);
void lane_add_ready(struct lane_queue *lane, struct claim *claim);
void lane_add_fresh(struct lane_queue *lane, struct claim *claim);
void lane_claim_free(struct claim *claim);

/* lane_claim_first makes a delivery the first one that is ready; false when it is under way. */
MUST_USE bool lane_claim_first(struct lane_queue *lane, int64_t delivery);

/* lane_free_parted forgets what was settled during a read that is back now, lane_free_claims all
 * that is not out. */
void lane_free_parted(struct lane_queue *lane);
void lane_free_claims(struct lane_queue *lane);

/* lane_note_progress: the cursor in the store follows what is settled. */
void lane_note_progress(struct lane_queue *lane);

/* lane_read_start begins to read what the lane has, at most so many mails (lane_read.c). */
void lane_read_start(struct lane_queue *lane, size_t room);

/* lane_reads_receive receives for `reads`. */
void lane_reads_receive(void *owner, struct list *posted);

#endif
