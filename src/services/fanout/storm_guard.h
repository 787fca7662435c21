/*
 * The guard before the fan-out: an event that would reach more people at once than the settings
 * allow is held until somebody lets it go.
 */
#ifndef POSTROOM_SERVICES_FANOUT_STORM_GUARD_H
#define POSTROOM_SERVICES_FANOUT_STORM_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/scope.h"
#include "store/event.h"

struct db;

/* 0: any number. */
struct storm_limits {
    int64_t watches; /* on the event's scopes */
    int64_t directs; /* people addressed */
};

/* storm_guard_ask tells whether the event must be held; one that was released is not. */
MUST_USE bool storm_guard_ask(struct db *db, const struct storm_limits *limits,
                              const struct event *event, const struct scope_list *scopes,
                              bool *ret_hold, struct error *err);

/* storm_guard_hold takes the event out of the order, raises an alarm and logs it. */
MUST_USE bool storm_guard_hold(struct db *db, const struct storm_limits *limits,
                               struct event *event, int64_t now_ms, struct error *err);

#endif
