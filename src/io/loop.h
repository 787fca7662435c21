/*
 * An event loop: one thread's worth of sockets, timers and mailboxes. Two link-time
 * implementations: the real one on libuv, and the simulated one (tests/simulation) where every
 * loop of the process shares one thread, one seed and one virtual time.
 *
 * All calls but loop_stop and mailbox_post belong to the loop's own thread (or to any thread
 * before it runs).
 */
#ifndef POSTROOM_IO_LOOP_H
#define POSTROOM_IO_LOOP_H

#include <stdint.h>

#include "base/compiler.h"

struct loop;

/* loop_new makes a loop; `name` (kept by pointer) shows in logs and thread names. */
MUST_USE struct loop *loop_new(const char *name);

/* loop_free frees a loop that does not run and has no streams, listeners, timers or mailboxes
 * left but those already closed. */
void loop_free(struct loop *loop);

/* loop_run serves events in the calling thread until loop_stop. */
void loop_run(struct loop *loop);

/* loop_start runs the loop in a thread of its own, loop_join waits for that thread's end. In the
 * simulation both return at once: the simulation drives all loops. */
void loop_start(struct loop *loop);
void loop_join(struct loop *loop);

/* loop_stop makes loop_run return after the event at hand; callable from any thread. */
void loop_stop(struct loop *loop);

/* loop_now_ms gives UTC milliseconds, fresh at each call; it may step. */
MUST_USE int64_t loop_now_ms(const struct loop *loop);

/* loop_monotonic_ms gives milliseconds that never step, fresh at each call. */
MUST_USE int64_t loop_monotonic_ms(const struct loop *loop);

/* loop_defer calls `run` once after the event at hand, before the next one: the place where
 * finished objects are freed, so that no callback ever frees its caller. */
void loop_defer(struct loop *loop, void (*run)(void *owner), void *owner);

#endif
