#include "domain/recurrence.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/zone_rule.h"
#include "domain/day_time.h"
#include "tests/support/cmocka.h"

/* When a rule is due by the clocks of a zone, in UTC. */
struct story {
    const char *rule;
    const char *zone;
    const char *start; /* day and time of day */
    const char *after; /* UTC; the first time is after it */
    const char *times; /* the next ones, as "2026-11-30 08:00", divided by commas; "" for none */
};

static int64_t moment(const char *text)
{
    int64_t ms;

    assert_true(text_to_time(span_of(text), &ms));
    return ms;
}

static void put_time(struct buf *to, int64_t at)
{
    struct zone_moment m;

    zone_moment(NULL, at, &m);
    buf_printf(to, "%s%04d-%02d-%02d %02d:%02d", buf_view(to).n > 0 ? ", " : "", m.year, m.month,
               m.day, m.hour, m.minute);
}

static void set_up(struct recurrence *r, const struct story *story, struct zone *zone)
{
    struct span time = span_of(story->start);
    struct span day = span_take_until(&time, ' ');
    struct error err;

    *r = (struct recurrence){ .zone = zone };
    if (!recurrence_rule_read(span_of(story->rule), &r->rule, &err))
        fail_msg("%s: %s", story->rule, err.text);
    assert_true(day_read(day, &r->start_day) && day_time_read(time, &r->start_minute));
}

static size_t count_times(const char *times)
{
    size_t n = times[0] != '\0';

    for (; *times != '\0'; times++)
        n += *times == ',';
    return n;
}

static void assert_times(const struct recurrence *r, const struct story *story)
{
    struct buf got;
    int64_t at = moment(story->after);
    size_t n = count_times(story->times);

    buf_init(&got, 10000);
    for (size_t i = 0; i < n + (n == 0) && recurrence_next(r, at, &at); i++)
        put_time(&got, at);
    if (!span_equal(buf_view(&got), span_of(story->times)))
        fail_msg("%s: %.*s", story->rule, SPAN_ARGS(buf_view(&got)));
    buf_fini(&got);
}

static void check(const struct story *story)
{
    struct zone *zone = zone_open(span_of(story->zone));
    struct recurrence r;

    assert_non_null(zone);
    set_up(&r, story, zone);
    assert_times(&r, story);
    zone_free(zone);
}

