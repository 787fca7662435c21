/*
 * The order of events. An event has a place in it, its seq, from when it may be told of; one that
 * waits for its time, or is held, has none: its seq is its own id, negative, so that no range of a
 * thread holds it.
 */
#ifndef POSTROOM_STORE_EVENT_ORDER_H
#define POSTROOM_STORE_EVENT_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

struct buf;
struct db;
struct event;

/* event_enter gives an event without a place the next one, lets it be taken in at `now_ms` and
 * tells the fan-out: those hear of it who watch then. */
MUST_USE bool event_enter(struct db *db, struct event *event, int64_t now_ms, struct error *err);

/* event_hold takes an event that nobody was told of out of the order. */
MUST_USE bool event_hold(struct db *db, struct event *event, struct error *err);

/* event_held_cause appends the cause of the alarm about a held event. */
enum { EVENT_HELD_CAUSE_ROOM = 64 };
void event_held_cause(int64_t event, struct buf *to);

/* event_unheld ends that alarm, if there is one. */
MUST_USE bool event_unheld(struct db *db, int64_t event, int64_t now_ms, struct error *err);

/* How a held event is let go. The numbers are in the store. */
enum event_release {
    EVENT_NOT_RELEASED = 0,
    EVENT_RELEASED = 1,      /* as any other */
    EVENT_RELEASED_LATER = 2 /* at the hour of each one's daily digests, and not urgent */
};

/* event_release lets a held event enter the order, and ends the alarm; it is not held again. */
MUST_USE bool event_release(struct db *db, struct event *event, enum event_release how,
                            int64_t now_ms, struct error *err);

/* event_entered_at gives when the event of a seq entered the order; 0 when there is none. */
MUST_USE bool event_entered_at(struct db *db, int64_t seq, int64_t *ret_at, struct error *err);

/* event_later_find gives the event whose time comes first: its id, 0 when none waits, and when. */
MUST_USE bool event_later_find(struct db *db, int64_t *ret_id, int64_t *ret_at, struct error *err);

#endif
