/*
 * Threads for work that takes long or blocks: reading the store, rendering, signing. Each thread
 * has a state of its own (a read-only database connection, say). Answers come back to the loop of
 * the mailbox named in the work. In the simulation work runs on the one thread, after a seeded
 * delay, on one state per pool "thread".
 */
#ifndef POSTROOM_IO_WORKER_H
#define POSTROOM_IO_WORKER_H

#include <stddef.h>

#include "base/compiler.h"
#include "base/list.h"

struct mailbox;
struct worker_pool;

/* A piece of work, first member of the owner's struct. `run` happens on a worker thread with the
 * thread's state; then `link` is posted to `answers`, whose receiver finds the work again. */
struct work {
    struct list link;
    void (*run)(struct work *work, void *state);
    struct mailbox *answers;
};

struct worker_options {
    const char *name; /* kept by pointer */
    size_t threads;   /* at least 1 */
    /* state_new is called once on each new thread, state_free at its end; both may be NULL */
    void *(*state_new)(void *owner);
    void (*state_free)(void *state);
    void *owner;
    struct loop *loop; /* the simulation runs the work on this loop's virtual time */
};

/* worker_pool_new starts the threads. */
MUST_USE struct worker_pool *worker_pool_new(const struct worker_options *options);

/* worker_submit queues `work`, first come first served; from any thread. */
void worker_submit(struct worker_pool *pool, struct work *work);

/* worker_pool_free lets the threads finish what is queued, and joins them. */
void worker_pool_free(struct worker_pool *pool);

#endif
