/*
 * Many threads due at once come in one mail. Each of them is told once, whatever becomes of it.
 */
#include <stdio.h>
#include <string.h>

#include "services/directory/people.h"
#include "services/directory/watches.h"
#include "services/intake/events.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

enum { ISSUES = 8 };

static const char ann[] = "ann@one.example";
static const char mx1[] = "192.0.2.1";
static const char *const words[ISSUES] = { "PLUM", "PEAR", "FIG",  "LIME",
                                           "KIWI", "DATE", "SLOE", "MEDLAR" };

static void begin(struct road *r, uint64_t seed)
{
    road_open(r, seed);
    r->settings.roundup = 5;
    r->settings.busy_window = 15 * MINUTE;
    r->settings.busy_time = HOUR;
    road_start(r);
    story_domain(r, "one.example", mx1);
    story_watcher(r, "ann", "one.example");
}

static void much_happens(struct road *r, int issues)
{
    for (int i = 0; i < issues; i++) {
        char issue[20];

        (void)snprintf(issue, sizeof issue, "issue/%d", i + 1);
        (void)story_tell(r, issue, words[i]);
    }
}

static void expect_all_told_once(const struct road *r)
{
    for (int i = 0; i < ISSUES; i++)
        if (story_times_told(r, ann, words[i]) != 1)
            fail_msg("%s was told %zu times", words[i], story_times_told(r, ann, words[i]));
}

static void many_threads_come_in_one_mail(void **state)
{
    struct road *r = *state;
    int64_t delivery;

    begin(r, 1);
    much_happens(r, ISSUES);
    road_run(r, 3 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 1);
    expect_all_told_once(r);
    delivery = road_delivery(r, ann);
    assert_int_equal(road_number(r, SQL("SELECT count(*) FROM delivery_part WHERE delivery = $1"),
                                 db_int(delivery)),
                     ISSUES);
    (void)story_tell(r, "issue/3", "QUINCE");
    road_run(r, 20 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 2);
    assert_int_equal(story_times_told(r, ann, "QUINCE"), 1);
    expect_all_told_once(r);
    road_close(r);
}

static void five_threads_have_mails_of_their_own(void **state)
{
    struct road *r = *state;

    begin(r, 2);
    much_happens(r, 5);
    road_run(r, 3 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 5);
    road_close(r);
}

static void urgent_news_and_deadlines_stay_apart(void **state)
{
    struct road *r = *state;

    begin(r, 3);
    much_happens(r, ISSUES);
    (void)story_tell_urgently(r, "issue/20", "QUINCE");
    road_ask(r, events_add,
             "{'topic': {'key': 'issue/21', 'parents': ['project/x']}, 'kind': 'k', "
             "'deadline': '1h', 'text': 'MANGO'}");
    road_run(r, 3 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 3);
    assert_int_equal(story_times_told(r, ann, "QUINCE"), 1);
    assert_int_equal(story_times_told(r, ann, "MANGO"), 1);
    expect_all_told_once(r);
    road_close(r);
}

static void what_was_muted_or_redacted_is_not_in_it(void **state)
{
    struct road *r = *state;

    begin(r, 4);
    much_happens(r, ISSUES);
    road_ask(r, watches_set, "{'person': 'ann', 'topic': 'issue/1', 'mode': 'mute'}");
    road_ask(r, events_redact, "{'id': 2}");
    road_run(r, 3 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 0);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 0);
    assert_int_equal(story_times_told(r, ann, "MEDLAR"), 1);
    road_close(r);
}

static void all_of_a_refused_one_is_owed(void **state)
{
    struct smtp_sink_rule rule = {
        SMTP_ASK_CONTENT, SPAN("*"), 554, { 5, 7, 1 }, "We do not like this message"
    };
    struct smtp_sink_options options = exchange_options();
    struct road *r = *state;

    begin(r, 5);
    options.rules = &rule;
    options.rule_count = 1;
    exchange_open(r->exchange, mx1, &options);
    much_happens(r, ISSUES);
    road_run(r, 3 * MINUTE);
    road_expect(r, road_delivery(r, ann), DELIVERY_FAILED, 1);
    options.rule_count = 0;
    exchange_open(r->exchange, mx1, &options);
    for (int i = 0; i < ISSUES; i++) {
        char issue[20];

        (void)snprintf(issue, sizeof issue, "issue/%d", i + 1);
        (void)story_tell(r, issue, "QUINCE");
    }
    road_run(r, 3 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 1);
    expect_all_told_once(r);
    road_close(r);
}

/* The power goes at every write of the fan-out and the promotion, one after the other. */
static void no_power_cut_tells_twice_or_never(void **state)
{
    struct road *r = *state;
    int cuts = 0;

    for (int64_t write = 1; write < 400; write += write < 60 ? 3 : 17) {
        begin(r, 1000 + (uint64_t)write);
        much_happens(r, ISSUES);
        power_vfs_cut_at(r->power, write);
        road_run(r, 2 * MINUTE + 5 * SECOND);
        if (road_is_down(r)) {
            cuts++;
            road_crash(r, SIM_POWER_CUT);
            road_start(r);
        }
        power_vfs_cut_at(r->power, 0);
        road_run(r, 3 * HOUR);
        for (int i = 0; i < ISSUES; i++) {
            size_t times = story_times_told(r, ann, words[i]);
            int64_t doubts = road_number(
                r, SQL("SELECT coalesce(sum(doubts), 0) FROM delivery_state WHERE delivery > $1"),
                db_int(0));

            if (times < 1 || (int64_t)times > 1 + doubts)
                fail_msg("write %lld: %s was told %zu times", (long long)write, words[i], times);
        }
        road_close(r);
    }
    assert_true(cuts > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(many_threads_come_in_one_mail),
        ROAD_TEST(five_threads_have_mails_of_their_own),
        ROAD_TEST(urgent_news_and_deadlines_stay_apart),
        ROAD_TEST(what_was_muted_or_redacted_is_not_in_it),
        ROAD_TEST(all_of_a_refused_one_is_owed),
        ROAD_TEST(no_power_cut_tells_twice_or_never),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
