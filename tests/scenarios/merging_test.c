/*
 * Somebody is known twice and becomes one: they hear of everything, of each thing once, at the
 * address they have then.
 */
#include <string.h>

#include "services/directory/grants.h"
#include "services/directory/lists.h"
#include "services/directory/people.h"
#include "services/directory/person_merge.h"
#include "services/directory/watches.h"
#include "services/inquiry/why.h"
#include "services/intake/events.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

static const char ann[] = "ann@one.example";
static const char mx1[] = "192.0.2.1";

static size_t times(const struct road *r, const char *word)
{
    return story_times_told(r, ann, word) + story_times_told(r, "old@one.example", word);
}

static void begin(struct road *r, uint64_t seed)
{
    story_begin(r, seed);
    road_ask(r, people_add, "{'key': 'old', 'address': 'old@one.example', 'name': 'Ann Old'}");
}

static void merge(struct road *r)
{
    road_ask(r, person_merge, "{'person': 'old', 'into': 'ann', 'yes': true}");
}

static void what_waits_for_both_is_told_once(void **state)
{
    struct road *r = *state;

    begin(r, 1);
    road_ask(r, watches_set, "{'person': 'old', 'topic': 'project/x'}");
    road_ask(r, watches_set, "{'person': 'old', 'topic': 'project/y'}");
    (void)story_tell(r, "issue/1", "PLUM");
    road_ask(r, events_add,
             "{'topic': {'key': 'issue/2', 'parents': ['project/y']}, 'kind': 'commented', "
             "'text': 'It says PEAR.'}");
    road_run(r, 10 * SECOND);
    merge(r);
    road_run(r, HOUR);
    assert_int_equal(times(r, "PLUM"), 1);
    assert_int_equal(times(r, "PEAR"), 1);
    assert_int_equal(exchange_count_to(r->exchange, "old@one.example"), 0);
    road_ask(r, events_add,
             "{'topic': 'issue/2', 'kind': 'commented', 'text': 'It says FIG.', "
             "'to': [{'person': 'old', 'reason': 'assigned'}]}");
    road_run(r, HOUR);
    assert_int_equal(story_times_told(r, ann, "FIG"), 1);
    assert_int_equal(times(r, "PEAR"), 1);
    road_close(r);
}

/* One was told, of the other the mail still waits. */
static void what_one_was_told_is_not_told_again(void **state)
{
    const struct smtp_sink_options well = exchange_options();
    struct smtp_sink_options slow = exchange_options();
    struct road *r = *state;

    begin(r, 2);
    road_ask(r, people_set, "{'person': 'old', 'addresses': ['old@two.example']}");
    story_domain(r, "two.example", "192.0.2.2");
    slow.greylist_ms = 1000 * HOUR;
    exchange_open(r->exchange, "192.0.2.2", &slow);
    road_ask(r, watches_set, "{'person': 'old', 'topic': 'project/x'}");
    (void)story_tell(r, "issue/1", "PLUM");
    road_run(r, 10 * MINUTE);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    merge(r);
    exchange_open(r->exchange, "192.0.2.2", &well);
    road_run(r, 5 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 1);
    (void)story_tell(r, "issue/1", "PEAR");
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 2);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    road_close(r);
}

/* What only the other was to be told is, though its mail was on its way. */
static void a_mail_on_its_way_is_told_anew(void **state)
{
    const struct smtp_sink_options well = exchange_options();
    struct smtp_sink_options slow = exchange_options();
    struct road *r = *state;

    begin(r, 3);
    road_ask(r, watches_set, "{'person': 'old', 'topic': 'project/y'}");
    slow.greylist_ms = 1000 * HOUR;
    exchange_open(r->exchange, mx1, &slow);
    road_ask(r, events_add,
             "{'topic': {'key': 'issue/2', 'parents': ['project/y']}, 'kind': 'commented', "
             "'text': 'It says PEAR.'}");
    road_run(r, 10 * MINUTE);
    merge(r);
    exchange_open(r->exchange, mx1, &well);
    road_run(r, 5 * HOUR);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    assert_int_equal(exchange_count(r->exchange), 1);
    road_close(r);
}

