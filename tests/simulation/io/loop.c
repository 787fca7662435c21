/*
 * The simulated loop: nothing but a name, a heap of timers and a list of deferred calls. The world
 * runs all loops.
 */
#include "io/loop.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "io/timer_internal.h"
#include "tests/simulation/world_internal.h"

struct deferred {
    void (*run)(void *owner);
    void *owner;
};

struct loop {
    struct mortal mortal;
    const char *name;
    struct heap timers;
    struct occurrence due; /* stands for the earliest of them */
    struct deferred *deferred;
    size_t deferred_count;
    size_t deferred_room;
    bool stopped;
    int64_t busy_until_us;
    struct list parked; /* what would have happened while stopped */
};

static void fire_timers(void *owner)
{
    struct loop *loop = owner;

    timers_fire_due(loop);
    loop_timers_changed(loop);
}

static void loop_die(struct mortal *mortal, enum sim_death death)
{
    struct loop *loop = CONTAINER_OF(mortal, struct loop, mortal);

    (void)death;
    loop->stopped = true; /* what is on the way to it is parked for ever */
    occurrence_cancel(&loop->due);
}

struct loop *loop_new(const char *name)
{
    struct loop *loop = NEW(struct loop);

    mortal_init(&loop->mortal, NULL, loop_die);
    loop->name = name;
    heap_init(&loop->timers);
    list_init(&loop->parked);
    occurrence_init(&loop->due, "timers", loop, fire_timers, loop);
    return loop;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    loop_settle(loop);
    occurrence_cancel(&loop->due);
    assert(list_empty(&loop->parked));
    mortal_end(&loop->mortal);
    heap_fini(&loop->timers);
    alloc_free(loop->deferred);
    alloc_free(loop);
}

static void resume(struct loop *loop)
{
    loop->stopped = false;
    LIST_EACH (&loop->parked, link) {
        occurrence_plan(CONTAINER_OF(link, struct occurrence, parked), 0);
    }
}

static void run_until_stopped(struct loop *loop)
{
    while (!loop->stopped) {
        if (!sim_step(world())) {
            (void)fprintf(stderr,
                          "simulation: nothing is left to happen, and nobody stops the "
                          "loop \"%s\"\n",
                          loop->name);
            abort();
        }
    }
}

/* Like the real one: a stop that came before the run ends it at once. */
void loop_run(struct loop *loop)
{
    loop_settle(loop);
    run_until_stopped(loop);
    resume(loop);
}

void loop_start(struct loop *loop)
{
    loop_settle(loop);
}

/* Nothing may happen on a loop whose thread has ended. */
void loop_join(struct loop *loop)
{
    run_until_stopped(loop);
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
}

int loop_machine(const struct loop *loop)
{
    return loop->mortal.machine;
}

bool loop_is_stopped(const struct loop *loop)
{
    return loop->stopped;
}

void loop_park(struct loop *loop, struct occurrence *o)
{
    list_append(&loop->parked, &o->parked);
}

int64_t loop_busy_us(const struct loop *loop)
{
    int64_t left_us = loop->busy_until_us - world()->now_us;

    return left_us > 0 ? left_us : 0;
}

void loop_be_busy(struct loop *loop, int64_t us)
{
    loop->busy_until_us = world()->now_us + loop_busy_us(loop) + us;
}

int64_t loop_now_ms(const struct loop *loop)
{
    (void)loop;
    return sim_utc_ms(world());
}

int64_t loop_monotonic_ms(const struct loop *loop)
{
    (void)loop;
    return sim_time_ms(world());
}

void loop_defer(struct loop *loop, void (*run)(void *owner), void *owner)
{
    if (loop->deferred_count == loop->deferred_room) {
        loop->deferred_room = loop->deferred_room > 0 ? loop->deferred_room * 2 : 16;
        loop->deferred = alloc_grow(loop->deferred, loop->deferred_room * sizeof(struct deferred));
    }
    loop->deferred[loop->deferred_count++] = (struct deferred){ run, owner };
}

void loop_settle(struct loop *loop)
{
    for (size_t i = 0; i < loop->deferred_count; i++) {
        struct deferred call = loop->deferred[i]; /* the array may move in the call */

        call.run(call.owner);
    }
    loop->deferred_count = 0;
}

struct heap *loop_timers(struct loop *loop)
{
    return &loop->timers;
}

void loop_timers_changed(struct loop *loop)
{
    struct heap_node *first = heap_first(&loop->timers);
    int64_t wait_us;

    if (first == NULL) {
        occurrence_cancel(&loop->due);
        return;
    }
    wait_us = first->key * 1000 - world()->now_us;
    occurrence_plan(&loop->due, wait_us > 0 ? wait_us : 0);
}
