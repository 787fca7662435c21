/*
 * When something that recurs happens: by a rule, by the clocks of a zone, from a day on, but not
 * on holidays. Pure.
 *
 * A time is that of the zone's clocks. One that they leave out in spring is the moment at which
 * they leave it out; one that they show twice in autumn counts the first time. A holiday counts
 * for COUNT, though nothing happens then. A rule that has no time within RECURRENCE_DAYS_AHEAD has
 * none: whatever it says, finding out looks at so many days at most.
 */
#ifndef POSTROOM_DOMAIN_RECURRENCE_H
#define POSTROOM_DOMAIN_RECURRENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/zone.h"
#include "domain/recurrence_rule.h"

enum { RECURRENCE_DAYS_AHEAD = 12 * 366 };

struct recurrence {
    struct recurrence_rule rule;
    const struct zone *zone; /* NULL: UTC */
    int64_t start_day;       /* since 1 January 1970, of local clocks: the rule counts from it */
    int64_t start_ms;        /* times before neither happen nor count for COUNT; 0: none */
    int start_minute;        /* the time of day, unless the rule says hours or minutes */
    int64_t until_ms;        /* the last moment, besides what the rule says; 0: none */
    const int64_t *holidays; /* days, ascending */
    size_t holiday_count;
};

/* recurrence_next gives the first time after `after_ms`; false when there is none. */
MUST_USE bool recurrence_next(const struct recurrence *r, int64_t after_ms, int64_t *ret_at);

#endif
