/*
 * Running a function on a loop's own thread and waiting for it: how the main thread starts and
 * ends what lives on other loops.
 */
#ifndef POSTROOM_APP_LOOP_CALL_H
#define POSTROOM_APP_LOOP_CALL_H

#include "base/compiler.h"

struct loop;
struct loop_caller;

/* loop_caller_new makes the way to `loop`, before the loop runs. */
MUST_USE struct loop_caller *loop_caller_new(struct loop *loop);

/* loop_call runs `function(owner)` on the loop's thread and returns when it is done. */
void loop_call(struct loop_caller *caller, void (*function)(void *owner), void *owner);

/* loop_caller_free ends it; the loop does not run any more. */
void loop_caller_free(struct loop_caller *caller);

#endif
