/*
 * What a person has heard of a thread: up to where a mail exists, up to where one was delivered,
 * and what is owed since a mail failed.
 */
#ifndef POSTROOM_STORE_HEARD_H
#define POSTROOM_STORE_HEARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

/* A row, without the texts. */
struct heard {
    int64_t made_seq;    /* a mail exists, or existed, for all up to here */
    int64_t through_seq; /* delivered up to here; 0: nothing yet */
    int64_t missed_from; /* owed from here; 0: nothing */
    int64_t delivery;    /* the unfinished mail; 0: none */
    int64_t left_at;     /* when the last one was delivered; 0: none was */
};

/* heard_find reads a row; *ret_found is false when the person was never to be told. */
MUST_USE bool heard_find(struct db *db, int64_t person, int64_t thread, struct heard *ret_heard,
                         bool *ret_found, struct error *err);

/* heard_made notes that `delivery` is to tell the person of all up to `to_seq`. */
MUST_USE bool heard_made(struct db *db, int64_t person, int64_t thread, int64_t delivery,
                         int64_t to_seq, struct error *err);

/* heard_passed notes that all up to `to_seq` was decided upon without a mail. */
MUST_USE bool heard_passed(struct db *db, int64_t person, int64_t thread, int64_t to_seq,
                           struct error *err);

/* heard_owe notes that the person is owed what happened from that seq on. */
MUST_USE bool heard_owe(struct db *db, int64_t person, int64_t thread, int64_t from_seq,
                        struct error *err);

/* heard_let_go takes the thread's unfinished mail for heard when it may have arrived and is held
 * for somebody to decide: what came since goes on without it. *ret_gone is false, and nothing
 * changes, when the mail stands otherwise. */
MUST_USE bool heard_let_go(struct db *db, int64_t person, int64_t thread, int64_t delivery,
                           bool *ret_gone, struct error *err);

/* How a delivery ended, and what is known of it. */
struct heard_end {
    int64_t delivery;
    int64_t person;   /* 0: nobody in particular, who hears nothing */
    int64_t deadline; /* 0: none */
    bool urgent;
    bool delivered;
    bool not_needed;        /* the application says so: as if heard, without a mail */
    int64_t digest;         /* the mode of one; 0: it is none */
    bool is_done;           /* delivered, or cancelled: a digest is not owed */
    bool is_digest;         /* by the hour: what it was to tell beside is owed by no other */
    bool tells_rest;        /* what of it can be told still is told by a mail of its own */
    bool in_doubt;          /* it may have arrived: it may have been let go */
    struct span subject;    /* of the delivered mail: the first one stays the thread's */
    struct span message_id; /* without angle brackets; both absent for a mail of several threads */
    int64_t now_ms;
};

/* heard_settle notes for each part of a delivery that it has ended, whichever way; to be called
 * with every final state. A delivered part has been heard; another is owed, unless it was of a
 * digest that was cancelled, and when its deadline was the reason, what of it is not stale is to be
 * told by a mail of its own. A part that was let go is owed unless what came later was told: that
 * would be told twice. Notices that waited for the end become due. */
MUST_USE bool heard_settle(struct db *db, const struct heard_end *end, struct error *err);

#endif
