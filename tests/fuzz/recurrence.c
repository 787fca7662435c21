/*
 * Rules and calendars of any bytes: refused, or a rule whose times go forward, keep to its end and
 * are found within bounds; a calendar gives days in order. A first line is the rule, the rest a
 * calendar.
 */
#include <assert.h>
#include <string.h>

#include "base/zone.h"
#include "base/zone_rule.h"
#include "domain/holidays.h"
#include "domain/recurrence.h"
#include "tests/fuzz/target.h"

enum { TIMES = 5 };

static void check_times(const struct recurrence *r)
{
    int64_t at = zone_days(2026, 11, 24) * 86400000;

    for (int i = 0; i < TIMES; i++) {
        int64_t next;

        if (!recurrence_next(r, at, &next))
            return;
        assert(next > at);
        assert(next < at + (RECURRENCE_DAYS_AHEAD + 4) * INT64_C(86400000));
        assert(r->rule.until_ms == 0 || next <= r->rule.until_ms);
        at = next;
    }
}

static void check_rule(struct span text, const struct zone *zone, const struct holidays *holidays)
{
    struct recurrence r = { .zone = zone,
                            .start_day = zone_days(2026, 3, 29),
                            .start_minute = 150,
                            .holidays = holidays->at,
                            .holiday_count = holidays->n };
    struct error err;

    if (recurrence_rule_read(text, &r.rule, &err))
        check_times(&r);
    else
        assert(err.text[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct holidays holidays;
    struct zone *zone = zone_open(SPAN("Europe/Vienna"));
    struct span calendar = { (const char *)data, size };
    struct span rule = span_take_until(&calendar, '\n');
    struct error err;

    holidays.n = 0;
    (void)!holidays_read_calendar(&holidays, calendar, zone_days(2026, 11, 24), &err);
    for (size_t i = 1; i < holidays.n; i++)
        assert(holidays.at[i - 1] < holidays.at[i]);
    check_rule(rule, NULL, &holidays);
    check_rule(rule, zone, &holidays);
    zone_free(zone);
    return 0;
}
