/*
 * A timer on a loop: a value in its owner's struct, no memory of its own. Monotonic time.
 */
#ifndef POSTROOM_IO_TIMER_H
#define POSTROOM_IO_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/heap.h"

struct loop;

struct timer {
    struct heap_node node;
    struct loop *loop;
    void (*fire)(void *owner);
    void *owner;
};

/* timer_init prepares a stopped timer. */
void timer_init(struct timer *timer, struct loop *loop, void (*fire)(void *owner), void *owner);

/* timer_start lets `fire` be called once after `ms` milliseconds (0: in the next turn of the
 * loop); a running timer starts anew. */
void timer_start(struct timer *timer, int64_t ms);

/* timer_stop forgets a running timer; needed before its memory goes. */
void timer_stop(struct timer *timer);

MUST_USE bool timer_running(const struct timer *timer);

#endif
