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

/* Deliveries by id: the caller's array, and how much of it was filled. */
struct deadline_page {
    int64_t *ids;
    size_t room;
    size_t n;
};

/* deadline_each_past gives further deliveries, of any state, with a deadline before `now_ms`, in
 * order of deadline, and moves the walk behind them; a page that is not full is the last, and the
 * walk then stands just before `now_ms`. */
MUST_USE bool deadline_each_past(struct db *db, int64_t now_ms, struct deadline_walk *walk,
                                 struct deadline_page *page, struct error *err);

/* deadline_next gives the first deadline at or after `now_ms`, of any state; DEADLINE_NEVER when
 * there is none. */
#define DEADLINE_NEVER INT64_MAX
MUST_USE bool deadline_next(struct db *db, int64_t now_ms, int64_t *ret_deadline,
                            struct error *err);

/* deadline_mark_read gives where the last walk that was marked stood, {0, 0} at first;
 * deadline_mark_put marks one. */
MUST_USE bool deadline_mark_read(struct db *db, struct deadline_walk *ret_walk, struct error *err);
MUST_USE bool deadline_mark_put(struct db *db, const struct deadline_walk *walk, struct error *err);

#endif
