/*
 * What waits for a person goes when the last reason for it goes, long before it is due, and stays
 * while anything else makes the person hear of it; whatever becomes of the power.
 */
#include <stdio.h>
#include <string.h>

#include "services/directory/grants.h"
#include "services/directory/lists.h"
#include "services/directory/people.h"
#include "services/directory/topics.h"
#include "services/directory/watches.h"
#include "services/inquiry/why.h"
#include "services/intake/events.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

static const char ann[] = "ann@one.example";

static int64_t waiting(struct road *r)
{
    return road_number(r, SQL("SELECT count(*) FROM notice WHERE person > $1"), db_int(0));
}

static void expect_why(struct road *r, int64_t event, const char *outcome, const char *words)
{
    json_t *answer = road_ask(r, why_person, "{'person': 'ann', 'event': %lld}", (long long)event);
    json_t *sentences = json_object_get(answer, "sentences");
    bool said = false;
    size_t i;
    json_t *sentence;

    assert_string_equal(json_string_value(json_object_get(answer, "outcome")), outcome);
    json_array_foreach (sentences, i, sentence)
        said = said || strstr(json_string_value(sentence), words) != NULL;
    if (!said)
        fail_msg("%s is not said", words);
}

/* Ann has a reason to hear of it, and then has not. */
static void an_ended_watch_takes_its_notices_along(void **state)
{
    struct road *r = *state;
    int64_t event;

    story_begin(r, 1);
    event = story_tell(r, "issue/12", "PLUM");
    road_run(r, 10 * SECOND);
    assert_int_equal(waiting(r), 1);
    road_ask(r, watches_remove, "{'person': 'ann', 'topic': 'project/x'}");
    road_run(r, 5 * SECOND);
    assert_int_equal(waiting(r), 0);
    expect_why(r, event, "not_watching", "The watch of ann on project/x was ended at");
    road_ask(r, watches_set, "{'person': 'ann', 'topic': 'project/x'}");
    (void)story_tell(r, "issue/12", "PEAR");
    road_run(r, HOUR);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 0);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    road_close(r);
}

static void it_stays_while_another_watch_speaks_for_it(void **state)
{
    struct road *r = *state;

    story_begin(r, 2);
    road_ask(r, watches_set, "{'person': 'ann', 'topic': 'issue/12'}");
    (void)story_tell(r, "issue/12", "PLUM");
    (void)story_tell(r, "issue/13", "PEAR");
    road_run(r, 10 * SECOND);
    assert_int_equal(waiting(r), 2);
    road_ask(r, watches_remove, "{'person': 'ann', 'topic': 'project/x'}");
    road_run(r, 5 * SECOND);
    assert_int_equal(waiting(r), 1);
    road_run(r, HOUR);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 0);
    road_close(r);
}

static void a_mute_takes_what_waits_but_not_what_is_addressed(void **state)
{
    struct road *r = *state;

    story_begin(r, 3);
    (void)story_tell(r, "issue/12", "PLUM");
    road_ask(r, events_add,
             "{'topic': {'key': 'issue/13', 'parents': ['project/x']}, 'kind': 'commented', "
             "'text': 'It says FIG.', 'to': [{'person': 'ann', 'reason': 'mentioned'}]}");
    road_run(r, 10 * SECOND);
    road_ask(r, watches_set, "{'person': 'ann', 'topic': 'project/x', 'mode': 'mute'}");
    road_run(r, 5 * SECOND);
    assert_int_equal(waiting(r), 1);
    road_run(r, HOUR);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 0);
    assert_int_equal(story_times_told(r, ann, "FIG"), 1);
    road_close(r);
}

static void what_a_digest_overtook_is_told_by_it(void **state)
{
    struct road *r = *state;

    story_begin(r, 4);
    road_ask(r, topics_add, "{'key': 'project/y'}");
    road_ask(r, watches_set, "{'person': 'ann', 'topic': 'project/y'}");
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 10 * SECOND);
    road_ask(r, watches_set, "{'person': 'ann', 'topic': 'project/x', 'mode': 'hourly'}");
    road_ask(r, watches_remove, "{'person': 'ann', 'topic': 'project/y'}");
    road_run(r, 5 * SECOND);
    assert_int_equal(waiting(r), 0);
    road_run(r, 3 * HOUR);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    road_close(r);
}

/* ---- lists and rights ---- */

static void leave_the_list(struct road *r)
{
    road_ask(r, lists_take, "{'list': 'team', 'people': ['bob']}");
}

static void remove_the_list(struct road *r)
{
    road_ask(r, lists_remove, "{'list': 'team'}");
}

static void end_the_lists_watch(struct road *r)
{
    road_ask(r, watches_remove, "{'person': 'list:team', 'topic': 'project/x'}");
}

static void hide_the_topic(struct road *r)
{
    road_ask(r, topics_set, "{'key': 'project/x', 'label': 'secret'}");
}

static void make_inactive(struct road *r)
{
    road_ask(r, people_set, "{'person': 'bob', 'status': 'inactive'}");
}

