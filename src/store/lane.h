/*
 * Lanes: one row per stream, recipient domain and strand that says how much waits there and how far
 * it has been taken up. Claims and restarts read lanes, never the whole queue.
 *
 * A strand holds the mails of some causes (threads, mailouts, ...): lanes take turns, so that one
 * with a hundred thousand mails does not hold up one with three. There are few strands, so two
 * causes may share one; what they cost does not grow with the number of causes.
 */
#ifndef POSTROOM_STORE_LANE_H
#define POSTROOM_STORE_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/delivery.h"
#include "store/delivery.h"

struct db;

/* next_due of a lane without retry rows, and the due time of what nobody will try. */
#define LANE_NEVER INT64_C(4611686018427387904) /* 2^62 */

enum { LANE_STRANDS = 16 }; /* in the index delivery_lane too */

/* Which lane; the domain is borrowed. */
struct lane_key {
    enum stream_id stream;
    int64_t strand;
    struct span domain;
};

/* lane_strand gives the strand of what has this cause. */
MUST_USE int64_t lane_strand(int64_t cause_id);

/* lane_of_delivery gives the lane of a delivery, its domain borrowed from the row. */
MUST_USE struct lane_key lane_of_delivery(const struct delivery_row *row);

/* lane_made counts a new delivery, which is queued, and tells the dispatcher of its lane;
 * lane_moved counts one that went from a state to another. Both in memory: at the commit the lane,
 * which is made when it is new, and the counters of its stream and domain are written once. */
void lane_made(struct db *db, const struct lane_key *key);
void lane_moved(struct db *db, const struct lane_key *key, enum delivery_state from,
                enum delivery_state to);

/* lane_tell wakes the dispatcher for a lane that got something to do: what was made, released or
 * made due by hand. The news is "lane", its key as lane_key_read reads it. */
void lane_tell(struct db *db, const struct lane_key *key);
/* lane_urge does so for a delivery that an operator wants tried now, before all others and although
 * its domain or site sleeps: the news is LANE_URGED, its key as lane_urge_read reads it. */
#define LANE_URGED "lane-urged"
void lane_urge(struct db *db, const struct lane_key *key, int64_t delivery);
MUST_USE bool lane_key_read(struct span text, struct lane_key *ret_key);
MUST_USE bool lane_urge_read(struct span text, struct lane_key *ret_key, int64_t *ret_delivery);

/* lane_retry_put adds a delivery to those tried again at `due_at`, making the lane when it is new;
 * lane_retry_drop takes it out. */
MUST_USE bool lane_retry_put(struct db *db, const struct lane_key *key, int64_t due_at,
                             int64_t delivery, struct error *err);
MUST_USE bool lane_retry_drop(struct db *db, const struct lane_key *key, int64_t due_at,
                              int64_t delivery, struct error *err);

/*
 * What follows only reads, so it may run on a reader's connection: what it gives may have moved on
 * by the time it is taken up. Deliveries wait in a lane in two ways: the fresh ones, due when they
 * were made and tried never yet, behind the lane's cursor; the others in `retry`.
 */

/* A lane, or all of one stream and domain together. */
struct lane_row {
    enum stream_id stream;
    int64_t strand; /* 0 for all together */
    char domain[DELIVERY_DOMAIN_ROOM];
    char site[DELIVERY_DOMAIN_ROOM]; /* key of the site it was last brought to; "": none yet */
    int64_t waiting;                 /* not ended: fresh, tried again later, under way or held */
    int64_t fresh_cursor;            /* no delivery up to this id is fresh */
    int64_t next_due;                /* no retry row is due earlier; LANE_NEVER: there is none */
};

/* lane_row_key borrows a row's key. */
MUST_USE struct lane_key lane_row_key(const struct lane_row *row);

/* lane_find_all reads what the lanes of a stream and domain are together, waiting or not;
 * *ret_found is false when there is none. */
MUST_USE bool lane_find_all(struct db *db, enum stream_id stream, struct span domain,
                            struct lane_row *ret_row, bool *ret_found, struct error *err);

/* lane_each_waiting_all gives at most `room` of these in `rows`, in order of stream and domain:
 * those after `after`, NULL at first. Fewer than `room` are the last. */
MUST_USE bool lane_each_waiting_all(struct db *db, const struct lane_row *after,
                                    struct lane_row *rows, size_t room, size_t *ret_n,
                                    struct error *err);

/* lane_each_waiting gives single lanes, in order of stream, domain and strand. */
MUST_USE bool lane_each_waiting(struct db *db, const struct lane_row *after, struct lane_row *rows,
                                size_t room, size_t *ret_n, struct error *err);

/* lane_cursor_read gives the fresh_cursor of one lane, 0 when there is no such lane. */
MUST_USE bool lane_cursor_read(struct db *db, const struct lane_key *key, int64_t *ret_cursor,
                               struct error *err);

/* lane_count_waiting gives how much waits for a domain, in all streams. */
MUST_USE bool lane_count_waiting(struct db *db, struct span domain, int64_t *ret_waiting,
                                 struct error *err);

/* A delivery that may be taken up. */
struct lane_delivery {
    int64_t id;
    int64_t due_at;
    int64_t first_due;
    int64_t deadline; /* 0: none but the stream's */
};

/* A part of a lane: the caller's array, and how much of it was filled. */
struct lane_page {
    struct lane_delivery *at;
    size_t room;
    size_t n;
    bool more; /* the walk is not at its end, even when n is 0 */
};

/* How many rows lane_claim_fresh looks at in one call. */
enum { LANE_SCAN_MOST = 5000 };

/* lane_claim_fresh gives fresh deliveries with ids above *after, in order, and moves *after to the
 * last id it looked at, fresh or not. A walk from the lane's cursor with room for one finds how far
 * the cursor may move: to just below the one found, else to *after. */
MUST_USE bool lane_claim_fresh(struct db *db, const struct lane_key *key, int64_t *after,
                               struct lane_page *page, struct error *err);

/* A walk through what is to be tried again, in order of due time. Starts from { .now_ms = now }. */
struct lane_retry_walk {
    int64_t now_ms; /* what is due by then is given */
    int64_t due_at; /* with id: the last one given */
    int64_t id;
    int64_t next_due; /* answer: when the first is due that is not due yet; LANE_NEVER: none */
};

/* lane_claim_retry gives what follows in the walk and moves it on. What is taken up stays in
 * `retry` until its state changes. */
MUST_USE bool lane_claim_retry(struct db *db, const struct lane_key *key,
                               struct lane_retry_walk *walk, struct lane_page *page,
                               struct error *err);

/* How far a lane has come. */
struct lane_progress {
    int64_t cursor;
    struct span site; /* its site's key; at == NULL keeps what is known */
};

/* lane_progress_put, on the ledger, moves the lane's cursor forward, never back, and sets next_due
 * to the earliest retry row. The caller vouches that no delivery up to the cursor is fresh: one
 * that is would not be found again. */
MUST_USE bool lane_progress_put(struct db *db, const struct lane_key *key,
                                const struct lane_progress *progress, struct error *err);

#endif
