/*
 * When a notice becomes a mail: windows, busy threads, quiet hours by the clocks of zones, and how
 * many mails are too many. What waits is never lost, and joins one mail.
 */
#include <stdio.h>
#include <string.h>

#include "domain/notice_wait.h"
#include "services/directory/people.h"
#include "services/directory/watches.h"
#include "services/inquiry/why.h"
#include "services/intake/events.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

static const char ann[] = "ann@one.example";
static const char mx1[] = "192.0.2.1";

static void open_the_world(struct road *r, uint64_t seed)
{
    road_open(r, seed);
    r->settings.busy_window = 15 * MINUTE;
    r->settings.busy_time = HOUR;
}

static void begin(struct road *r)
{
    road_start(r);
    story_domain(r, "one.example", mx1);
    story_watcher(r, "ann", "one.example");
}

static int64_t waits(struct road *r, enum notice_wait wait)
{
    return road_number(r, SQL("SELECT count(*) FROM notice WHERE wait = $1"), db_int(wait));
}

static void expect_sentence(struct road *r, int64_t event, const char *words)
{
    json_t *sentences;
    const json_t *sentence;
    size_t i;

    sentences = json_object_get(
        road_ask(r, why_person, "{'person': 'ann', 'event': %lld}", (long long)event), "sentences");
    json_array_foreach (sentences, i, sentence)
        if (strstr(json_string_value(sentence), words) != NULL)
            return;
    fail_msg("why does not say \"%s\"", words);
}

static void the_first_mail_is_quick_and_a_busy_thread_waits_longer(void **state)
{
    struct road *r = *state;

    open_the_world(r, 1);
    begin(r);
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 2 * MINUTE + 10 * SECOND);
    assert_int_equal(exchange_count(r->exchange), 1);
    expect_sentence(r, story_tell(r, "issue/12", "PEAR"), "waits longer (watching.busy_window)");
    (void)story_tell(r, "issue/13", "FIG"); /* another thread is not busy */
    road_run(r, 3 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 2);
    assert_int_equal(story_times_told(r, ann, "FIG"), 1);
    (void)story_tell(r, "issue/12", "LIME");
    road_run(r, 13 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 3); /* one mail for both */
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    assert_int_equal(story_times_told(r, ann, "LIME"), 1);
    road_run(r, HOUR);
    (void)story_tell(r, "issue/12", "KIWI"); /* quiet again */
    road_run(r, 2 * MINUTE + 10 * SECOND);
    assert_int_equal(story_times_told(r, ann, "KIWI"), 1);
    road_close(r);
}

static void urgent_events_and_delays_of_watches_know_no_busy_thread(void **state)
{
    struct road *r = *state;

    open_the_world(r, 2);
    begin(r);
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 3 * MINUTE);
    (void)story_tell_urgently(r, "issue/12", "PEAR");
    road_run(r, 10 * SECOND);
    assert_int_equal(exchange_count(r->exchange), 2);
    road_ask(r, watches_set, "{'person': 'ann', 'topic': 'project/x', 'delay': '1m'}");
    (void)story_tell(r, "issue/12", "FIG");
    road_run(r, MINUTE + 10 * SECOND);
    assert_int_equal(exchange_count(r->exchange), 3);
    road_close(r);
}

static void a_hundred_edits_in_a_minute_are_one_mail(void **state)
{
    struct road *r = *state;
    const char *content;

    open_the_world(r, 3);
    begin(r);
    for (int i = 1; i <= 100; i++) {
        road_ask(r, events_add,
                 "{'topic': {'key': 'issue/12', 'parents': ['project/x']}, 'kind': 'edited', "
                 "'key': 'edit-12', 'revision': %d, 'text': 'WORD%dEND'}",
                 i, i);
        road_run(r, 600);
    }
    assert_int_equal(road_number(r, SQL("SELECT count(*) FROM event WHERE id > $1"), db_int(0)), 1);
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 1);
    content = exchange_last_to(r->exchange, ann)->content;
    assert_non_null(strstr(content, "WORD100END"));
    assert_null(strstr(content, "WORD99END"));
    road_close(r);
}

static void a_sliding_window_waits_for_quiet_but_not_for_ever(void **state)
{
    struct road *r = *state;
    int64_t event = 0;

    open_the_world(r, 4);
    r->settings.sliding_window = 3 * MINUTE;
    r->settings.sliding_limit = 10 * MINUTE;
    begin(r);
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, MINUTE);
    event = story_tell(r, "issue/12", "PEAR");
    road_run(r, 2 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 0);
    assert_int_equal(waits(r, NOTICE_WAIT_SLIDING), 1);
    expect_sentence(r, event, "quiet (watching.sliding_window)");
    road_run(r, MINUTE + 10 * SECOND);
    assert_int_equal(exchange_count(r->exchange), 1);
    road_run(r, 2 * HOUR);
    for (int i = 0; i < 12; i++) {
        (void)story_tell(r, "issue/12", "FIG");
        road_run(r, MINUTE);
        assert_int_equal(exchange_count(r->exchange), i < 10 ? 1 : 2);
    }
    road_close(r);
}

struct night {
    const char *zone;
    int64_t told_s; /* when something happens, */
    int64_t mail_s; /* and when the mail comes, within seconds */
};

