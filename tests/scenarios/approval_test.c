/*
 * A question on the whole road: the mail names the answers, and the answer reaches who asked.
 */
#include "services/directory/watches.h"
#include "services/intake/approvals.h"
#include "services/intake/events.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

static const char ann[] = "ann@one.example";
static const char bea[] = "bea@one.example";

static void the_mail_asks_and_the_answer_comes_back(void **state)
{
    struct road *r = *state;

    story_begin(r, 1);
    road_ask(r, events_add,
             "{'topic': 'release/7', 'kind': 'submitted', 'key': 'r7', 'actor': 'bea', "
             "'people': [{'key': 'bea', 'address': 'bea@one.example'}], 'to': ['ann'], "
             "'title': 'Release 7', 'asks': {'answers': ['approve', 'reject']}}");
    road_run(r, 5 * MINUTE);
    assert_int_equal(story_times_told(r, ann, "Asked for an answer: approve, reject"), 1);
    assert_int_equal(exchange_count_to(r->exchange, bea), 0);
    road_ask(r, approvals_answer,
             "{'person': 'ann', 'key': 'r7', 'answer': 'approve', 'text': 'It says FIG.'}");
    road_run(r, 5 * MINUTE);
    assert_int_equal(story_times_told(r, bea, "Answer: (none)"), 1);
    assert_int_equal(story_times_told(r, bea, "FIG"), 1);
    assert_int_equal(exchange_count_to(r->exchange, ann), 1);
    road_close(r);
}

static void what_waits_for_an_answer_stands_in_every_digest(void **state)
{
    struct road *r = *state;

    story_begin(r, 2);
    road_ask(r, watches_set, "{'person': 'ann', 'topic': 'wiki/1', 'mode': 'daily'}");
    road_ask(r, events_add,
             "{'topic': 'release/7', 'kind': 'submitted', 'key': 'r7', 'to': ['ann'], "
             "'title': 'Release 7', 'asks': {'answers': ['approve', 'reject']}}");
    road_run(r, 3 * 24 * HOUR);
    assert_int_equal(story_times_told(r, ann, "Still waiting"), 0);
    road_ask(r, events_add, "{'topic': 'wiki/1', 'kind': 'edited', 'text': 'PLUM'}");
    road_run(r, 24 * HOUR);
    assert_int_equal(story_times_told(r, ann, "Still waiting for your answer:"), 1);
    assert_int_equal(story_times_told(r, ann, "* Release 7 (3 days)"), 1);
    road_ask(r, approvals_answer, "{'person': 'ann', 'key': 'r7', 'answer': 'approve'}");
    road_ask(r, events_add, "{'topic': 'wiki/1', 'kind': 'edited', 'text': 'PEAR'}");
    road_run(r, 24 * HOUR);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    assert_int_equal(story_times_told(r, ann, "Still waiting"), 1);
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(the_mail_asks_and_the_answer_comes_back),
        ROAD_TEST(what_waits_for_an_answer_stands_in_every_digest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