/* The examples of RFC 5545, section 3.8.5.3, and our own. */
static void rules_mean_what_the_standard_says(void **state)
{
    static const struct story stories[] = {
        { "FREQ=WEEKLY;BYDAY=MO", "UTC", "2026-11-24 09:00", "2026-11-24T00:00:00Z",
          "2026-11-30 09:00, 2026-12-07 09:00, 2026-12-14 09:00" },
        { "FREQ=DAILY;COUNT=3", "UTC", "2026-11-24 09:00", "2026-11-20T00:00:00Z",
          "2026-11-24 09:00, 2026-11-25 09:00, 2026-11-26 09:00" },
        { "FREQ=DAILY;COUNT=3", "UTC", "2026-11-24 09:00", "2026-11-26T09:00:00Z", "" },
        { "FREQ=DAILY;INTERVAL=10;UNTIL=20261215", "UTC", "2026-11-24 09:00",
          "2026-11-24T09:00:00Z", "2026-12-04 09:00, 2026-12-14 09:00" },
        { "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,WE,FR", "UTC", "2026-11-24 09:00",
          "2026-11-24T00:00:00Z",
          "2026-11-25 09:00, 2026-11-27 09:00, 2026-12-07 09:00, 2026-12-09 09:00" },
        { "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "UTC", "2027-08-03 09:00",
          "2027-01-01T00:00:00Z",
          "2027-08-03 09:00, 2027-08-08 09:00, 2027-08-17 09:00, 2027-08-22 09:00" },
        { "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "UTC", "2027-08-03 09:00",
          "2027-01-01T00:00:00Z",
          "2027-08-03 09:00, 2027-08-15 09:00, 2027-08-17 09:00, 2027-08-29 09:00" },
        { "FREQ=MONTHLY;BYDAY=1FR", "UTC", "2026-09-01 09:00", "2026-09-01T00:00:00Z",
          "2026-09-04 09:00, 2026-10-02 09:00, 2026-11-06 09:00" },
        { "FREQ=MONTHLY;BYDAY=-2MO", "UTC", "2026-09-01 09:00", "2026-09-01T00:00:00Z",
          "2026-09-21 09:00, 2026-10-19 09:00, 2026-11-23 09:00" },
        { "FREQ=MONTHLY;BYMONTHDAY=-1", "UTC", "2027-12-01 09:00", "2027-12-01T00:00:00Z",
          "2027-12-31 09:00, 2028-01-31 09:00, 2028-02-29 09:00, 2028-03-31 09:00" },
        { "FREQ=MONTHLY", "UTC", "2026-10-31 09:00", "2026-10-01T00:00:00Z",
          "2026-10-31 09:00, 2026-12-31 09:00, 2027-01-31 09:00, 2027-03-31 09:00" },
        { "FREQ=MONTHLY;INTERVAL=18;BYMONTHDAY=10,11", "UTC", "2027-09-10 09:00",
          "2027-09-01T00:00:00Z",
          "2027-09-10 09:00, 2027-09-11 09:00, 2029-03-10 09:00, 2029-03-11 09:00" },
        { "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "UTC", "2026-01-01 09:00", "2026-01-01T00:00:00Z",
          "2026-02-13 09:00, 2026-03-13 09:00, 2026-11-13 09:00" },
        { "FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3", "UTC", "2026-09-01 09:00",
          "2026-09-01T00:00:00Z", "2026-09-03 09:00, 2026-10-07 09:00, 2026-11-05 09:00" },
        { "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "UTC", "2026-10-01 17:00",
          "2026-10-01T00:00:00Z", "2026-10-30 17:00, 2026-11-30 17:00, 2026-12-31 17:00" },
        { "FREQ=YEARLY", "UTC", "2024-02-29 09:00", "2024-01-01T00:00:00Z",
          "2024-02-29 09:00, 2028-02-29 09:00" },
        { "FREQ=YEARLY;BYMONTH=6,7", "UTC", "2026-06-10 09:00", "2026-06-01T00:00:00Z",
          "2026-06-10 09:00, 2026-07-10 09:00, 2027-06-10 09:00" },
        { "FREQ=YEARLY;BYDAY=20MO", "UTC", "2026-01-01 09:00", "2026-01-01T00:00:00Z",
          "2026-05-18 09:00, 2027-05-17 09:00" },
        { "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "UTC", "2026-01-01 09:00", "2026-01-01T00:00:00Z",
          "2026-03-29 09:00, 2027-03-28 09:00" },
        { "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "UTC",
          "2024-11-05 09:00", "2024-11-06T00:00:00Z", "2028-11-07 09:00, 2032-11-02 09:00" },
        { "FREQ=DAILY;BYHOUR=9,13;BYMINUTE=0,30", "UTC", "2026-11-24 00:00", "2026-11-24T09:10:00Z",
          "2026-11-24 09:30, 2026-11-24 13:00, 2026-11-24 13:30, 2026-11-25 09:00" },
        { "RRULE:freq=weekly;byday=mo", "UTC", "2026-11-24 09:00", "2026-11-24T00:00:00Z",
          "2026-11-30 09:00" },
        /* never, and that is found out */
        { "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "UTC", "2026-11-24 09:00", "2026-11-24T00:00:00Z",
          "" },
        { "FREQ=YEARLY;BYDAY=MO;BYSETPOS=60", "UTC", "2026-11-24 09:00", "2026-11-24T00:00:00Z",
          "" },
        { "FREQ=YEARLY;INTERVAL=366", "UTC", "2026-11-24 09:00", "2026-11-25T00:00:00Z", "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(stories); i++)
        check(&stories[i]);
}

static void a_time_is_that_of_the_zones_clocks(void **state)
{
    static const struct story stories[] = {
        /* an hour later in UTC when summer time ends */
        { "FREQ=WEEKLY;BYDAY=SA,SU", "Europe/Vienna", "2026-10-24 09:00", "2026-10-24T00:00:00Z",
          "2026-10-24 07:00, 2026-10-25 08:00, 2026-10-31 08:00" },
        /* 02:30 is left out on 29 March 2026: clocks go from 02:00 to 03:00, which is 01:00 UTC */
        { "FREQ=DAILY", "Europe/Vienna", "2026-03-28 02:30", "2026-03-28T00:00:00Z",
          "2026-03-28 01:30, 2026-03-29 01:00, 2026-03-30 00:30" },
        /* what is left out and what follows it are one moment */
        { "FREQ=DAILY;BYHOUR=2,3", "Europe/Vienna", "2026-03-29 00:00", "2026-03-28T12:00:00Z",
          "2026-03-29 01:00, 2026-03-30 00:00, 2026-03-30 01:00" },
        /* 02:30 comes twice on 25 October 2026: the first counts */
        { "FREQ=DAILY", "Europe/Vienna", "2026-10-24 02:30", "2026-10-24T12:00:00Z",
          "2026-10-25 00:30, 2026-10-26 01:30" },
        { "FREQ=DAILY", "America/New_York", "2026-11-01 01:30", "2026-11-01T00:00:00Z",
          "2026-11-01 05:30, 2026-11-02 06:30" },
        { "FREQ=DAILY", "Australia/Lord_Howe", "2026-04-04 01:45", "2026-04-03T20:00:00Z",
          "2026-04-04 14:45, 2026-04-05 15:15" },
        { "FREQ=WEEKLY;BYDAY=MO", "Asia/Kathmandu", "2026-11-24 00:10", "2026-11-24T00:00:00Z",
          "2026-11-29 18:25, 2026-12-06 18:25" },
        /* a day that Samoa never had */
        { "FREQ=DAILY", "Pacific/Apia", "2011-12-29 09:00", "2011-12-29T00:00:00Z",
          "2011-12-29 19:00, 2011-12-30 10:00, 2011-12-30 19:00" },
        /* UNTIL by the zone's clocks, and by UTC */
        { "FREQ=DAILY;UNTIL=20261126T090000", "Asia/Tokyo", "2026-11-25 09:00",
          "2026-11-24T00:00:00Z", "2026-11-25 00:00, 2026-11-26 00:00" },
        { "FREQ=DAILY;UNTIL=20261125T235900Z", "Asia/Tokyo", "2026-11-26 09:00",
          "2026-11-24T00:00:00Z", "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(stories); i++)
        check(&stories[i]);
}

static void holidays_are_skipped_but_count(void **state)
{
    static const struct story story = { "FREQ=WEEKLY;BYDAY=FR;COUNT=4", "Europe/Vienna",
                                        "2026-12-18 09:00", "2026-12-01T00:00:00Z",
                                        "2026-12-18 08:00, 2027-01-08 08:00" };
    struct zone *zone = zone_open(SPAN("Europe/Vienna"));
    int64_t holidays[] = { zone_days(2026, 12, 25), zone_days(2027, 1, 1) };
    struct recurrence r;
    int64_t at;

    (void)state;
    set_up(&r, &story, zone);
    r.holidays = holidays;
    r.holiday_count = 2;
    assert_times(&r, &story);
    assert_false(recurrence_next(&r, moment("2027-01-08T08:00:00Z"), &at));
    r.start_ms = moment("2026-12-19T00:00:00Z");
    assert_true(recurrence_next(&r, 0, &at));
    assert_int_equal(at, moment("2027-01-08T08:00:00Z"));
    r.until_ms = moment("2027-01-08T07:59:00Z");
    assert_false(recurrence_next(&r, 0, &at));
    zone_free(zone);
}

static void what_is_no_rule_is_refused_by_its_part(void **state)
{
    static const struct {
        const char *rule;
        const char *words;
    } cases[] = {
        { "", "no part of a rule" },
        { "every Monday", "no part of a rule" },
        { "BYDAY=MO", "FREQ: is missing" },
        { "FREQ=SECONDLY", "DAILY, WEEKLY, MONTHLY or YEARLY" },
        { "FREQ=HOURLY", "BYHOUR=9,13,17" },
        { "FREQ=DAILY;FREQ=DAILY", "twice" },
        { "FREQ=DAILY;INTERVAL=0", "INTERVAL" },
        { "FREQ=DAILY;INTERVAL=99999999999999999999", "INTERVAL" },
        { "FREQ=DAILY;COUNT=1001", "COUNT" },
        { "FREQ=DAILY;COUNT=2;UNTIL=20270101", "do not go together" },
        { "FREQ=WEEKLY;BYDAY=XX", "BYDAY" },
        { "FREQ=WEEKLY;BYDAY=", "BYDAY" },
        { "FREQ=WEEKLY;BYDAY=2MO", "needs FREQ=MONTHLY" },
        { "FREQ=MONTHLY;BYDAY=0MO", "BYDAY" },
        { "FREQ=MONTHLY;BYDAY=54MO", "BYDAY" },
        { "FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY" },
        { "FREQ=WEEKLY;BYMONTHDAY=3", "does not go with" },
        { "FREQ=YEARLY;BYMONTH=13", "BYMONTH" },
        { "FREQ=YEARLY;BYWEEKNO=20", "\"BYWEEKNO\": is no part" },
        { "FREQ=YEARLY;BYYEARDAY=20", "\"BYYEARDAY\": is no part" },
        { "FREQ=DAILY;BYSECOND=20", "\"BYSECOND\": is no part" },
        { "FREQ=DAILY;BYHOUR=24", "BYHOUR" },
        { "FREQ=DAILY;BYMINUTE=60", "BYMINUTE" },
        { "FREQ=DAILY;BYSETPOS=1", "BYSETPOS" },
        { "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367", "BYSETPOS" },
        { "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1;BYHOUR=9,10", "one time of each day" },
        { "FREQ=DAILY;UNTIL=tomorrow", "UNTIL" },
        { "FREQ=DAILY;UNTIL=20260231", "UNTIL" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct recurrence_rule rule;
        struct error err = { .text = "" };

        assert_false(recurrence_rule_read(span_of(cases[i].rule), &rule, &err));
        if (strstr(err.text, cases[i].words) == NULL)
            fail_msg("%s: %s", cases[i].rule, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_mean_what_the_standard_says),
        cmocka_unit_test(a_time_is_that_of_the_zones_clocks),
        cmocka_unit_test(holidays_are_skipped_but_count),
        cmocka_unit_test(what_is_no_rule_is_refused_by_its_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