static void digests_go_on_where_they_were(void **state)
{
    struct road *r = *state;

    begin(r, 4);
    road_ask(r, watches_set, "{'person': 'ann', 'topic': 'project/x', 'mode': 'hourly'}");
    road_ask(r, watches_set, "{'person': 'old', 'topic': 'project/y', 'mode': 'hourly'}");
    road_run(r, 2 * HOUR);
    road_ask(r, events_add,
             "{'topic': {'key': 'issue/2', 'parents': ['project/y']}, 'kind': 'commented', "
             "'text': 'It says PEAR.'}");
    (void)story_tell(r, "issue/1", "PLUM");
    road_run(r, 2 * HOUR);
    road_ask(r, events_add, "{'topic': 'issue/2', 'kind': 'commented', 'text': 'It says FIG.'}");
    (void)story_tell(r, "issue/1", "LIME");
    merge(r);
    road_run(r, 5 * HOUR);
    assert_int_equal(times(r, "PEAR"), 1);
    assert_int_equal(times(r, "PLUM"), 1);
    assert_int_equal(story_times_told(r, ann, "FIG"), 1);
    assert_int_equal(story_times_told(r, ann, "LIME"), 1);
    road_close(r);
}

static void all_else_goes_over_and_the_record_too(void **state)
{
    struct road *r = *state;
    json_t *answer;
    int64_t event;

    begin(r, 5);
    road_ask(r, lists_new, "{'list': 'team'}");
    road_ask(r, lists_add, "{'list': 'team', 'people': ['old', 'ann']}");
    road_ask(r, lists_new, "{'list': 'press'}");
    road_ask(r, lists_add, "{'list': 'press', 'people': ['old']}");
    road_ask(r, grants_add, "{'person': 'old', 'label': 'inner'}");
    road_ask(r, watches_set, "{'person': 'old', 'topic': 'project/y'}");
    answer = road_ask(r, events_add,
                      "{'topic': {'key': 'issue/2', 'parents': ['project/y']}, "
                      "'kind': 'commented', 'text': 'It says PEAR.'}");
    event = json_integer_value(json_object_get(answer, "event"));
    road_run(r, HOUR);
    assert_false(road_try(r, person_merge, "{'person': 'old', 'into': 'ann'}"));
    assert_false(road_try(r, person_merge, "{'person': 'ann', 'into': 'ann', 'yes': true}"));
    answer = road_ask(r, person_merge, "{'person': 'old', 'into': 'ann', 'dry_run': true}");
    assert_int_equal(json_integer_value(json_object_get(answer, "watches")), 1);
    assert_int_equal(json_integer_value(json_object_get(answer, "lists")), 1);
    assert_int_equal(road_number(r, SQL("SELECT count(*) FROM watch WHERE who = $1"), db_int(2)),
                     1);
    merge(r);
    assert_int_equal(road_number(r,
                                 SQL("SELECT count(*) FROM list_member WHERE person = $1 "
                                     "AND left_at IS NULL"),
                                 db_int(1)),
                     2);
    answer = road_ask(r, people_show, "{'person': 'old'}");
    assert_string_equal(json_string_value(json_object_get(answer, "key")), "ann");
    assert_int_equal(json_array_size(json_object_get(answer, "addresses")), 2);
    assert_int_equal(json_array_size(json_object_get(answer, "grants")), 1);
    answer = road_ask(r, why_person, "{'person': 'ann', 'event': %lld}", (long long)event);
    assert_int_equal(json_array_size(json_object_get(answer, "mails")), 1);
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(what_waits_for_both_is_told_once),
        ROAD_TEST(what_one_was_told_is_not_told_again),
        ROAD_TEST(a_mail_on_its_way_is_told_anew),
        ROAD_TEST(digests_go_on_where_they_were),
        ROAD_TEST(all_else_goes_over_and_the_record_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
