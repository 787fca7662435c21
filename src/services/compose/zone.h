/*
 * A time zone: how far its clocks are ahead of UTC at any moment, as the system's zone files
 * (TZif, RFC 8536) say.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_ZONE_H
#define POSTROOM_SERVICES_COMPOSE_ZONE_H

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

/* What clocks of a zone show. */
struct zone_moment {
    int year;
    int month; /* 1 to 12 */
    int day;
    int hour;
    int minute;
    int offset_minutes; /* ahead of UTC */
    char name[16];      /* "CET", "UTC" */
};

/* zone_moment gives it for a moment; NULL stands for UTC. */
void zone_moment(const struct zone *zone, int64_t utc_ms, struct zone_moment *ret_moment);

#endif
