/*
 * A thought event and the question it puts to one person.
 */
#ifndef POSTROOM_SERVICES_INTAKE_EVENT_PREVIEW_INTERNAL_H
#define POSTROOM_SERVICES_INTAKE_EVENT_PREVIEW_INTERNAL_H

#include <jansson.h>

#include "base/arena.h"
#include "domain/watch_decision.h"
#include "services/intake/event_draft.h"
#include "services/request/request.h"
#include "store/audience.h"
#include "store/event.h"
#include "store/watch_facts.h"

struct preview {
    struct db *db;
    const struct request *request;
    struct arena *arena;
    struct event_draft draft;
    struct audience_event event;
    struct watching_lists lists; /* that watch its scopes */
    int64_t thread;              /* 0: it would be new */
    bool is_urgent;
    const char *overruled;        /* the outcome for all who would be told; NULL: they are told */
    struct event_direct *directs; /* people who are known, by their number */
    size_t direct_count;
    size_t direct_room;
    size_t new_count; /* of those addressed, first in the draft, who would be made */
    int64_t after;
    size_t limit;
};

/* event_preview_person decides about one; adds what there is to say of them to `people` unless
 * that is NULL. *ret_outcome is a literal. */
MUST_USE bool event_preview_person(struct preview *p, int64_t person, json_t *people,
                                   const char **ret_outcome, struct error *err);

#endif
