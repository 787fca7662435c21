/*
 * The events of a thread from a seq on: what a mail made now would have to tell, and by when.
 */
#ifndef POSTROOM_STORE_EVENT_RANGE_H
#define POSTROOM_STORE_EVENT_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/delivery.h"
#include "store/notice.h"

struct db;

struct event_range {
    int64_t thread;
    int64_t from_seq;
    int64_t to_seq;        /* the highest of the thread, at least from_seq */
    int64_t living;        /* events that are neither silent, redacted nor past their deadline */
    int64_t stale;         /* events past their deadline */
    int64_t deadline;      /* the strictest of the living; 0: none has one */
    int64_t last_at;       /* when the last of the living was taken in */
    enum stream_id stream; /* the first by rank of those that the living ones' kinds are bound to */
};

/* event_range_read reads the range of a thread that begins at `from_seq`. */
MUST_USE bool event_range_read(struct db *db, int64_t thread, int64_t from_seq, int64_t now_ms,
                               struct event_range *ret_range, struct error *err);

/* event_range_begin gives where the mail of a notice begins, whose person has heard of its thread
 * what `heard` says: what is owed, else what follows the last delivered mail, else the first event
 * of the notice; never with what happened before the person watched, unless it was addressed to
 * them. */
MUST_USE bool event_range_begin(struct db *db, const struct notice *notice,
                                const struct heard *heard, int64_t now_ms, int64_t *ret_from,
                                struct error *err);

#endif
