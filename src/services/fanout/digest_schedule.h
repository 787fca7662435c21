/*
 * When digests are due. Pure: the zone's clocks and the settings go in, a moment comes out. It is
 * always found anew from the local time, never by adding hours, so that summer time moves nothing.
 */
#ifndef POSTROOM_SERVICES_FANOUT_DIGEST_SCHEDULE_H
#define POSTROOM_SERVICES_FANOUT_DIGEST_SCHEDULE_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/zone.h"
#include "domain/settings.h"
#include "domain/watching.h"

/* digest_hour_after gives the first moment after `after_ms` at which clocks of the zone (NULL: UTC)
 * show the hour of a digest of that mode: any full hour, the hour of each day, that of the day of
 * the week. `hour` is the person's own, or -1 for the settings'. */
MUST_USE int64_t digest_hour_after(const struct zone *zone, enum watch_mode mode,
                                   const struct digest_settings *settings, int hour,
                                   int64_t after_ms);

/* digest_hour_until gives the last such moment that is not after `until_ms`. */
MUST_USE int64_t digest_hour_until(const struct zone *zone, enum watch_mode mode,
                                   const struct digest_settings *settings, int hour,
                                   int64_t until_ms);

/* digest_moment gives how long after the hour a person's digests leave, in ms: less than the
 * settings' spread, and always the same. */
MUST_USE int64_t digest_moment(int64_t person, const struct digest_settings *settings);

#endif
