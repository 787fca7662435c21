/*
 * A mail that its exchanger cannot bear: every session ends in its midst. It is set aside, and
 * nobody else waits for it.
 */
#include <stdio.h>
#include <string.h>

#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

static const char mx1[] = "192.0.2.1";

enum { CROWD = 12 };

/* The exchanger breaks off at `step` of each mail to bob. */
static void break_off_for_bob(struct road *r, enum smtp_question step)
{
    const struct smtp_sink_rule rule = {
        step, SPAN("bob@one.example"), 421, { 4, 3, 0 }, "Something went wrong, closing"
    };
    struct smtp_sink_options options = exchange_options();

    options.rules = &rule;
    options.rule_count = 1;
    exchange_open(r->exchange, mx1, &options);
}

static void begin(struct road *r, uint64_t seed)
{
    static int64_t aside[] = { 2 * HOUR, 6 * HOUR, 12 * HOUR };

    road_open(r, seed);
    r->settings.aside_retry = (struct duration_list){ aside, ARRAY_LENGTH(aside) };
    road_start(r);
    story_domain(r, "one.example", mx1);
    story_watcher(r, "bob", "one.example");
}

static void crowd(struct road *r, int round)
{
    for (int i = 0; i < CROWD; i++) {
        char key[40];

        (void)snprintf(key, sizeof key, "p%d-%d", round, i);
        story_watcher(r, key, "one.example");
    }
}

static int64_t asleep(struct road *r)
{
    return road_number(r, SQL("SELECT count(*) FROM domain WHERE asleep_until > $1"), db_int(0));
}

static void a_mail_that_breaks_sessions_is_set_aside_after_three(void **state)
{
    static const enum smtp_question steps[] = { SMTP_ASK_RCPT, SMTP_ASK_DATA };

    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
        struct road *r = *state;
        int64_t bob;

        begin(r, 1 + i);
        break_off_for_bob(r, steps[i]);
        (void)story_tell_urgently(r, "issue/12", "PLUM");
        road_run(r, HOUR);
        bob = road_delivery(r, "bob@one.example");
        assert_int_equal(story_attempts(r, bob), 3);
        assert_string_equal(story_reason(r, bob), "set_aside");
        road_run(r, 5 * HOUR); /* its own schedule: two hours, six, twelve */
        assert_int_equal(story_attempts(r, bob), 4);
        road_close(r);
    }
}

/* Lesson 38. Whatever its exchanger says of the one, the others get theirs at once. */
static void a_poisoned_mail_delays_no_other(void **state)
{
    static const enum smtp_question steps[] = { SMTP_ASK_RCPT, SMTP_ASK_DATA };

    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
        struct road *r = *state;
        size_t before;

        begin(r, 11 + i);
        break_off_for_bob(r, steps[i]);
        (void)story_tell_urgently(r, "issue/12", "PLUM");
        road_run(r, 2 * HOUR); /* it is aside by now, and is tried again soon */
        assert_int_equal(asleep(r), 0);
        for (int round = 0; round < 20; round++) {
            crowd(r, round);
            before = exchange_count(r->exchange);
            (void)story_tell_urgently(r, "issue/12", "PEAR");
            road_run(r, 2 * MINUTE);
            assert_int_equal(exchange_count(r->exchange), before + CROWD * ((size_t)round + 1));
            assert_int_equal(asleep(r), 0);
        }
        road_close(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(a_mail_that_breaks_sessions_is_set_aside_after_three),
        ROAD_TEST(a_poisoned_mail_delays_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
