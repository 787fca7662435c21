/*
 * Quiet hours: the part of each local day in which a person wants no mail that is not urgent.
 */
#ifndef POSTROOM_DOMAIN_QUIET_HOURS_H
#define POSTROOM_DOMAIN_QUIET_HOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "base/zone.h"

/* Minutes of the local day; the same twice: none. */
struct quiet_hours {
    int from;
    int to; /* the first that is not quiet; of the next day when it is earlier */
};

enum { QUIET_HOURS_ROOM = 12 };

/* quiet_hours_read reads "22:00-07:00", and "" for none; ERROR_INVALID says what is wanted. */
MUST_USE bool quiet_hours_read(struct span text, struct quiet_hours *ret_quiet, struct error *err);

/* quiet_hours_put writes them as quiet_hours_read takes them. */
void quiet_hours_put(struct quiet_hours quiet, char text[QUIET_HOURS_ROOM]);

/* quiet_hours_end gives when the quiet hours end that hold at `now_ms` by the clocks of the zone
 * (NULL: UTC), and 0 when none do. */
MUST_USE int64_t quiet_hours_end(struct quiet_hours quiet, const struct zone *zone, int64_t now_ms);

#endif
