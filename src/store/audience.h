/*
 * The facts by which it is decided whether one person is told of one event (domain/watch_decision
 * does that): for explanations, previews and letters.
 */
#ifndef POSTROOM_STORE_AUDIENCE_H
#define POSTROOM_STORE_AUDIENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/scope.h"
#include "domain/watch_decision.h"
#include "store/event.h"

struct db;

enum { AUDIENCE_LABELS = 3 };

/* What of an event decides who hears of it. */
struct audience_event {
    struct scope_list scopes;
    int64_t seq; /* INT64_MAX: a thought one, after all there are */
    int64_t at;  /* when it was taken in */
    int kind_bit;
    int64_t actor;
    struct span labels[AUDIENCE_LABELS]; /* of event, topic and thread; absent: everybody */
};

/* audience_of_event reads it for a stored event. */
MUST_USE bool audience_of_event(struct db *db, struct arena *arena, const struct event *event,
                                struct audience_event *ret_audience, struct error *err);

/* audience_standing fills all of the question but the watches and direct_rank: the event's own
 * facts, and how the person stands as things are now. */
MUST_USE bool audience_standing(struct db *db, const struct audience_event *event, int64_t person,
                                struct watch_question *question, struct error *err);

#endif
