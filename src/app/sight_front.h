/*
 * Whom the daemon asks who may see what, as the settings say: a web address, a module, or nobody.
 */
#ifndef POSTROOM_APP_SIGHT_FRONT_H
#define POSTROOM_APP_SIGHT_FRONT_H

#include "base/compiler.h"
#include "base/error.h"
#include "domain/settings.h"
#include "services/delivery/sight_source.h"

struct ledger;
struct sight_front;

/* sight_front_new loads the module, if there is to be one; NULL when that fails. Settings and
 * ledger outlive it. */
MUST_USE struct sight_front *sight_front_new(const struct settings *settings, struct ledger *ledger,
                                             struct error *err);

/* sight_front_source gives what the delivery engine takes. */
MUST_USE struct sight_source sight_front_source(struct sight_front *front);

/* sight_front_start before the engine starts, sight_front_stop when it has stopped and the ledger
 * still runs, sight_front_free when that has ended; NULL is allowed there. */
void sight_front_start(struct sight_front *front);
void sight_front_stop(struct sight_front *front);
void sight_front_free(struct sight_front *front);

#endif
