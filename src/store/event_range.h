/*
 * The events of a thread from a seq on: what a mail made now would have to tell, and by when.
 */
#ifndef POSTROOM_STORE_EVENT_RANGE_H
#define POSTROOM_STORE_EVENT_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "store/notice.h"

struct db;

struct event_range {
    int64_t thread;
    int64_t from_seq;
    int64_t to_seq;   /* the highest of the thread, at least from_seq */
    int64_t living;   /* events that are neither silent, redacted nor past their deadline */
    int64_t stale;    /* events past their deadline */
    int64_t deadline; /* the strictest of the living; 0: none has one */
    int64_t last_at;  /* when the last of the living was taken in */
};

/* event_range_read reads the range of a thread that begins at `from_seq`. */
MUST_USE bool event_range_read(struct db *db, int64_t thread, int64_t from_seq, int64_t now_ms,
                               struct event_range *ret_range, struct error *err);

/* event_range_floor gives where a mail to the notice's person may begin, between `from_seq` and
 * the notice's first event: not before their watches began, but with the first event of the thread
 * that was addressed to them. Without a watch that is `from_seq`. */
MUST_USE bool event_range_floor(struct db *db, const struct notice *notice, int64_t now_ms,
                                int64_t from_seq, int64_t *ret_from, struct error *err);

#endif
