/*
 * Running a function on the ledger, inside a transaction, and waiting for its commit: for the main
 * thread, which has no loop.
 */
#ifndef POSTROOM_APP_LEDGER_CALL_H
#define POSTROOM_APP_LEDGER_CALL_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"

struct db;
struct ledger;
struct ledger_caller;
struct loop;

/* ledger_caller_new makes the way to the ledger; answers come by `loop`, which does not run yet
 * and is not the ledger's own. */
MUST_USE struct ledger_caller *ledger_caller_new(struct ledger *ledger, struct loop *loop);

/* ledger_call runs `function(owner, ...)` as a request; it may run again after a rollback. */
MUST_USE bool ledger_call(struct ledger_caller *caller,
                          bool (*function)(void *owner, struct db *db, struct error *err),
                          void *owner, struct error *err);

/* ledger_caller_free ends it; its loop does not run any more. NULL is allowed. */
void ledger_caller_free(struct ledger_caller *caller);

#endif
