/*
 * An event in an answer.
 */
#ifndef POSTROOM_SERVICES_REQUEST_EVENT_JSON_H
#define POSTROOM_SERVICES_REQUEST_EVENT_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"

struct db;
struct event;

/* event_json_put_names sets what an event is told from others by; event_json_put all of it but
 * how far its fan-out is. */
MUST_USE bool event_json_put_names(json_t *object, struct db *db, const struct event *event,
                                   struct error *err);
MUST_USE bool event_json_put(json_t *object, struct db *db, struct arena *arena,
                             const struct event *event, struct error *err);

/* event_fan_name says how far its fan-out is: "waiting", "done", "held", ... */
MUST_USE const char *event_fan_name(const struct event *event);

#endif
