/*
 * Digests at the hour of the reader's clocks, whatever those do.
 */
#include "services/fanout/digest_schedule.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/cmocka.h"

static const struct digest_settings eight = { .hour = 8, .weekday = 1, .spread = 300000 };

#define DAY INT64_C(86400000)
#define HOUR INT64_C(3600000)

/* Noon UTC of a day that is counted from 1970. */
static int64_t noon(int64_t days)
{
    return days * DAY + 12 * HOUR;
}

enum { MARCH_27 = 20539, OCTOBER_23 = 20749, APRIL_3 = 20546 }; /* of 2026 */

static void assert_clocks(const struct zone *zone, int64_t at, const char *expected)
{
    struct zone_moment m;
    char shown[40];

    zone_moment(zone, at, &m);
    (void)snprintf(shown, sizeof shown, "%02d-%02d %02d:%02d", m.month, m.day, m.hour, m.minute);
    assert_string_equal(shown, expected);
}

static void each_day_has_one_at_the_hour_whatever_the_clocks_do(void **state)
{
    static const char *const names[] = { "Europe/Berlin",       "America/New_York",
                                         "Australia/Lord_Howe", "Asia/Kathmandu",
                                         "America/Sao_Paulo",   "Pacific/Apia" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        struct zone *zone = zone_open(span_of(names[i]));
        int64_t at = noon(20450);

        assert_non_null(zone);
        for (int day = 0; day < 800; day++) {
            int64_t next = digest_hour_after(zone, WATCH_DAILY, &eight, -1, at);
            struct zone_moment m;

            zone_moment(zone, next, &m);
            assert_int_equal(m.hour, 8);
            assert_int_equal(m.minute, 0);
            assert_true(next > at);
            assert_true(day == 0 || (next - at >= DAY - HOUR && next - at <= DAY + HOUR));
            assert_int_equal(digest_hour_until(zone, WATCH_DAILY, &eight, -1, next), next);
            assert_int_equal(digest_hour_until(zone, WATCH_DAILY, &eight, -1, next + DAY / 2),
                             next);
            at = next;
        }
        zone_free(zone);
    }
}

static void summer_time_moves_no_digest(void **state)
{
    struct zone *berlin = zone_open(SPAN("Europe/Berlin"));
    int64_t before = digest_hour_after(berlin, WATCH_DAILY, &eight, -1, noon(MARCH_27));
    int64_t after = digest_hour_after(berlin, WATCH_DAILY, &eight, -1, before);

    (void)state;
    assert_clocks(berlin, before, "03-28 08:00");
    assert_clocks(berlin, after, "03-29 08:00");
    assert_int_equal(after - before, 23 * HOUR);
    before = digest_hour_after(berlin, WATCH_DAILY, &eight, -1, noon(OCTOBER_23));
    after = digest_hour_after(berlin, WATCH_DAILY, &eight, -1, before);
    assert_clocks(berlin, after, "10-25 08:00");
    assert_int_equal(after - before, 25 * HOUR);
    zone_free(berlin);
}

/* At two o'clock in the night clocks in Berlin go to three. */
static void an_hour_that_is_left_out_is_when_it_is_left_out(void **state)
{
    struct zone *berlin = zone_open(SPAN("Europe/Berlin"));
    int64_t at = digest_hour_after(berlin, WATCH_DAILY, &eight, 2, noon(MARCH_27) + DAY);

    (void)state;
    assert_clocks(berlin, at, "03-29 03:00");
    assert_clocks(berlin, digest_hour_after(berlin, WATCH_DAILY, &eight, 2, at), "03-30 02:00");
    zone_free(berlin);
}

/* Clocks on Lord Howe Island go back half an hour at two. */
static void an_hour_that_comes_twice_has_one_daily_digest(void **state)
{
    struct zone *lord_howe = zone_open(SPAN("Australia/Lord_Howe"));
    int64_t first = digest_hour_after(lord_howe, WATCH_DAILY, &eight, 1, noon(APRIL_3) + DAY / 2);
    int64_t second = digest_hour_after(lord_howe, WATCH_DAILY, &eight, 1, first);

    (void)state;
    assert_clocks(lord_howe, first, "04-05 01:00");
    assert_clocks(lord_howe, second, "04-06 01:00");
    assert_int_equal(second - first, DAY + HOUR / 2);
    zone_free(lord_howe);
}

static void hourly_ones_come_at_full_hours_of_the_clocks(void **state)
{
    struct zone *kathmandu = zone_open(SPAN("Asia/Kathmandu"));
    int64_t at = noon(20450) + 1;

    (void)state;
    for (int i = 0; i < 50; i++) {
        int64_t next = digest_hour_after(kathmandu, WATCH_HOURLY, &eight, -1, at);

        assert_int_equal(next % HOUR, HOUR / 4); /* 5:45 ahead */
        assert_true(next - at <= HOUR);
        assert_int_equal(digest_hour_until(kathmandu, WATCH_HOURLY, &eight, -1, next + 5), next);
        at = next;
    }
    zone_free(kathmandu);
}

static void weekly_ones_come_on_their_day(void **state)
{
    struct zone *zone = zone_open(SPAN("America/New_York"));
    int64_t at = noon(20450);

    (void)state;
    for (int i = 0; i < 60; i++) {
        int64_t next = digest_hour_after(zone, WATCH_WEEKLY, &eight, -1, at);
        struct zone_moment m;

        zone_moment(zone, next, &m);
        assert_int_equal(m.weekday, 1);
        assert_int_equal(m.hour, 8);
        assert_true(i == 0 || (next - at >= 7 * DAY - HOUR && next - at <= 7 * DAY + HOUR));
        assert_int_equal(digest_hour_until(zone, WATCH_WEEKLY, &eight, -1, next + 3 * DAY), next);
        at = next;
    }
    zone_free(zone);
}

static void people_have_their_moment_after_the_hour(void **state)
{
    const struct digest_settings at_once = { .spread = 0 };
    int64_t least = eight.spread;
    int64_t most = 0;

    (void)state;
    for (int64_t person = 1; person <= 1000; person++) {
        int64_t moment = digest_moment(person, &eight);

        assert_int_equal(moment, digest_moment(person, &eight));
        assert_true(moment >= 0 && moment < eight.spread);
        least = moment < least ? moment : least;
        most = moment > most ? moment : most;
    }
    assert_true(least < eight.spread / 50 && most > eight.spread - eight.spread / 50);
    assert_int_equal(digest_moment(7, &at_once), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_day_has_one_at_the_hour_whatever_the_clocks_do),
        cmocka_unit_test(summer_time_moves_no_digest),
        cmocka_unit_test(an_hour_that_is_left_out_is_when_it_is_left_out),
        cmocka_unit_test(an_hour_that_comes_twice_has_one_daily_digest),
        cmocka_unit_test(hourly_ones_come_at_full_hours_of_the_clocks),
        cmocka_unit_test(weekly_ones_come_on_their_day),
        cmocka_unit_test(people_have_their_moment_after_the_hour),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
