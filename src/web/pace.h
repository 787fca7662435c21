/*
 * How often the same person may change something over the public pages: a bound for those who
 * press in a loop, as machines do.
 */
#ifndef POSTROOM_WEB_PACE_H
#define POSTROOM_WEB_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

enum { PACE_MOST = 30, PACE_SLOTS = 1024 };

/* Starts zeroed. People share a slot by their number; of so many at once one may wait for another.
 */
struct pace {
    struct pace_slot {
        int64_t minute;
        int count;
    } slots[PACE_SLOTS];
};

/* pace_allow counts one change, and is false when there were PACE_MOST in this minute. */
MUST_USE bool pace_allow(struct pace *pace, uint64_t who, int64_t now_ms);

#endif
