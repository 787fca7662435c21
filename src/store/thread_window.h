/*
 * The open window of a thread: after an event has been fanned out whole, a further event of the
 * same shape needs no fan-out, because everybody it would tell has a notice waiting, but for those
 * whom it addresses directly and the first event's actor.
 *
 * That is exact because the shape holds all that decides (scopes, kind, urgency, labels, the
 * version of every watch on the scopes, and the store's audience epoch), because each notice that
 * goes closes the window (notice_drop), because it ends before any watch or suppression in force
 * runs out, and because none opens for an event after which, but before its fan-out, somebody began
 * to watch.
 */
#ifndef POSTROOM_STORE_THREAD_WINDOW_H
#define POSTROOM_STORE_THREAD_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "crypto/digest.h"
#include "store/audience.h"
#include "store/event.h"

struct db;

struct thread_shape {
    unsigned char digest[DIGEST_SIZE];
};

/* thread_window_shape sums up what decides about an event at this moment. */
MUST_USE bool thread_window_shape(struct db *db, const struct event *event,
                                  const struct audience_event *audience,
                                  struct thread_shape *ret_shape, struct error *err);

/* thread_window_covers tells whether the thread's window is open and holds the event; *ret_actor
 * is then who was left out of it as the actor, 0 for nobody. */
MUST_USE bool thread_window_covers(struct db *db, const struct event *event,
                                   const struct thread_shape *shape, bool *ret_covers,
                                   int64_t *ret_actor, struct error *err);

/* thread_window_begin notes that the event is going to be fanned out whole; thread_window_complete
 * opens the window unless a notice of the thread has gone since, or a mail told beyond the event
 * before. */
MUST_USE bool thread_window_begin(struct db *db, const struct event *event,
                                  const struct audience_event *audience,
                                  const struct thread_shape *shape, struct error *err);
MUST_USE bool thread_window_complete(struct db *db, const struct event *event, struct error *err);

/* thread_window_passed notes that notices of the thread have become mails, or were skipped, for
 * all up to `to_seq`: that closes its window. */
MUST_USE bool thread_window_passed(struct db *db, int64_t thread, int64_t to_seq,
                                   struct error *err);

#endif
