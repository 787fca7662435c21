/*
 * One mail per person and thread with everything since what was last delivered: what a mail that
 * never arrived was to tell stays owed, and nothing is told twice.
 */
#include <string.h>

#include "services/inquiry/why.h"
#include "services/intake/events.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

static const char ann[] = "ann@one.example";
static const char mx1[] = "192.0.2.1";

static void open_well(struct road *r)
{
    const struct smtp_sink_options options = exchange_options();

    exchange_open(r->exchange, mx1, &options);
}

static void what_an_expired_mail_was_to_tell_the_next_one_tells(void **state)
{
    struct road *r = *state;
    int64_t first;

    road_open(r, 1);
    r->settings.streams[STREAM_NOTICES].expire_after = HOUR;
    road_start(r);
    story_domain(r, "one.example", mx1);
    exchange_close(r->exchange, mx1);
    story_watcher(r, "ann", "one.example");
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 2 * HOUR);
    first = road_delivery(r, ann);
    assert_string_equal(story_reason(r, first), "too_old");
    open_well(r);
    road_run(r, 2 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 0);
    (void)story_tell(r, "issue/12", "PEAR");
    road_run(r, HOUR);
    assert_int_not_equal(road_delivery(r, ann), first);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    (void)story_tell(r, "issue/12", "FIG");
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 2);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    assert_int_equal(story_times_told(r, ann, "FIG"), 1);
    road_close(r);
}

static void what_a_refused_mail_was_to_tell_the_next_one_tells(void **state)
{
    struct smtp_sink_rule rule = {
        SMTP_ASK_CONTENT, SPAN("*"), 554, { 5, 7, 1 }, "We do not like this message"
    };
    struct smtp_sink_options options = exchange_options();
    struct road *r = *state;

    story_begin(r, 2);
    options.rules = &rule;
    options.rule_count = 1;
    exchange_open(r->exchange, mx1, &options);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, MINUTE);
    road_expect(r, road_delivery(r, ann), DELIVERY_FAILED, 1);
    open_well(r);
    (void)story_tell_urgently(r, "issue/12", "PEAR");
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    road_close(r);
}

static void news_while_a_mail_waits_join_it(void **state)
{
    struct road *r = *state;

    story_begin(r, 3);
    exchange_close(r->exchange, mx1);
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 3 * MINUTE);
    (void)story_tell(r, "issue/12", "PEAR");
    (void)story_tell(r, "issue/13", "FIG");
    road_run(r, 3 * MINUTE);
    open_well(r);
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 2);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    assert_int_equal(story_times_told(r, ann, "FIG"), 1);
    road_close(r);
}

static void expect_why(struct road *r, int64_t event, const char *outcome)
{
    const json_t *answer =
        road_ask(r, why_person, "{'person': 'ann', 'event': %lld}", (long long)event);

    assert_string_equal(json_string_value(json_object_get(answer, "outcome")), outcome);
}

/* The mail for both was too late for one of them. */
static void what_is_past_its_deadline_is_left_out_of_a_mail_with_more(void **state)
{
    struct road *r = *state;
    int64_t plum;
    int64_t pear;
    const json_t *answer;

    story_begin(r, 5);
    exchange_close(r->exchange, mx1);
    answer = road_ask(r, events_add,
                      "{'topic': {'key': 'issue/12', 'parents': ['project/x']}, 'kind': "
                      "'commented', 'text': 'It says PLUM today.', 'deadline': '10m'}");
    plum = json_integer_value(json_object_get(answer, "event"));
    pear = story_tell(r, "issue/12", "PEAR");
    road_run(r, 20 * MINUTE);
    open_well(r);
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 0);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    expect_why(r, plum, "expired");
    expect_why(r, pear, "told");
    road_close(r);
}

/* As after a backup that knows less of the fan-out than of the mails. */
static void forget_the_fan_out(struct road *r)
{
    struct db *db = NULL;

    road_stop(r);
    if (!db_open(r->database, DB_WRITE, &db, &r->err) || !db_begin(db, &r->err) ||
        !db_run(db, &r->err,
                SQL("UPDATE event SET fan_state = 0, fan_cursor = 0 WHERE fan_state = $1"),
                db_int(2)) ||
        !db_commit(db, &r->err))
        fail_msg("%s", r->err.text);
    db_close(db);
    road_start(r);
}

static void a_fan_out_replayed_after_promotion_tells_nothing_twice(void **state)
{
    struct road *r = *state;

    story_begin(r, 4);
    exchange_close(r->exchange, mx1);
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 3 * MINUTE);
    assert_int_not_equal(road_delivery(r, ann), 0);
    forget_the_fan_out(r); /* made, not delivered */
    road_run(r, 3 * MINUTE);
    open_well(r);
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 1);
    forget_the_fan_out(r); /* delivered */
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(what_an_expired_mail_was_to_tell_the_next_one_tells),
        ROAD_TEST(what_a_refused_mail_was_to_tell_the_next_one_tells),
        ROAD_TEST(news_while_a_mail_waits_join_it),
        ROAD_TEST(what_is_past_its_deadline_is_left_out_of_a_mail_with_more),
        ROAD_TEST(a_fan_out_replayed_after_promotion_tells_nothing_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
