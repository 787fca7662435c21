/*
 * Events that are not told at once: reminders for a time to come, and storms that somebody must let
 * go. Until then nothing of them is in anybody's mail.
 */
#include <stdio.h>
#include <string.h>

#include "services/directory/people.h"
#include "services/directory/watches.h"
#include "services/inquiry/why.h"
#include "services/intake/events.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

static const char ann[] = "ann@one.example";
static const char ben[] = "ben@one.example";
static const char mx1[] = "192.0.2.1";

static void begin(struct road *r)
{
    road_start(r);
    story_domain(r, "one.example", mx1);
    story_watcher(r, "ann", "one.example");
}

static void remind(struct road *r, int revision, const char *when, const char *word)
{
    road_ask(r, events_add,
             "{'topic': {'key': 'issue/12', 'parents': ['project/x']}, 'kind': 'due', "
             "'key': 'due-12', 'revision': %d, 'not_before': '%s', 'text': '%s'}",
             revision, when, word);
}

static const char *fan_out_of(struct road *r, const char *key)
{
    return json_string_value(
        json_object_get(road_ask(r, events_show, "{'key': '%s'}", key), "fan_out"));
}

static void a_reminder_comes_in_its_time_to_those_who_watch_then(void **state)
{
    struct road *r = *state;

    road_open(r, 1);
    begin(r);
    remind(r, 1, "3h", "PLUM");
    assert_string_equal(fan_out_of(r, "due-12"), "later");
    road_run(r, HOUR);
    (void)story_tell(r, "issue/12", "PEAR"); /* is told without it */
    story_watcher(r, "ben", "one.example");
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 0);
    road_run(r, HOUR + MINUTE);
    assert_int_equal(exchange_count(r->exchange), 1);
    road_run(r, 2 * MINUTE);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    assert_int_equal(story_times_told(r, ben, "PLUM"), 1);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    assert_string_equal(fan_out_of(r, "due-12"), "done");
    road_close(r);
}

static void a_reminder_is_changed_or_withdrawn_before_its_time(void **state)
{
    struct road *r = *state;

    road_open(r, 2);
    begin(r);
    remind(r, 1, "1h", "PLUM");
    remind(r, 2, "3h", "PEAR");
    road_run(r, 2 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 0);
    remind(r, 3, "30m", "FIG");
    road_run(r, 40 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(story_times_told(r, ann, "FIG"), 1);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 0);
    road_ask(
        r, events_add,
        "{'topic': 'issue/12', 'kind': 'due', 'key': 'b', 'not_before': '1h', 'text': 'LIME'}");
    road_ask(r, events_redact, "{'key': 'b'}");
    assert_string_equal(fan_out_of(r, "b"), "redacted");
    road_run(r, 2 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 1);
    /* a revision that needs no waiting is told at once */
    road_ask(
        r, events_add,
        "{'topic': 'issue/12', 'kind': 'due', 'key': 'c', 'not_before': '5h', 'text': 'KIWI'}");
    road_ask(r, events_add,
             "{'topic': 'issue/12', 'kind': 'due', 'key': 'c', 'revision': 2, 'text': 'DATE'}");
    road_run(r, 5 * MINUTE);
    assert_int_equal(story_times_told(r, ann, "DATE"), 1);
    road_close(r);
}

static void reminders_outlive_power_cuts(void **state)
{
    struct road *r = *state;

    road_open(r, 3);
    begin(r);
    remind(r, 1, "1h", "PLUM");
    road_crash(r, SIM_POWER_CUT);
    road_start(r);
    road_run(r, HOUR - MINUTE);
    road_crash(r, SIM_KILLED);
    road_start(r);
    road_run(r, MINUTE + 30 * SECOND);
    road_crash(r, SIM_POWER_CUT);
    road_start(r);
    road_run(r, 10 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    road_close(r);
}

static void storm(struct road *r, const char *key, const char *word)
{
    road_ask(r, events_add,
             "{'topic': {'key': 'issue/7', 'parents': ['project/x']}, 'kind': 'imported', "
             "'urgent': true, 'key': '%s', 'text': '%s'}",
             key, word);
}

static int64_t open_alarms(struct road *r, int64_t event)
{
    char cause[40];

    (void)snprintf(cause, sizeof cause, "event-held %lld", (long long)event);
    return road_number(r, SQL("SELECT count(*) FROM alarm WHERE cause = $1 AND until IS NULL"),
                       db_text(span_of(cause)));
}

static int64_t event_of(struct road *r, const char *key)
{
    return road_number(r, SQL("SELECT id FROM event WHERE key = $1"), db_text(span_of(key)));
}

static void begin_storm(struct road *r, uint64_t seed)
{
    road_open(r, seed);
    r->settings.storm_watchers = 3;
    begin(r);
    for (int i = 0; i < 3; i++) {
        char name[8];

        (void)snprintf(name, sizeof name, "p%d", i);
        story_watcher(r, name, "one.example");
    }
}

static void a_storm_is_held_until_somebody_lets_it_go(void **state)
{
    struct road *r = *state;

    begin_storm(r, 4);
    storm(r, "a", "PLUM");
    road_run(r, MINUTE);
    assert_int_equal(exchange_count(r->exchange), 0);
    assert_string_equal(fan_out_of(r, "a"), "held");
    assert_int_equal(open_alarms(r, event_of(r, "a")), 1);
    road_ask(r, why_person, "{'person': 'ann', 'event': 'a'}");
    assert_string_equal(json_string_value(json_object_get(r->answer, "outcome")), "held_back");
    road_crash(r, SIM_POWER_CUT);
    road_start(r);
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 0);
    road_ask(r, events_release, "{'key': 'a'}");
    assert_int_equal(open_alarms(r, event_of(r, "a")), 0);
    road_run(r, MINUTE);
    assert_int_equal(exchange_count(r->exchange), 4);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    assert_false(road_try(r, events_release, "{'key': 'a'}"));
    assert_non_null(strstr(r->err.text, "is not held: its fan-out is done"));
    road_close(r);
}

