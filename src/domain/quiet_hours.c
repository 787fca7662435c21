/*
 * The quiet hours of a day are the time between two moments, each found by the zone's clocks: so
 * they are right on days when the clocks change, too.
 */
#include "domain/quiet_hours.h"

#include <stdio.h>

#include "domain/day_time.h"

bool quiet_hours_read(struct span text, struct quiet_hours *ret_quiet, struct error *err)
{
    struct quiet_hours quiet = { 0, 0 };
    struct span to = text;
    struct span from = span_take_until(&to, '-');

    if (text.n > 0 && (!day_time_read(from, &quiet.from) || !day_time_read(to, &quiet.to) ||
                       quiet.from == quiet.to))
        return error_set(err, ERROR_INVALID,
                         "quiet: \"%.*s\" are no quiet hours: give two times of day, such as "
                         "22:00-07:00",
                         SPAN_ARGS(span_first(text, 40)));
    *ret_quiet = quiet;
    return true;
}

void quiet_hours_put(struct quiet_hours quiet, char text[QUIET_HOURS_ROOM])
{
    (void)snprintf(text, QUIET_HOURS_ROOM, "%02u:%02u-%02u:%02u", (unsigned)quiet.from / 60 % 24,
                   (unsigned)quiet.from % 60, (unsigned)quiet.to / 60 % 24,
                   (unsigned)quiet.to % 60);
}

int64_t quiet_hours_end(struct quiet_hours quiet, const struct zone *zone, int64_t now_ms)
{
    int64_t today = now_ms / 86400000;

    if (quiet.from == quiet.to)
        return 0;
    for (int64_t day = today - 2; day <= today + 1; day++) {
        int64_t end = zone_find(zone, day + (quiet.to < quiet.from), quiet.to);

        if (end > now_ms && zone_find(zone, day, quiet.from) <= now_ms)
            return end;
    }
    return 0;
}
