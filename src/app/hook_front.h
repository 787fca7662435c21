/*
 * The place in the daemon of what tells webhooks: its thread.
 */
#ifndef POSTROOM_APP_HOOK_FRONT_H
#define POSTROOM_APP_HOOK_FRONT_H

#include "base/compiler.h"
#include "base/error.h"

struct hook_front;
struct ledger;
struct settings;

/* hook_front_new makes it, NULL and `err` when the store cannot be read; hook_front_start starts
 * its thread, hook_front_stop, from another thread and while the ledger runs, ends it;
 * hook_front_free frees it, NULL is allowed. */
MUST_USE struct hook_front *hook_front_new(const struct settings *settings, struct ledger *ledger,
                                           struct error *err);
void hook_front_start(struct hook_front *front);
void hook_front_stop(struct hook_front *front);
void hook_front_free(struct hook_front *front);

#endif
