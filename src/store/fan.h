/*
 * Fanning an event out: notices for all who are to be told, by one set-based statement a slice of
 * people. The law it follows is domain/watch_decision's; tests hold the two together.
 */
#ifndef POSTROOM_STORE_FAN_H
#define POSTROOM_STORE_FAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "domain/notice_wait.h"
#include "store/audience.h"
#include "store/event.h"
#include "store/watch_facts.h"

struct db;

/* fan_next gives the seq of an event that is not fanned out, the first after `after`, else the
 * first of all; 0 when there is none. Events of one thread come in their order. */
MUST_USE bool fan_next(struct db *db, int64_t after, int64_t *ret_seq, struct error *err);

/* fan_waits tells whether an event of the thread is not fanned out to the last person yet. */
MUST_USE bool fan_waits(struct db *db, int64_t thread, bool *ret_waits, struct error *err);

/* How the notices of an event are written. */
struct fan {
    const struct event *event;
    const struct audience_event *audience;
    const struct watching_lists *lists; /* that watch its scopes */
    int64_t now_ms;
    int64_t window;        /* ms until they are due, unless the watch has a delay of its own */
    int64_t urgent_window; /* the same for urgent events */
    int64_t busy_window; /* instead of a shorter window, for people to whom a mail of the thread */
    int64_t busy_time;   /* left within the last so many ms */
    enum notice_wait wait; /* what they wait for then */
};

/* fan_slice_end gives the person up to whom a slice of about `people` who watch or are addressed
 * goes, after `after`; INT64_MAX when that is the last slice. */
MUST_USE bool fan_slice_end(struct db *db, const struct fan *fan, int64_t after, size_t people,
                            int64_t *ret_end, struct error *err);

/* fan_slice writes the notices of all people with ids in (after, end]; gives how many were written
 * or raised. People who have a notice for the thread already, as urgent, cost no write. */
MUST_USE bool fan_slice(struct db *db, const struct fan *fan, int64_t after, int64_t end,
                        int64_t *ret_told, struct error *err);

/* fan_advance stores how far the event is fanned out, and adds to those told. */
MUST_USE bool fan_advance(struct db *db, const struct event *event, enum fan_state state,
                          int64_t cursor, int64_t told, struct error *err);

#endif