static void play_night(struct road *r, uint64_t seed, const struct night *night)
{
    int64_t event;
    int64_t late;

    open_the_world(r, seed);
    begin(r);
    road_ask(r, people_set, "{'person': 'ann', 'quiet': '22:00-07:00', 'timezone': '%s'}",
             night->zone);
    sim_step_clock(r->sim, night->told_s * 1000 - road_now(r));
    road_run(r, SECOND);
    event = story_tell(r, "issue/12", "PLUM");
    road_run(r, 5 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 0);
    assert_int_equal(waits(r, NOTICE_WAIT_QUIET), 1);
    expect_sentence(r, event, "quiet hours");
    (void)story_tell(r, "issue/12", "PEAR");
    (void)story_tell_urgently(r, "issue/13", "FIG");
    road_run(r, MINUTE);
    assert_int_equal(exchange_count(r->exchange), 1); /* the urgent one */
    road_run(r, night->mail_s * 1000 - SECOND - road_now(r));
    assert_int_equal(exchange_count(r->exchange), 1);
    road_run(r, MINUTE);
    assert_int_equal(exchange_count(r->exchange), 2);
    late = exchange_last_to(r->exchange, ann)->at_ms - night->mail_s * 1000;
    assert_true(late >= 0 && late < 30 * SECOND);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    road_close(r);
}

/* Nights in which the clocks change, and one of a zone with odd minutes. */
static void quiet_hours_end_by_the_clocks_of_the_person(void **state)
{
    static const struct night nights[] = {
        { "Europe/Berlin", 1774731600, 1774760400 },
        { "Europe/Berlin", 1792872000, 1792908000 },
        { "America/New_York", 1793498400, 1793534400 },
        { "Australia/Lord_Howe", 1775300400, 1775334600 },
        { "Asia/Kathmandu", 1795539600, 1795569300 },
    };
    struct road *r = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(nights); i++)
        play_night(r, 10 + i, &nights[i]);
}

static void what_is_no_zone_or_no_hours_is_refused(void **state)
{
    struct road *r = *state;

    open_the_world(r, 5);
    begin(r);
    assert_false(road_try(r, people_set, "{'person': 'ann', 'timezone': 'Europe/Wien'}"));
    assert_non_null(strstr(r->err.text, "there is no zone \"Europe/Wien\""));
    assert_false(road_try(r, people_set, "{'person': 'ann', 'quiet': '22-7'}"));
    assert_non_null(strstr(r->err.text, "such as 22:00-07:00"));
    road_ask(r, people_set, "{'person': 'ann', 'quiet': '22:00-7:00'}");
    assert_string_equal(
        json_string_value(json_object_get(road_ask(r, people_show, "{'person': 'ann'}"), "quiet")),
        "22:00-07:00");
    road_ask(r, people_set, "{'person': 'ann', 'quiet': ''}");
    assert_null(json_object_get(road_ask(r, people_show, "{'person': 'ann'}"), "quiet"));
    road_close(r);
}

/* Five mails an hour: what comes beyond waits, and joins. */
static void who_gets_many_mails_gets_the_next_ones_together(void **state)
{
    struct road *r = *state;
    int64_t event = 0;

    open_the_world(r, 6);
    r->settings.person_rate = 5;
    begin(r);
    for (int i = 1; i <= 5; i++) {
        char issue[20];

        (void)snprintf(issue, sizeof issue, "issue/%d", i);
        (void)story_tell(r, issue, "PLUM");
        road_run(r, 3 * MINUTE);
    }
    assert_int_equal(exchange_count(r->exchange), 5);
    event = story_tell(r, "issue/6", "PEAR");
    road_run(r, 10 * MINUTE);
    (void)story_tell(r, "issue/6", "FIG");
    assert_int_equal(exchange_count(r->exchange), 5);
    assert_int_equal(waits(r, NOTICE_WAIT_RATE), 1);
    expect_sentence(r, event, "watching.person_rate");
    (void)story_tell_urgently(r, "issue/7", "LIME");
    road_run(r, MINUTE);
    assert_int_equal(exchange_count(r->exchange), 6);
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 7);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    assert_int_equal(story_times_told(r, ann, "FIG"), 1);
    road_close(r);
}

/* A program answers each mail with an urgent event. */
static void a_loop_is_slowed_down_and_raises_one_alarm(void **state)
{
    struct road *r = *state;
    int64_t event = 0;

    open_the_world(r, 7);
    r->settings.thread_rate = 10;
    begin(r);
    for (int i = 0; i < 30; i++) {
        event = story_tell_urgently(r, "issue/12", "PLUM");
        road_run(r, MINUTE);
    }
    assert_int_equal(exchange_count(r->exchange), 10);
    assert_int_equal(waits(r, NOTICE_WAIT_LOOP), 1);
    expect_sentence(r, event, "looks like a loop");
    assert_int_equal(road_number(r, SQL("SELECT count(*) FROM alarm WHERE cause = $1"),
                                 db_text(SPAN("mail-loop issue/12"))),
                     1);
    (void)story_tell_urgently(r, "issue/13", "FIG"); /* nobody else suffers */
    road_run(r, MINUTE);
    assert_int_equal(exchange_count(r->exchange), 11);
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 12); /* the twenty in one mail */
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(the_first_mail_is_quick_and_a_busy_thread_waits_longer),
        ROAD_TEST(urgent_events_and_delays_of_watches_know_no_busy_thread),
        ROAD_TEST(a_hundred_edits_in_a_minute_are_one_mail),
        ROAD_TEST(a_sliding_window_waits_for_quiet_but_not_for_ever),
        ROAD_TEST(quiet_hours_end_by_the_clocks_of_the_person),
        ROAD_TEST(what_is_no_zone_or_no_hours_is_refused),
        ROAD_TEST(who_gets_many_mails_gets_the_next_ones_together),
        ROAD_TEST(a_loop_is_slowed_down_and_raises_one_alarm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
