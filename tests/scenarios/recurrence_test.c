/*
 * What recurs, on the whole road: by the clocks of a zone, not on holidays, once each time, whether
 * the daemon was there, was away for a week or lost its power, and whatever its clock does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/text.h"
#include "base/zone.h"
#include "services/intake/recurrences.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

#define DAY (24 * HOUR)

static const char ann[] = "ann@one.example";

static void add(struct road *r, const char *name, const char *more)
{
    road_ask(r, recurrences_add,
             "{'recurrence': '%s', 'topic': 'project/x', 'kind': 'reminded', 'urgent': true, "
             "'text': 'It says PLUM today.', %s}",
             name, more);
}

static int64_t moment(const char *text)
{
    int64_t ms;

    assert_true(text_to_time(span_of(text), &ms));
    return ms;
}

/* Lets time go by until a minute after that moment; what is long before it in one leap. */
static void go_to(struct road *r, const char *text)
{
    int64_t ms = moment(text) - road_now(r);

    if (ms > 10 * MINUTE) {
        sim_step_clock(r->sim, ms - 5 * MINUTE);
        ms = 5 * MINUTE;
    }
    road_run(r, ms + 2 * MINUTE);
}

static size_t mails(const struct road *r)
{
    return exchange_count_to(r->exchange, ann);
}

/* The times of events, as the store has them. */
static int64_t told_at(struct road *r, const char *text)
{
    return road_number(r, SQL("SELECT count(*) FROM event WHERE kind = 'reminded' AND at = $1"),
                       db_int(moment(text)));
}

static int64_t events(struct road *r)
{
    return road_number(r, SQL("SELECT count(*) FROM event WHERE kind = $1"), db_string("reminded"));
}

static void it_comes_at_the_time_of_the_zones_clocks(void **state)
{
    static const struct {
        const char *zone;
        const char *start; /* the simulation's clock */
        const char *times[3];
    } cases[] = {
        { "Europe/Vienna",
          "2027-03-27T00:00:00Z",
          { "2027-03-27T08:00:00Z", "2027-03-28T07:00:00Z", "2027-03-29T07:00:00Z" } },
        { "America/New_York",
          "2027-11-06T00:00:00Z",
          { "2027-11-06T13:00:00Z", "2027-11-07T14:00:00Z", "2027-11-08T14:00:00Z" } },
        { "Australia/Lord_Howe",
          "2027-04-02T23:00:00Z",
          { "2027-04-03T22:30:00Z", "2027-04-04T22:30:00Z", "2027-04-05T22:30:00Z" } },
        { "Asia/Kathmandu",
          "2027-04-03T00:00:00Z",
          { "2027-04-03T03:15:00Z", "2027-04-04T03:15:00Z", "2027-04-05T03:15:00Z" } },
    };
    struct road *r = *state;
    char more[200];

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        story_begin(r, 1 + i);
        sim_step_clock(r->sim, moment(cases[i].start) - road_now(r));
        (void)snprintf(more, sizeof more, "'rule': 'FREQ=DAILY', 'at': '09:00', 'zone': '%s'",
                       cases[i].zone);
        add(r, "daily", more);
        for (size_t n = 0; n < 3; n++) {
            go_to(r, cases[i].times[n]);
            assert_int_equal(told_at(r, cases[i].times[n]), 1);
            assert_int_equal(mails(r), n + 1);
        }
        assert_int_equal(events(r), 3);
        road_close(r);
    }
}

static void nothing_comes_on_a_holiday(void **state)
{
    struct road *r = *state;

    story_begin(r, 5);
    sim_step_clock(r->sim, moment("2026-12-17T00:00:00Z") - road_now(r));
    add(r, "friday",
        "'rule': 'FREQ=WEEKLY;BYDAY=FR', 'at': '09:00', 'holidays': ['2026-12-24..2027-01-01']");
    go_to(r, "2026-12-18T09:00:00Z");
    assert_int_equal(mails(r), 1);
    go_to(r, "2026-12-25T09:00:00Z");
    go_to(r, "2027-01-01T09:00:00Z");
    assert_int_equal(mails(r), 1);
    go_to(r, "2027-01-08T09:00:00Z");
    assert_int_equal(mails(r), 2);
    road_close(r);
}

