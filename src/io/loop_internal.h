/*
 * The real loop, open to the other files of io.
 */
#ifndef POSTROOM_IO_LOOP_INTERNAL_H
#define POSTROOM_IO_LOOP_INTERNAL_H

#include <pthread.h>
#include <uv.h>

#include "io/loop.h"
#include "io/timer_internal.h"

enum { LOOP_BUFFER_SIZE = 64 * 1024 };

struct deferred {
    void (*run)(void *owner);
    void *owner;
};

struct loop {
    const char *name;
    uv_loop_t uv;
    uv_async_t stop;   /* from any thread: leave loop_run */
    uv_timer_t later;  /* stands for the earliest of `timers` */
    uv_idle_t soon;    /* the same, when that one is due already */
    int64_t armed_for; /* what `later` or `soon` wait for; INT64_MAX: nothing */
    struct heap timers;
    struct deferred *deferred;
    size_t deferred_count;
    size_t deferred_room;
    pthread_t thread;
    char buffer[LOOP_BUFFER_SIZE]; /* what the stream at hand reads into */
};

#endif
