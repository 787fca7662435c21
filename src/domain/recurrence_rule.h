/*
 * What RFC 5545, section 3.3.10, calls a RECUR value: "FREQ=WEEKLY;BYDAY=MO". All of it that
 * speaks of days and times of day in civil life: nothing finer than a minute, no BYWEEKNO, no
 * BYYEARDAY, and BYSETPOS where each day has one time.
 */
#ifndef POSTROOM_DOMAIN_RECURRENCE_RULE_H
#define POSTROOM_DOMAIN_RECURRENCE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

enum recurrence_period { PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH, PERIOD_YEAR };

enum {
    RECURRENCE_RULE_LIMIT = 500,
    RECURRENCE_COUNT_LIMIT = 1000,
    RECURRENCE_INTERVAL_LIMIT = 366
};

/* Bits counted from one end of a month or year: bit n is the nth. */
struct nth_bits {
    uint64_t first; /* from the beginning */
    uint64_t last;  /* from the end */
};

struct recurrence_rule {
    enum recurrence_period period;
    int interval;
    int count;            /* 0: without end */
    int week_start;       /* 0 to 6, 0 being Sunday */
    unsigned months;      /* bits 1 to 12; 0: not said */
    struct nth_bits days; /* of the month; 0: not said */
    unsigned weekdays;    /* bits 0 to 6: each one; 0: not said */
    bool has_nth;
    struct nth_bits nth[7]; /* of each weekday, 1 to 53 */
    bool has_places;
    uint64_t places[6];      /* BYSETPOS, bits 1 to 366 */
    uint64_t last_places[6]; /* and those from the end */
    unsigned hours;          /* bits 0 to 23; 0: not said */
    uint64_t minutes;        /* bits 0 to 59; 0: not said */
    int64_t until_day;       /* of local clocks, when until_ms is 0; 0: not said */
    int until_minute;
    int64_t until_ms; /* UTC; 0: not said */
};

/* recurrence_rule_read reads a rule, with "RRULE:" before it or not; ERROR_INVALID names the part
 * and the reason. */
MUST_USE bool recurrence_rule_read(struct span text, struct recurrence_rule *ret_rule,
                                   struct error *err);

/* recurrence_stamp_read reads "20261130", "20261130T090000" or the latter with "Z"; false for
 * anything else. A day without a time is one to its last minute, which is *ret_minute. */
MUST_USE bool recurrence_stamp_read(struct span text, int64_t *ret_day, int *ret_minute,
                                    bool *ret_is_utc);

#endif