static void after_a_week_away_it_catches_up_as_told(void **state)
{
    static const struct {
        const char *how;
        int64_t events; /* of the seven missed */
    } cases[] = { { "skip", 0 }, { "once", 1 }, { "all", 7 } };
    struct road *r = *state;
    char more[200];

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        story_begin(r, 10 + i);
        sim_step_clock(r->sim, moment("2026-12-01T00:00:00Z") - road_now(r));
        (void)snprintf(more, sizeof more, "'rule': 'FREQ=DAILY', 'at': '09:00', 'catch_up': '%s'",
                       cases[i].how);
        add(r, "daily", more);
        go_to(r, "2026-12-01T09:00:00Z");
        assert_int_equal(events(r), 1);
        road_stop(r);
        sim_step_clock(r->sim, moment("2026-12-08T12:00:00Z") - road_now(r));
        road_start(r);
        road_run(r, 10 * MINUTE);
        assert_int_equal(events(r), 1 + cases[i].events);
        assert_int_equal(told_at(r, "2026-12-08T09:00:00Z"), cases[i].events > 0);
        go_to(r, "2026-12-09T09:00:00Z");
        assert_int_equal(told_at(r, "2026-12-09T09:00:00Z"), 1);
        assert_int_equal(events(r), 2 + cases[i].events);
        road_close(r);
    }
}

static void a_daemon_that_comes_back_soon_is_not_late(void **state)
{
    struct road *r = *state;

    story_begin(r, 20);
    sim_step_clock(r->sim, moment("2026-12-01T00:00:00Z") - road_now(r));
    add(r, "daily", "'rule': 'FREQ=DAILY', 'at': '09:00', 'catch_up': 'skip'");
    road_stop(r);
    sim_step_clock(r->sim, moment("2026-12-01T09:14:00Z") - road_now(r));
    road_start(r);
    road_run(r, 2 * MINUTE);
    assert_int_equal(told_at(r, "2026-12-01T09:00:00Z"), 1);
    road_close(r);
}

static void a_clock_that_steps_tells_nothing_twice_and_forgets_nothing(void **state)
{
    struct road *r = *state;

    story_begin(r, 21);
    sim_step_clock(r->sim, moment("2026-12-01T08:00:00Z") - road_now(r));
    add(r, "daily", "'rule': 'FREQ=DAILY', 'at': '09:00'");
    go_to(r, "2026-12-01T09:00:00Z");
    sim_step_clock(r->sim, -HOUR); /* nine o'clock comes once more */
    road_run(r, 90 * MINUTE);
    assert_int_equal(events(r), 1);
    assert_int_equal(mails(r), 1);
    sim_step_clock(r->sim, 300 * DAY); /* a year off, and back */
    road_run(r, 2 * MINUTE);
    assert_int_equal(events(r), 2);
    sim_step_clock(r->sim, -300 * DAY);
    road_run(r, 2 * MINUTE);
    go_to(r, "2026-12-02T09:00:00Z");
    assert_int_equal(told_at(r, "2026-12-02T09:00:00Z"), 1);
    assert_int_equal(events(r), 3);
    road_close(r);
}

static void it_rests_while_it_is_paused(void **state)
{
    struct road *r = *state;

    story_begin(r, 22);
    sim_step_clock(r->sim, moment("2026-12-01T00:00:00Z") - road_now(r));
    add(r, "daily", "'rule': 'FREQ=DAILY', 'at': '09:00', 'catch_up': 'all'");
    road_ask(r, recurrences_pause, "{'recurrence': 'daily'}");
    assert_false(road_try(r, recurrences_pause, "{'recurrence': 'daily'}"));
    go_to(r, "2026-12-02T09:00:00Z");
    assert_int_equal(events(r), 0);
    road_ask(r, recurrences_resume, "{'recurrence': 'daily'}");
    road_run(r, 5 * MINUTE);
    assert_int_equal(events(r), 0);
    go_to(r, "2026-12-03T09:00:00Z");
    assert_int_equal(events(r), 1);
    road_ask(r, recurrences_remove, "{'recurrence': 'daily'}");
    go_to(r, "2026-12-04T09:00:00Z");
    assert_int_equal(events(r), 1);
    road_close(r);
}

static void what_is_refused_is_an_alarm_and_the_next_comes(void **state)
{
    struct road *r = *state;

    story_begin(r, 23);
    sim_step_clock(r->sim, moment("2026-12-01T00:00:00Z") - road_now(r));
    add(r, "strict", "'rule': 'FREQ=DAILY', 'at': '09:00', 'strict': true, 'scopes': ['not/yet']");
    go_to(r, "2026-12-01T09:00:00Z");
    assert_int_equal(events(r), 0);
    assert_int_equal(road_number(r,
                                 SQL("SELECT count(*) FROM alarm WHERE until IS NULL AND "
                                     "cause = $1"),
                                 db_string("recurrence-refused strict")),
                     1);
    (void)story_tell(r, "not/yet", "FIG");
    road_ask(r, recurrences_add,
             "{'recurrence': 'kind', 'topic': 'not/yet', 'kind': 'reminded', 'rule': "
             "'FREQ=DAILY;COUNT=1', 'at': '08:00'}");
    go_to(r, "2026-12-02T09:00:00Z");
    assert_int_equal(told_at(r, "2026-12-02T09:00:00Z"), 1);
    assert_int_equal(road_number(r,
                                 SQL("SELECT count(*) FROM alarm WHERE until IS NULL AND "
                                     "cause = $1"),
                                 db_string("recurrence-refused strict")),
                     0);
    road_close(r);
}