static void members_lose_what_the_list_watched(void **state)
{
    static void (*const acts[])(struct road * r) = { leave_the_list, remove_the_list,
                                                     end_the_lists_watch, hide_the_topic,
                                                     make_inactive };
    struct road *r = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(acts); i++) {
        road_open(r, 10 + i);
        road_start(r);
        story_domain(r, "one.example", "192.0.2.1");
        road_ask(r, people_add, "{'key': 'bob', 'address': 'bob@one.example'}");
        road_ask(r, lists_new, "{'list': 'team'}");
        road_ask(r, lists_add, "{'list': 'team', 'people': ['bob']}");
        road_ask(r, watches_set, "{'person': 'list:team', 'topic': 'project/x'}");
        (void)story_tell(r, "issue/12", "PLUM");
        road_run(r, 10 * SECOND);
        assert_int_equal(waiting(r), 1);
        acts[i](r);
        road_run(r, 5 * SECOND);
        assert_int_equal(waiting(r), 0);
        road_run(r, HOUR);
        assert_int_equal(exchange_count(r->exchange), 0);
        road_close(r);
    }
}

static void a_lost_grant_takes_what_it_let_see(void **state)
{
    struct road *r = *state;

    story_begin(r, 20);
    road_ask(r, events_add,
             "{'topic': {'key': 'issue/12', 'parents': ['project/x']}, 'kind': 'commented', "
             "'text': 'It says PLUM.', 'label': 'inner', "
             "'grants': [{'person': 'ann', 'label': 'inner'}]}");
    (void)story_tell(r, "issue/13", "PEAR");
    road_run(r, 10 * SECOND);
    assert_int_equal(waiting(r), 2);
    road_ask(r, grants_remove, "{'person': 'ann', 'label': 'inner'}");
    road_run(r, 5 * SECOND);
    assert_int_equal(waiting(r), 1);
    road_run(r, HOUR);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 0);
    road_close(r);
}

/* ---- many, and the power ---- */

enum { MEMBERS = 1100 };

static void begin_with_many(struct road *r, uint64_t seed)
{
    road_open(r, seed);
    road_start(r);
    story_domain(r, "one.example", "192.0.2.1");
    road_ask(r, lists_new, "{'list': 'team'}");
    for (int i = 0; i < MEMBERS; i++) {
        road_ask(r, people_add, "{'key': 'p%d', 'address': 'p%d@one.example'}", i, i);
        road_ask(r, lists_add, "{'list': 'team', 'people': ['p%d']}", i);
    }
    road_ask(r, watches_set, "{'person': 'list:team', 'topic': 'project/x'}");
    road_ask(r, watches_set, "{'person': 'p7', 'topic': 'issue/12'}");
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 10 * SECOND);
    assert_int_equal(waiting(r), MEMBERS);
}

static void a_power_cut_loses_no_part_of_a_long_review(void **state)
{
    struct road *r = *state;
    int cuts = 0;

    for (int64_t write = 1; write < 120; write += 23) {
        begin_with_many(r, 100 + (uint64_t)write);
        end_the_lists_watch(r);
        power_vfs_cut_at(r->power, write);
        road_run(r, 20 * SECOND);
        if (road_is_down(r)) {
            cuts++;
            road_crash(r, SIM_POWER_CUT);
            road_start(r);
        }
        power_vfs_cut_at(r->power, 0);
        road_run(r, 30 * SECOND);
        assert_int_equal(waiting(r), 1);
        assert_int_equal(
            road_number(r, SQL("SELECT count(*) FROM review WHERE of >= $1"), db_int(0)), 0);
        road_run(r, HOUR);
        assert_int_equal(exchange_count(r->exchange), 1);
        assert_int_equal(story_times_told(r, "p7@one.example", "PLUM"), 1);
        road_close(r);
    }
    assert_true(cuts > 1);
}

/* So many that they leave in slices, each of which another may come between. */
static void who_was_on_a_removed_list_leaves_it_by_and_by(void **state)
{
    enum { PEOPLE = 1200 };
    struct road *r = *state;

    story_begin(r, 77);
    road_ask(r, lists_new, "{'list': 'team'}");
    for (int i = 0; i < PEOPLE; i++) {
        road_ask(r, people_add, "{'key': 'm%d'}", i);
        road_ask(r, lists_add, "{'list': 'team', 'people': ['m%d']}", i);
    }
    assert_int_equal(json_integer_value(
                         json_object_get(road_ask(r, lists_remove, "{'list': 'team'}"), "members")),
                     PEOPLE);
    assert_int_equal(road_number(r,
                                 SQL("SELECT count(*) FROM list_member WHERE left_at IS NULL "
                                     "AND id > $1"),
                                 db_int(0)),
                     PEOPLE);
    road_run(r, MINUTE);
    assert_int_equal(road_number(r,
                                 SQL("SELECT count(*) FROM list_member WHERE left_at IS NULL "
                                     "AND id > $1"),
                                 db_int(0)),
                     0);
    assert_int_equal(road_number(r, SQL("SELECT count(*) FROM review WHERE of >= $1"), db_int(0)),
                     0);
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(an_ended_watch_takes_its_notices_along),
        ROAD_TEST(it_stays_while_another_watch_speaks_for_it),
        ROAD_TEST(a_mute_takes_what_waits_but_not_what_is_addressed),
        ROAD_TEST(what_a_digest_overtook_is_told_by_it),
        ROAD_TEST(members_lose_what_the_list_watched),
        ROAD_TEST(a_lost_grant_takes_what_it_let_see),
        ROAD_TEST(a_power_cut_loses_no_part_of_a_long_review),
        ROAD_TEST(who_was_on_a_removed_list_leaves_it_by_and_by),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
