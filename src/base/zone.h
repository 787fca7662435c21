/*
 * A time zone: how far its clocks are ahead of UTC at any moment, as the system's zone files
 * (TZif, RFC 8536) say.
 */
#ifndef POSTROOM_BASE_ZONE_H
#define POSTROOM_BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/span.h"

struct zone;

/* zone_read makes a zone of a file's bytes; NULL when they are no zone. Freed with zone_free (NULL
 * is allowed). */
MUST_USE struct zone *zone_read(struct span file);

/* zone_open reads the zone of an IANA name such as "Europe/Vienna" from the system; NULL when
 * there is none. */
MUST_USE struct zone *zone_open(struct span name);
void zone_free(struct zone *zone);

/* zone_known tells whether there is a zone of the name. */
MUST_USE bool zone_known(struct span name);

/* What clocks of a zone show. */
struct zone_moment {
    int year;
    int month; /* 1 to 12 */
    int day;
    int hour;
    int minute;
    int weekday;        /* 0 to 6, 0 being Sunday */
    int offset_minutes; /* ahead of UTC */
    char name[16];      /* "CET", "UTC" */
};

/* zone_moment gives it for a moment; NULL stands for UTC. */
void zone_moment(const struct zone *zone, int64_t utc_ms, struct zone_moment *ret_moment);

/* zone_find gives the moment, in UTC ms, when clocks of the zone (NULL: UTC) show the minute of a
 * day, which is counted from 1 January 1970 (zone_rule.h: zone_days). Of a time that clocks show
 * twice it is the first; of one they leave out, the moment they leave it out. */
MUST_USE int64_t zone_find(const struct zone *zone, int64_t days, int minute);

/* zone_next gives the first such moment of any day that lies after `after_ms`. */
MUST_USE int64_t zone_next(const struct zone *zone, int64_t after_ms, int minute);

#endif
