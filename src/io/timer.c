/*
 * Timers: nodes of the loop's heap. The same for the real and the simulated loop, which differ
 * in their clocks and in how they wait.
 */
#include "io/timer.h"

#include <assert.h>

#include "io/loop.h"
#include "io/timer_internal.h"

void timer_init(struct timer *timer, struct loop *loop, void (*fire)(void *owner), void *owner)
{
    *timer = (struct timer){ .loop = loop, .fire = fire, .owner = owner };
}

void timer_start(struct timer *timer, int64_t ms)
{
    assert(ms >= 0);
    heap_put(loop_timers(timer->loop), &timer->node, loop_monotonic_ms(timer->loop) + ms);
    loop_timers_changed(timer->loop);
}

void timer_stop(struct timer *timer)
{
    if (heap_contains(&timer->node))
        heap_remove(loop_timers(timer->loop), &timer->node);
}

bool timer_running(const struct timer *timer)
{
    return heap_contains(&timer->node);
}

void timers_fire_due(struct loop *loop)
{
    struct heap *timers = loop_timers(loop);
    int64_t now = loop_monotonic_ms(loop);
    uint64_t newcomers = timers->next_order;

    for (;;) {
        struct heap_node *first = heap_first(timers);
        struct timer *timer;

        if (first == NULL || first->key > now || first->order >= newcomers)
            return;
        timer = CONTAINER_OF(first, struct timer, node);
        heap_remove(timers, first);
        timer->fire(timer->owner);
        loop_settle(loop);
    }
}
