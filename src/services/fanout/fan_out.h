/*
 * Fanning out events, one bounded step at a time, in the ledger's transaction at hand.
 */
#ifndef POSTROOM_SERVICES_FANOUT_FAN_OUT_H
#define POSTROOM_SERVICES_FANOUT_FAN_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "services/fanout/storm_guard.h"

struct db;

struct fan_out_terms {
    int64_t now_ms;
    int64_t window;
    int64_t urgent_window;
    int64_t busy_window; /* of threads of which a mail left within */
    int64_t busy_time;
    size_t people; /* of a step, about */
    struct storm_limits storm;
};

/* fan_out_later lets the first event that waits for its time enter the order when that has come;
 * *ret_next is that time, 0 when no event waits. Call it until the time is still to come. */
MUST_USE bool fan_out_later(struct db *db, int64_t now_ms, int64_t *ret_next, struct error *err);

/* fan_out_step does one slice of the next event, all of it when few are concerned or the thread's
 * window is open. *io_last is the seq of the event at hand, by which events take turns; begin with
 * 0. *ret_idle is true when there was nothing to do. */
MUST_USE bool fan_out_step(struct db *db, const struct fan_out_terms *terms, int64_t *io_last,
                           bool *ret_idle, struct error *err);

#endif