static void a_held_storm_holds_up_nothing_else(void **state)
{
    struct road *r = *state;

    begin_storm(r, 5);
    road_ask(r, watches_set, "{'person': 'ann', 'topic': 'wiki/1'}");
    storm(r, "a", "PLUM");
    road_run(r, MINUTE);
    road_ask(r, events_add,
             "{'topic': 'wiki/1', 'kind': 'edited', 'thread': 'issue/7', 'urgent': true, "
             "'text': 'PEAR'}");
    road_run(r, MINUTE);
    assert_int_equal(exchange_count(r->exchange), 1); /* even in its own thread */
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 0);
    road_ask(r, events_redact, "{'key': 'a'}");
    assert_int_equal(open_alarms(r, event_of(r, "a")), 0);
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 1);
    road_close(r);
}

static void a_storm_may_be_put_off_to_the_hour_of_each_ones_digest(void **state)
{
    struct road *r = *state;
    int64_t at;

    begin_storm(r, 6);
    road_ask(r, people_set,
             "{'person': 'ann', 'timezone': 'Asia/Tokyo', 'attributes': {'digest_hour': 6}}");
    storm(r, "a", "PLUM");
    storm(r, "b", "PEAR");
    road_run(r, MINUTE);
    road_ask(r, events_release, "{'key': 'a', 'digest': true}");
    road_ask(r, events_release, "{'key': 'b', 'digest': true}");
    road_run(r, 24 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 4);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    at = exchange_last_to(r->exchange, ann)->at_ms % (24 * HOUR);
    assert_true(at >= 21 * HOUR && at < 21 * HOUR + 6 * MINUTE); /* six in Tokyo */
    at = exchange_last_to(r->exchange, "p0@one.example")->at_ms % (24 * HOUR);
    assert_true(at >= 8 * HOUR && at < 8 * HOUR + 6 * MINUTE);
    road_close(r);
}

static void who_addresses_too_many_is_held_too(void **state)
{
    struct road *r = *state;

    road_open(r, 7);
    r->settings.storm_directs = 2;
    begin(r);
    road_ask(r, events_add,
             "{'topic': 'issue/9', 'kind': 'k', 'urgent': true, 'key': 'a', "
             "'to': [{'person': 'ann'}, {'person': 'b@one.example'}]}");
    road_ask(
        r, events_add,
        "{'topic': 'issue/9', 'kind': 'k', 'urgent': true, 'key': 'b', "
        "'to': [{'person': 'ann'}, {'person': 'b@one.example'}, {'person': 'c@one.example'}]}");
    road_run(r, MINUTE);
    assert_string_equal(fan_out_of(r, "a"), "done");
    assert_string_equal(fan_out_of(r, "b"), "held");
    assert_int_equal(exchange_count(r->exchange), 2);
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(a_reminder_comes_in_its_time_to_those_who_watch_then),
        ROAD_TEST(a_reminder_is_changed_or_withdrawn_before_its_time),
        ROAD_TEST(reminders_outlive_power_cuts),
        ROAD_TEST(a_storm_is_held_until_somebody_lets_it_go),
        ROAD_TEST(a_held_storm_holds_up_nothing_else),
        ROAD_TEST(a_storm_may_be_put_off_to_the_hour_of_each_ones_digest),
        ROAD_TEST(who_addresses_too_many_is_held_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
