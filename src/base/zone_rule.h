/*
 * What clocks of a zone do after the last change that its file knows: the footer of a TZif file, a
 * TZ string as POSIX has it.
 */
#ifndef POSTROOM_BASE_ZONE_RULE_H
#define POSTROOM_BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/span.h"

/* What clocks show for a while. */
struct zone_type {
    int32_t offset; /* seconds ahead of UTC */
    char name[16];
};

/* The day and time of a change, every year. */
struct zone_yearly {
    char form;    /* 'M': the week's weekday of a month; 'J': a day without 29 February; 'n': any */
    int month;    /* 1 to 12 */
    int week;     /* 1 to 5, 5 being the last */
    int day;      /* weekday, 0 being Sunday; or the day of the year */
    int32_t time; /* seconds after local midnight; may lie in another day */
};

struct zone_rule {
    struct zone_type standard;
    struct zone_type summer;
    bool has_summer;
    struct zone_yearly begins; /* summer, in the clocks of standard */
    struct zone_yearly ends;   /* in the clocks of summer */
};

/* zone_rule_read reads a TZ string without its newlines; false, and nothing changed, when it is
 * none. */
MUST_USE bool zone_rule_read(struct span text, struct zone_rule *ret_rule);

/* zone_rule_at gives what counts at a moment, in seconds since 1970. */
MUST_USE const struct zone_type *zone_rule_at(const struct zone_rule *rule, int64_t seconds);

/* zone_days gives the days from 1 January 1970 to a date; days of a month count on, so that the
 * 32nd of January is the 1st of February. */
MUST_USE int64_t zone_days(int64_t year, int month, int day);

/* zone_year gives the year a day of 1970 and on lies in. */
MUST_USE int64_t zone_year(int64_t days);

#endif
