/*
 * Clocks that step while mail waits: nothing is forgotten, nothing comes early by more than the
 * step, and deadlines are those of the clock.
 */
#include <string.h>

#include "services/intake/events.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

static const char ann[] = "ann@one.example";
static const char mx1[] = "192.0.2.1";

static void greylist(struct road *r, int64_t ms)
{
    struct smtp_sink_options options = exchange_options();

    options.greylist_ms = ms;
    exchange_open(r->exchange, mx1, &options);
}

static void a_step_forward_makes_due_what_is_due_then(void **state)
{
    struct road *r = *state;

    story_begin(r, 1);
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, SECOND);
    sim_step_clock(r->sim, HOUR);
    road_run(r, MINUTE + SECOND);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    greylist(r, 30 * SECOND);
    (void)story_tell_urgently(r, "issue/12", "PEAR");
    road_run(r, MINUTE);
    road_expect(r, road_delivery(r, ann), DELIVERY_DEFERRED, 1);
    sim_step_clock(r->sim, HOUR);
    road_run(r, MINUTE + SECOND);
    road_expect(r, road_delivery(r, ann), DELIVERY_DELIVERED, 2);
    road_close(r);
}

static void a_step_back_delays_by_no_more_than_itself(void **state)
{
    struct road *r = *state;

    story_begin(r, 2);
    greylist(r, MINUTE);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    (void)story_tell(r, "issue/13", "PEAR");
    road_run(r, SECOND);
    sim_step_clock(r->sim, -HOUR);
    (void)story_tell_urgently(r, "issue/14", "FIG");
    road_run(r, HOUR + 10 * MINUTE);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    assert_int_equal(story_times_told(r, ann, "FIG"), 1);
    road_close(r);
}

static void a_deadline_is_the_clocks(void **state)
{
    struct road *r = *state;

    story_begin(r, 3);
    greylist(r, MINUTE);
    road_ask(r, events_add,
             "{'topic': 'project/x', 'kind': 'released', 'text': 'It says PLUM today.', "
             "'urgent': true, 'deadline': '30m'}");
    road_run(r, MINUTE);
    road_expect(r, road_delivery(r, ann), DELIVERY_DEFERRED, 1);
    sim_step_clock(r->sim, HOUR);
    road_run(r, 10 * MINUTE);
    assert_string_equal(story_reason(r, road_delivery(r, ann)), "deadline");
    assert_int_equal(exchange_count(r->exchange), 0);
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(a_step_forward_makes_due_what_is_due_then),
        ROAD_TEST(a_step_back_delays_by_no_more_than_itself),
        ROAD_TEST(a_deadline_is_the_clocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
