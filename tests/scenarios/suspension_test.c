/*
 * Somebody is suspended and comes back: nothing meanwhile, then one summary of it all, each thing
 * in it once, whatever becomes of the power.
 */
#include <stdio.h>
#include <string.h>

#include "services/directory/people.h"
#include "services/directory/watches.h"
#include "services/inquiry/why.h"
#include "services/intake/events.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

enum { ISSUES = 8 };

static const char ann[] = "ann@one.example";
static const char mx1[] = "192.0.2.1";
static const char *const words[ISSUES] = { "PLUM", "PEAR", "FIG",  "LIME",
                                           "KIWI", "DATE", "SLOE", "MEDLAR" };

static void set_status(struct road *r, const char *status)
{
    road_ask(r, people_set, "{'person': 'ann', 'status': '%s'}", status);
}

static void tell(struct road *r, int i)
{
    char issue[20];

    (void)snprintf(issue, sizeof issue, "issue/%d", i);
    (void)story_tell(r, issue, words[i]);
}

static void what_happens_meanwhile_comes_in_one_summary(void **state)
{
    struct road *r = *state;
    json_t *answer;

    story_begin(r, 1);
    tell(r, 0);
    road_run(r, 10 * SECOND);
    set_status(r, "suspended"); /* the first waits already */
    for (int i = 1; i < 4; i++)
        tell(r, i);
    road_ask(r, events_add,
             "{'topic': 'issue/9', 'kind': 'commented', 'text': 'It says KIWI.', "
             "'urgent': true, 'to': [{'person': 'ann', 'reason': 'assigned'}]}");
    road_run(r, 48 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 0);
    answer = road_ask(r, why_person, "{'person': 'ann', 'event': 2}");
    assert_string_equal(json_string_value(json_object_get(answer, "outcome")), "waiting");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(answer, "notice"), "waits_for")),
        "suspended");
    set_status(r, "active");
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 1);
    for (int i = 0; i < 5; i++)
        assert_int_equal(story_times_told(r, ann, words[i]), 1);
    tell(r, 5);
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 2);
    assert_int_equal(story_times_told(r, ann, words[0]), 1);
    road_close(r);
}

static void nothing_comes_when_nothing_happened(void **state)
{
    struct road *r = *state;

    story_begin(r, 2);
    set_status(r, "suspended");
    road_run(r, HOUR);
    set_status(r, "active");
    road_run(r, 48 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 0);
    road_close(r);
}

static void what_they_do_not_watch_any_more_is_not_in_it(void **state)
{
    struct road *r = *state;

    story_begin(r, 3);
    set_status(r, "suspended");
    tell(r, 0);
    tell(r, 1);
    road_run(r, HOUR);
    road_ask(r, watches_set, "{'person': 'ann', 'topic': 'issue/0', 'mode': 'mute'}");
    road_run(r, HOUR);
    set_status(r, "active");
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(story_times_told(r, ann, words[0]), 0);
    assert_int_equal(story_times_told(r, ann, words[1]), 1);
    road_close(r);
}

/* A mail that waits for its next try when its reader is suspended. */
static void a_mail_that_waited_is_in_the_summary(void **state)
{
    const struct smtp_sink_options well = exchange_options();
    struct smtp_sink_options options = exchange_options();
    struct road *r = *state;

    story_begin(r, 4);
    options.greylist_ms = 1000 * HOUR;
    exchange_open(r->exchange, mx1, &options);
    tell(r, 0);
    road_run(r, 3 * MINUTE);
    set_status(r, "suspended");
    tell(r, 1);
    exchange_open(r->exchange, mx1, &well);
    road_run(r, 48 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 0);
    set_status(r, "active");
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(story_times_told(r, ann, words[0]), 1);
    assert_int_equal(story_times_told(r, ann, words[1]), 1);
    road_close(r);
}

static void a_digest_tells_of_the_time_too(void **state)
{
    struct road *r = *state;

    story_begin(r, 5);
    road_ask(r, watches_set, "{'person': 'ann', 'topic': 'project/x', 'mode': 'daily'}");
    road_run(r, HOUR);
    tell(r, 0);
    set_status(r, "suspended");
    tell(r, 1);
    road_run(r, 60 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 0);
    set_status(r, "active");
    road_run(r, 49 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(story_times_told(r, ann, words[0]), 1);
    assert_int_equal(story_times_told(r, ann, words[1]), 1);
    road_close(r);
}

static bool light_again(struct road *r)
{
    if (!road_is_down(r))
        return false;
    road_crash(r, SIM_POWER_CUT);
    road_start(r);
    return true;
}

/* Asks until there is an answer; gives whether the power went. */
static bool insist(struct road *r, const char *status)
{
    char args[80];
    bool went = false;

    (void)snprintf(args, sizeof args, "{'person': 'ann', 'status': '%s'}", status);
    while (!road_try(r, people_set, args))
        went = light_again(r) || went;
    return light_again(r) || went;
}

static void expect_each_told(struct road *r, int64_t write)
{
    int64_t doubts = road_number(
        r, SQL("SELECT coalesce(sum(doubts), 0) FROM delivery_state WHERE delivery > $1"),
        db_int(0));

    for (int i = 0; i < ISSUES; i++) {
        size_t times = story_times_told(r, ann, words[i]);

        if (times < 1 || (int64_t)times > 1 + doubts)
            fail_msg("write %lld: %s was told %zu times", (long long)write, words[i], times);
    }
}

static void no_power_cut_tells_twice_or_never(void **state)
{
    struct road *r = *state;
    int cuts = 0;

    for (int64_t write = 1; write < 300; write += write < 80 ? 5 : 19) {
        story_begin(r, 100 + (uint64_t)write);
        tell(r, 0);
        tell(r, 1);
        road_run(r, (int64_t)(write % 3) * MINUTE);
        power_vfs_cut_at(r->power, write);
        cuts += insist(r, "suspended");
        power_vfs_cut_at(r->power, 0);
        for (int i = 2; i < ISSUES; i++)
            tell(r, i);
        power_vfs_cut_at(r->power, write);
        road_run(r, 10 * MINUTE);
        cuts += light_again(r);
        cuts += insist(r, "active");
        road_run(r, MINUTE);
        cuts += light_again(r);
        power_vfs_cut_at(r->power, 0);
        road_run(r, 3 * HOUR);
        expect_each_told(r, write);
        road_close(r);
    }
    assert_true(cuts > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(what_happens_meanwhile_comes_in_one_summary),
        ROAD_TEST(nothing_comes_when_nothing_happened),
        ROAD_TEST(what_they_do_not_watch_any_more_is_not_in_it),
        ROAD_TEST(a_mail_that_waited_is_in_the_summary),
        ROAD_TEST(a_digest_tells_of_the_time_too),
        ROAD_TEST(no_power_cut_tells_twice_or_never),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