static void what_cannot_recur_is_refused(void **state)
{
    static const struct {
        const char *args;
        const char *words;
    } cases[] = {
        { "'rule': 'FREQ=DAILY'", "at: is missing" },
        { "'at': '09:00'", "rule: is missing" },
        { "'rule': 'FREQ=SECONDLY', 'at': '09:00'", "rule: FREQ" },
        { "'rule': 'FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30', 'at': '09:00'", "no time in the next" },
        { "'rule': 'FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=1,2,3,4,5', 'at': '09:00'",
          "24 times a day" },
        { "'rule': 'FREQ=DAILY', 'at': '25:00'", "at: \"25:00\"" },
        { "'rule': 'FREQ=DAILY', 'at': '09:00', 'zone': 'Mars/Base'", "zone: " },
        { "'rule': 'FREQ=DAILY', 'at': '09:00', 'zone': '../../etc/passwd'", "zone: " },
        { "'rule': 'FREQ=DAILY', 'at': '09:00', 'catch_up': 'some'", "catch_up: " },
        { "'rule': 'FREQ=DAILY', 'at': '09:00', 'holidays': ['Easter']", "holidays: " },
        { "'rule': 'FREQ=DAILY', 'at': '09:00', 'holiday_calendar': 'x'", "holiday_calendar: " },
        { "'rule': 'FREQ=DAILY', 'at': '09:00', 'key': 'one'", "key: " },
        { "'rule': 'FREQ=DAILY', 'at': '09:00', 'deadline': '2027-01-01T00:00:00Z'", "deadline: " },
        { "'rule': 'FREQ=DAILY', 'at': '09:00', 'bogus': 1", "bogus" },
        { "'rule': 'FREQ=DAILY', 'at': '09:00', 'from': '2026-02-30'", "from: " },
    };
    struct road *r = *state;
    char args[300];

    story_begin(r, 24);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        (void)snprintf(args, sizeof args,
                       "{'recurrence': 'x', 'topic': 'project/x', 'kind': 'reminded', %s}",
                       cases[i].args);
        assert_false(road_try(r, recurrences_add, args));
        if (strstr(r->err.text, cases[i].words) == NULL)
            fail_msg("%s: %s", cases[i].args, r->err.text);
    }
    assert_int_equal(road_number(r, SQL("SELECT count(*) FROM recurrence WHERE 0 = $1"), db_int(0)),
                     0);
    road_close(r);
}

/* Ten days, the power cut at seeded writes: each day is told once. */
static void no_power_cut_makes_it_twice_or_never(void **state)
{
    struct road *r = *state;

    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct random chance;
        int cuts = 0;

        random_seed(&chance, seed);
        story_begin(r, 100 + seed);
        sim_step_clock(r->sim, moment("2026-12-01T00:00:00Z") - road_now(r));
        add(r, "daily", "'rule': 'FREQ=DAILY', 'at': '09:00', 'catch_up': 'all'");
        for (int day = 0; day < 10; day++) {
            sim_step_clock(r->sim, moment("2026-12-01T08:58:00Z") + day * DAY - road_now(r));
            power_vfs_cut_at(r->power, 1 + (int64_t)random_below(&chance, 30));
            road_run(r, 10 * MINUTE);
            while (road_is_down(r)) {
                cuts++;
                road_crash(r, SIM_POWER_CUT);
                road_start(r);
                road_run(r, 10 * MINUTE);
            }
        }
        road_run(r, HOUR);
        assert_int_equal(events(r), 10);
        assert_true(cuts > 0);
        for (int day = 0; day < 10; day++)
            assert_int_equal(road_number(r, SQL("SELECT count(*) FROM event WHERE at = $1"),
                                         db_int(moment("2026-12-01T09:00:00Z") + day * DAY)),
                             1);
        road_close(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(it_comes_at_the_time_of_the_zones_clocks),
        ROAD_TEST(nothing_comes_on_a_holiday),
        ROAD_TEST(after_a_week_away_it_catches_up_as_told),
        ROAD_TEST(a_daemon_that_comes_back_soon_is_not_late),
        ROAD_TEST(a_clock_that_steps_tells_nothing_twice_and_forgets_nothing),
        ROAD_TEST(it_rests_while_it_is_paused),
        ROAD_TEST(what_is_refused_is_an_alarm_and_the_next_comes),
        ROAD_TEST(what_cannot_recur_is_refused),
        ROAD_TEST(no_power_cut_makes_it_twice_or_never),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
