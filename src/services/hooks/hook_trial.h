/*
 * Trying a webhook out: one call with a ping in it, of which nothing is kept.
 */
#ifndef POSTROOM_SERVICES_HOOKS_HOOK_TRIAL_H
#define POSTROOM_SERVICES_HOOKS_HOOK_TRIAL_H

#include <jansson.h>
#include <stdbool.h>

struct loop;
struct settings;

/* What came of it: {status, problem}, given away; `taken`: the answer was a yes. */
typedef void hook_trial_done(void *owner, json_t *result, bool taken);

/* hook_trial_start makes the call that webhooks_ping gave, borrowed, and tells `done` on the loop
 * within settings->webhooks.timeout. */
void hook_trial_start(struct loop *loop, const struct settings *settings, json_t *ping,
                      hook_trial_done *done, void *owner);

#endif
