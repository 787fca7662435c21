/*
 * Times of the day and days as people write them: "9:00", "2026-11-30".
 */
#ifndef POSTROOM_DOMAIN_DAY_TIME_H
#define POSTROOM_DOMAIN_DAY_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/span.h"

enum { DAY_ROOM = 12 };

/* day_time_read reads "9:00" or "09:00" into the minute of the day; false for anything else. */
MUST_USE bool day_time_read(struct span text, int *ret_minute);

/* day_read reads "2026-11-30" into days since 1 January 1970; false for anything else, and for
 * days before the year 2000. */
MUST_USE bool day_read(struct span text, int64_t *ret_day);

/* day_put writes a day as day_read takes it. */
void day_put(int64_t day, char text[DAY_ROOM]);

#endif
