/*
 * What a webhook's answer means, and when to try again.
 */
#ifndef POSTROOM_SERVICES_HOOKS_HOOK_OUTCOME_H
#define POSTROOM_SERVICES_HOOKS_HOOK_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

struct http_answer;
struct random;

enum { HOOK_PROBLEM_ROOM = 300 };

struct hook_outcome {
    bool taken;             /* 2xx */
    bool gone;              /* 410: nobody listens there any more */
    int64_t retry_after_ms; /* 0: the receiver does not say */
    char problem[HOOK_PROBLEM_ROOM];
};

/* hook_outcome_of judges an answer. */
MUST_USE struct hook_outcome hook_outcome_of(const struct http_answer *answer);

/* hook_outcome_wait_ms gives how long to wait after so many failures in a row, this one included:
 * from seconds to an hour, longer if the receiver asks for it, never longer than a day. */
MUST_USE int64_t hook_outcome_wait_ms(const struct hook_outcome *outcome, int64_t failures,
                                      struct random *random);

#endif
