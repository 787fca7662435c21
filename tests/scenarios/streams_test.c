/*
 * The stream of a mail is that of the kinds it tells of. What goes first is never held back by what
 * goes last, and nothing is told twice for it.
 */
#include <stdio.h>

#include "services/directory/kinds.h"
#include "services/intake/events.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

enum { ISSUES = 8 };

static const char ann[] = "ann@one.example";
static const char mx1[] = "192.0.2.1";

static void begin(struct road *r, uint64_t seed)
{
    road_open(r, seed);
    r->settings.roundup = 5;
    road_start(r);
    story_domain(r, "one.example", mx1);
    story_watcher(r, "ann", "one.example");
    road_ask(r, kinds_add, "{'name': 'announced', 'stream': 'mailouts'}");
}

static void open_well(struct road *r)
{
    const struct smtp_sink_options options = exchange_options();

    exchange_open(r->exchange, mx1, &options);
}

static void announce(struct road *r, const char *issue, const char *word)
{
    road_ask(r, events_add,
             "{'topic': {'key': '%s', 'parents': ['project/x']}, 'kind': 'announced', "
             "'text': 'It says %s today.'}",
             issue, word);
}

static int64_t mails_of(struct road *r, enum stream_id stream)
{
    return road_number(r, SQL("SELECT count(*) FROM delivery WHERE stream = $1"), db_int(stream));
}

static void expect_told_once(struct road *r, const char *word)
{
    if (story_times_told(r, ann, word) != 1)
        fail_msg("%s was told %zu times", word, story_times_told(r, ann, word));
}

static void a_mail_goes_on_the_stream_of_its_kind(void **state)
{
    struct road *r = *state;

    begin(r, 1);
    announce(r, "issue/1", "PLUM");
    (void)story_tell(r, "issue/2", "PEAR");
    (void)story_tell_urgently(r, "issue/3", "FIG");
    road_run(r, 5 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 3);
    assert_int_equal(mails_of(r, STREAM_MAILOUTS), 1);
    assert_int_equal(mails_of(r, STREAM_NOTICES), 1);
    assert_int_equal(mails_of(r, STREAM_URGENT), 1);
    road_close(r);
}

static void a_mail_of_two_kinds_goes_on_the_first_of_their_streams(void **state)
{
    struct road *r = *state;

    begin(r, 2);
    announce(r, "issue/1", "PLUM");
    (void)story_tell(r, "issue/1", "PEAR");
    announce(r, "issue/1", "FIG");
    road_run(r, 5 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(mails_of(r, STREAM_NOTICES), 1);
    road_close(r);
}

static void many_threads_come_in_one_mail_a_stream(void **state)
{
    struct road *r = *state;

    begin(r, 3);
    for (int i = 0; i < 2 * ISSUES; i++) {
        char issue[20];

        (void)snprintf(issue, sizeof issue, "issue/%d", i);
        if (i % 2 == 0)
            announce(r, issue, "PLUM");
        else
            (void)story_tell(r, issue, "PEAR");
    }
    road_run(r, 5 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 2);
    assert_int_equal(mails_of(r, STREAM_MAILOUTS), 1);
    assert_int_equal(mails_of(r, STREAM_NOTICES), 1);
    expect_told_once(r, "PLUM");
    expect_told_once(r, "PEAR");
    assert_int_equal(
        road_number(r, SQL("SELECT count(*) FROM notice WHERE due_at > $1"), db_int(0)), 0);
    road_close(r);
}

/* Its mail cannot leave when something more urgent happens in the thread. */
static void what_goes_first_overtakes_a_mail_that_waits(void **state)
{
    struct road *r = *state;
    int64_t first;

    begin(r, 4);
    exchange_close(r->exchange, mx1);
    announce(r, "issue/1", "PLUM");
    road_run(r, 5 * MINUTE);
    first = road_delivery(r, ann);
    announce(r, "issue/1", "LIME");
    road_run(r, 5 * MINUTE);
    assert_int_equal(road_delivery(r, ann), first);
    (void)story_tell_urgently(r, "issue/1", "PEAR");
    road_run(r, MINUTE);
    assert_string_equal(story_reason(r, first), "overtaken");
    assert_int_not_equal(road_delivery(r, ann), first);
    announce(r, "issue/1", "FIG");
    road_run(r, 5 * MINUTE);
    assert_int_equal(mails_of(r, STREAM_URGENT), 1);
    open_well(r);
    road_run(r, 12 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 1);
    expect_told_once(r, "PLUM");
    expect_told_once(r, "LIME");
    expect_told_once(r, "PEAR");
    expect_told_once(r, "FIG");
    road_close(r);
}

/* One thread of a mail of many becomes urgent: the others are told, too. */
static void an_overtaken_mail_of_many_threads_owes_nothing(void **state)
{
    struct road *r = *state;

    begin(r, 5);
    exchange_close(r->exchange, mx1);
    for (int i = 0; i < ISSUES; i++) {
        char issue[20];

        (void)snprintf(issue, sizeof issue, "issue/%d", i);
        announce(r, issue, i == 5 ? "PLUM" : "LIME");
    }
    road_run(r, 5 * MINUTE);
    assert_int_equal(mails_of(r, STREAM_MAILOUTS), 1);
    (void)story_tell_urgently(r, "issue/5", "PEAR");
    road_run(r, 5 * MINUTE);
    assert_int_equal(mails_of(r, STREAM_URGENT), 1);
    assert_int_equal(mails_of(r, STREAM_MAILOUTS), 2);
    open_well(r);
    road_run(r, 12 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 2);
    expect_told_once(r, "PLUM");
    expect_told_once(r, "PEAR");
    expect_told_once(r, "LIME");
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(a_mail_goes_on_the_stream_of_its_kind),
        ROAD_TEST(a_mail_of_two_kinds_goes_on_the_first_of_their_streams),
        ROAD_TEST(many_threads_come_in_one_mail_a_stream),
        ROAD_TEST(what_goes_first_overtakes_a_mail_that_waits),
        ROAD_TEST(an_overtaken_mail_of_many_threads_owes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
