/*
 * The hours of digests.
 */
#include "services/fanout/digest_schedule.h"

#include "base/table.h"

enum { MINUTE_MS = 60000, HOUR_MINUTES = 60, DAYS_OF_A_WEEK = 7 };

#define DAY_MS INT64_C(86400000)

static int64_t floor_to(int64_t ms, int64_t unit)
{
    return (ms >= 0 ? ms : ms - unit + 1) / unit * unit;
}

/* Clocks move by whole minutes, and may do so within an hour (Lord Howe Island by thirty): minute
 * after minute is safe, and there are sixty of them at most. */
static int64_t full_hour_after(const struct zone *zone, int64_t after_ms)
{
    int64_t at = floor_to(after_ms, MINUTE_MS) + MINUTE_MS;
    struct zone_moment moment;

    zone_moment(zone, at, &moment);
    for (int i = 0; i < 2 * HOUR_MINUTES && moment.minute != 0; i++) {
        at += MINUTE_MS;
        zone_moment(zone, at, &moment);
    }
    return at;
}

static int64_t day_hour_after(const struct zone *zone, int hour, int64_t after_ms)
{
    return zone_next(zone, after_ms, hour * HOUR_MINUTES);
}

static int64_t week_hour_after(const struct zone *zone, int weekday, int hour, int64_t after_ms)
{
    int64_t at = day_hour_after(zone, hour, after_ms);
    struct zone_moment moment;

    zone_moment(zone, at, &moment);
    for (int i = 1; i < DAYS_OF_A_WEEK && moment.weekday != weekday; i++) {
        at = day_hour_after(zone, hour, at);
        zone_moment(zone, at, &moment);
    }
    return at;
}

int64_t digest_hour_after(const struct zone *zone, enum watch_mode mode,
                          const struct digest_settings *settings, int hour, int64_t after_ms)
{
    int at = hour >= 0 ? hour : settings->hour;

    switch (mode) {
    case WATCH_HOURLY:
        return full_hour_after(zone, after_ms);
    case WATCH_WEEKLY:
        return week_hour_after(zone, settings->weekday, at, after_ms);
    case WATCH_DAILY:
    case WATCH_MUTE:
    case WATCH_NOW:
        break;
    }
    return day_hour_after(zone, at, after_ms);
}

int64_t digest_hour_until(const struct zone *zone, enum watch_mode mode,
                          const struct digest_settings *settings, int hour, int64_t until_ms)
{
    int64_t back = mode == WATCH_HOURLY  ? DAY_MS / 12
                   : mode == WATCH_DAILY ? 2 * DAY_MS
                                         : 8 * DAY_MS;
    int64_t at = digest_hour_after(zone, mode, settings, hour, until_ms - back);
    int64_t next = digest_hour_after(zone, mode, settings, hour, at);

    while (next <= until_ms) {
        at = next;
        next = digest_hour_after(zone, mode, settings, hour, at);
    }
    return at;
}

int64_t digest_moment(int64_t person, const struct digest_settings *settings)
{
    uint64_t hash = table_hash((struct span){ (const char *)&person, sizeof person });

    return settings->spread > 0 ? (int64_t)(hash % (uint64_t)settings->spread) : 0;
}
