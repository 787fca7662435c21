/*
 * The submission port's place in the daemon: its thread and its certificate.
 */
#ifndef POSTROOM_APP_SUBMISSION_FRONT_H
#define POSTROOM_APP_SUBMISSION_FRONT_H

#include "base/compiler.h"
#include "base/error.h"

struct ledger;
struct settings;
struct submission_front;
struct submission_paces;

/* submission_front_new listens where the settings say, or does nothing when they say nowhere. NULL
 * with `err` when it cannot. */
MUST_USE struct submission_front *submission_front_new(const struct settings *settings,
                                                       struct ledger *ledger,
                                                       struct submission_paces *paces,
                                                       struct error *err);

/* submission_front_start starts its thread. submission_front_stop, from another thread and while
 * the ledger runs, ends it. */
void submission_front_start(struct submission_front *front);
void submission_front_stop(struct submission_front *front);

/* submission_front_renew shows who connects from now on the certificate that stands in its file, if
 * it has changed; on failure the one before stays. From another thread, while it runs. */
MUST_USE bool submission_front_renew(struct submission_front *front, struct error *err);

/* submission_front_free closes everything. NULL is allowed. */
void submission_front_free(struct submission_front *front);

#endif
