/*
 * Days on which nothing recurs: written one by one, or taken out of a calendar file (RFC 5545).
 */
#ifndef POSTROOM_DOMAIN_HOLIDAYS_H
#define POSTROOM_DOMAIN_HOLIDAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

enum { HOLIDAYS_LIMIT = 1000, HOLIDAY_CALENDAR_LIMIT = 512 * 1024 };

/* Ascending, each once. */
struct holidays {
    int64_t at[HOLIDAYS_LIMIT]; /* days since 1 January 1970 */
    size_t n;
};

/* holidays_add adds a day; ERROR_LIMIT when there are HOLIDAYS_LIMIT already. */
MUST_USE bool holidays_add(struct holidays *holidays, int64_t day, struct error *err);

/* holidays_read adds a day as "2026-12-25"; or from one to another, "2026-12-24..2026-12-26". */
MUST_USE bool holidays_read(struct holidays *holidays, struct span text, struct error *err);

/* holidays_read_calendar adds the days of all events that last whole days; those that come again
 * by a rule for the ten years from `from_day` on. ERROR_INVALID names the line. */
MUST_USE bool holidays_read_calendar(struct holidays *holidays, struct span text, int64_t from_day,
                                     struct error *err);

#endif
