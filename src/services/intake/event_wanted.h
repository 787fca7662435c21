/*
 * Which event a request speaks of.
 */
#ifndef POSTROOM_SERVICES_INTAKE_EVENT_WANTED_H
#define POSTROOM_SERVICES_INTAKE_EVENT_WANTED_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "services/request/request.h"
#include "store/event.h"

struct db;

/* event_wanted reads the event of the field `id`, or of the application's `key`. */
MUST_USE bool event_wanted(struct db *db, const struct request *request, struct arena *arena,
                           struct event *ret_event, struct error *err);

#endif
