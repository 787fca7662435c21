/*
 * Taking an event in: all it says is done, or nothing, in the transaction at hand.
 */
#ifndef POSTROOM_SERVICES_INTAKE_EVENT_TAKE_H
#define POSTROOM_SERVICES_INTAKE_EVENT_TAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "services/request/request.h"

struct db;

/* What an event is taken to say where it says nothing. */
struct event_defaults {
    struct span key; /* at == NULL: none */
    int64_t at;      /* when it happened; 0: now */
};

/* event_take reads the event in the request's args and acts on it: people, topics, grants and
 * watches first, so that who begins to watch with the event hears of it; then the event itself,
 * for the fan-out. `defaults` may be NULL.
 *
 * The same key with the same body gives the same event again and changes nothing; with a higher
 * revision it changes what was not told yet; with another body it is ERROR_CONFLICT. */
MUST_USE bool event_take(struct db *db, const struct request *request,
                         const struct event_defaults *defaults, int64_t *ret_event,
                         struct error *err);

/* event_take_is_refusal tells what is wrong with an event from what is wrong with us. */
MUST_USE bool event_take_is_refusal(enum error_kind kind);

#endif
