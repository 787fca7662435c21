/*
 * The road up to the mail that is to be sent, on the simulation: what it keeps over a crash, and
 * that it repeats event for event.
 */
#include "tests/scenarios/road.h"

#include "services/directory/people.h"
#include "services/directory/watches.h"
#include "services/intake/events.h"
#include "store/db.h"
#include "tests/support/cmocka.h"

enum { PEOPLE = 40 };

static void people_watch(struct road *r, int count)
{
    road_ask(r, events_add,
             "{'topic': {'key': 'project/x', 'title': 'Project X'}, "
             "'kind': 'opened', 'title': 'Project X'}");
    for (int i = 0; i < count; i++) {
        road_ask(r, people_add, "{'key': 'p%d', 'address': 'p%d@example.net'}", i, i);
        road_ask(r, watches_set, "{'person': 'p%d', 'topic': 'project/x'}", i);
    }
}

static void something_happens(struct road *r, int number)
{
    road_ask(r, events_add,
             "{'topic': {'key': 'issue/%d', 'title': 'Crash', 'parents': ['project/x']}, "
             "'kind': 'commented', 'title': 'Crash', 'text': 'It is broken.'}",
             number);
}

static int64_t deliveries(struct road *r)
{
    return road_number(r, SQL("SELECT count(*) FROM delivery WHERE 1 > $1"), db_int(0));
}

static void one_event_becomes_a_mail_for_each_watcher(void **state)
{
    struct road *r = *state;

    road_open(r, 1);
    road_start(r);
    people_watch(r, PEOPLE);
    something_happens(r, 12);
    road_run(r, MINUTE);
    assert_int_equal(deliveries(r), 0);
    road_run(r, MINUTE + SECOND);
    assert_int_equal(deliveries(r), PEOPLE);
    road_close(r);
}

static uint64_t play(struct road *r, uint64_t seed)
{
    uint64_t digest;

    road_open(r, seed);
    road_start(r);
    people_watch(r, 5);
    something_happens(r, 12);
    road_run(r, HOUR);
    assert_int_equal(deliveries(r), 5);
    digest = sim_digest(r->sim);
    road_close(r);
    return digest;
}

static void the_same_seed_gives_the_same_run(void **state)
{
    struct road *r = *state;

    assert_int_equal(play(r, 1), play(r, 1));
    assert_int_not_equal(play(r, 1), play(r, 2));
}

static void what_was_answered_outlives_the_daemon(void **state)
{
    struct road *r = *state;

    road_open(r, 3);
    road_start(r);
    people_watch(r, PEOPLE);
    something_happens(r, 12);
    road_crash(r, SIM_POWER_CUT);
    road_start(r);
    road_run(r, 3 * MINUTE);
    assert_int_equal(deliveries(r), PEOPLE);
    something_happens(r, 13);
    road_crash(r, SIM_KILLED);
    road_start(r);
    road_run(r, 3 * MINUTE);
    assert_int_equal(deliveries(r), 2 * PEOPLE);
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(one_event_becomes_a_mail_for_each_watcher),
        ROAD_TEST(the_same_seed_gives_the_same_run),
        ROAD_TEST(what_was_answered_outlives_the_daemon),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
