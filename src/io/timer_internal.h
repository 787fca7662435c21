/*
 * Between timers and the two twins of the loop: the heap lives in the loop, the rules in timer.c.
 */
#ifndef POSTROOM_IO_TIMER_INTERNAL_H
#define POSTROOM_IO_TIMER_INTERNAL_H

#include "base/heap.h"

struct loop;

/* loop_timers gives the loop's heap of running timers, keyed by monotonic milliseconds. */
struct heap *loop_timers(struct loop *loop);

/* loop_timers_changed lets the loop look at the earliest timer anew. */
void loop_timers_changed(struct loop *loop);

/* loop_settle runs what was deferred: to be called after each event. */
void loop_settle(struct loop *loop);

/* timers_fire_due fires, in order, the timers that are due now; those that are started on the
 * way wait for the next call, so that a timer of 0 ms cannot starve the sockets. */
void timers_fire_due(struct loop *loop);

#endif
