/*
 * Deliveries by their deadline: a walk over those whose time is over, and a mark of how far it has
 * come, so that no start walks over the past again.
 */
#ifndef POSTROOM_STORE_DEADLINE_H
#define POSTROOM_STORE_DEADLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

struct db;

/* Where a walk stands: behind this delivery. */
struct deadline_walk {
    int64_t deadline;
    int64_t delivery;
};

/* deadline_each_past gives at most `room` further deliveries, of any state, with a deadline before
 * `now_ms`, in order of deadline, and moves the walk behind them; fewer than `room` are the last,
 * and the walk then stands just before `now_ms`. */
MUST_USE bool deadline_each_past(struct db *db, int64_t now_ms, struct deadline_walk *walk,
                                 int64_t *ids, size_t room, size_t *ret_n, struct error *err);

/* deadline_mark_read gives where the last walk that was marked stood, {0, 0} at first;
 * deadline_mark_put marks one. */
MUST_USE bool deadline_mark_read(struct db *db, struct deadline_walk *ret_walk, struct error *err);
MUST_USE bool deadline_mark_put(struct db *db, const struct deadline_walk *walk, struct error *err);

#endif
