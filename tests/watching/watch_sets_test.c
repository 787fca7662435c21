/*
 * Many watches at once, and what became of them.
 */
#include "services/directory/watch_sets.h"

#include "services/directory/kinds.h"
#include "services/directory/people.h"
#include "services/directory/topics.h"
#include "services/directory/watches.h"
#include "tests/watching/road.h"

static int set_up(void **state)
{
    struct office *o;

    (void)office_setup(state);
    o = *state;
    office_ask(o, people_add, "{\"key\": \"ann\", \"address\": \"ann@example.org\"}");
    office_ask(o, people_add, "{\"key\": \"ben\", \"address\": \"ben@example.org\"}");
    office_ask(o, topics_add, "{\"key\": \"issue/1\", \"parents\": [\"project/x\"]}");
    office_ask(o, topics_add, "{\"key\": \"issue/2\", \"parents\": [\"project/y\"]}");
    office_ask(o, watches_set, "{\"person\": \"ann\", \"topic\": \"project/x\"}");
    office_ask(o, watches_set, "{\"person\": \"ann\", \"topic\": \"issue/1\", \"delay\": \"1h\"}");
    office_ask(o, watches_set, "{\"person\": \"ann\", \"topic\": \"issue/2\", \"mode\": \"mute\"}");
    return 0;
}

static void copies_leave_what_stands(void **state)
{
    struct office *o = *state;

    office_ask(o, watches_set, "{\"person\": \"ben\", \"topic\": \"issue/1\"}");
    office_ask(o, watch_sets_copy, "{\"from\": \"ann\", \"people\": [\"ben\"], \"dry_run\": true}");
    office_expect_number(o, "changed", 2);
    office_expect_number(o, "kept", 1);
    assert_int_equal(COUNT(o, "watch", "who = 2"), 1);
    office_ask(o, watch_sets_copy, "{\"from\": \"ann\", \"people\": [\"ben\"]}");
    office_expect_number(o, "changed", 2);
    assert_int_equal(COUNT(o, "watch", "who = 2"), 3);
    assert_int_equal(COUNT(o, "watch", "who = 2 AND delay IS NOT NULL"), 0);
    assert_int_equal(COUNT(o, "watch", "who = 2 AND mode = 0"), 1);
}

static void a_line_is_copied_whole_or_not(void **state)
{
    struct office *o = *state;

    office_refuse(o, watch_sets_copy, "{\"from\": \"ann\", \"people\": [\"ben\", \"cem\"]}",
                  "people: person: ");
    assert_int_equal(COUNT(o, "watch", "who = 2"), 0);
    office_refuse(o, watch_sets_copy, "{\"from\": \"ann\", \"people\": [\"ann\"]}",
                  "from themselves");
}

static void those_under_a_topic_end(void **state)
{
    struct office *o = *state;

    office_ask(o, watch_sets_end,
               "{\"person\": \"ann\", \"under\": \"project/x\", \"dry_run\": true}");
    office_expect_number(o, "changed", 2);
    office_expect_number(o, "kept", 1);
    assert_int_equal(COUNT(o, "watch", "who = 1"), 3);
    office_ask(o, watch_sets_end, "{\"person\": \"ann\", \"under\": \"project/x\"}");
    assert_int_equal(COUNT(o, "watch", "who = 1"), 1);
    office_ask(o, watch_sets_end, "{\"person\": \"ann\"}");
    assert_int_equal(COUNT(o, "watch", "who = 1"), 0);
}

static void every_change_is_on_record(void **state)
{
    struct office *o = *state;

    office_ask(o, watches_remove, "{\"person\": \"ann\", \"topic\": \"issue/2\"}");
    office_ask(o, watch_sets_history, "{\"person\": \"ann\"}");
    office_expect(o, "history.0.topic", "project/x");
    office_expect(o, "history.0.mode", "now");
    office_expect(o, "history.0.cause", "command");
    office_expect(o, "history.3.topic", "issue/2");
    office_expect(o, "history.3.mode", "ended for good");
    office_ask(o, watch_sets_history, "{\"person\": \"ann\", \"limit\": 1, \"after\": 1}");
    office_expect(o, "history.0.topic", "issue/1");
    office_expect_number(o, "next", 2);
}

static void what_is_not_named_stays(void **state)
{
    struct office *o = *state;

    office_ask(o, kinds_add, "{\"name\": \"closed\"}");
    office_ask(o, watches_set,
               "{\"person\": \"ann\", \"topic\": \"project/x\", \"mode\": \"daily\", "
               "\"kinds\": [\"closed\"], \"until\": \"2030-01-01T00:00:00Z\"}");
    office_ask(o, watches_set, "{\"person\": \"ann\", \"topic\": \"project/x\"}");
    office_expect(o, "change", "unchanged");
    office_expect(o, "mode", "daily");
    office_ask(o, watches_set,
               "{\"person\": \"ann\", \"topic\": \"project/x\", \"delay\": \"5m\"}");
    office_expect(o, "mode", "daily");
    assert_int_equal(COUNT(o, "watch", "who = 1 AND kinds = 1 AND until IS NOT NULL"), 1);
    office_ask(o, watches_set,
               "{\"person\": \"ann\", \"topic\": \"project/x\", \"kinds\": [], "
               "\"delay\": \"\", \"until\": \"\"}");
    assert_int_equal(COUNT(o, "watch",
                           "who = 1 AND mode = 3 AND kinds = -1 AND until IS NULL "
                           "AND delay IS NULL"),
                     1);
    office_ask(o, watches_set, "{\"person\": \"ann\", \"topic\": \"issue/2\"}");
    office_expect(o, "mode", "now"); /* after a mute anew */
}

static void a_new_watch_has_the_mode_of_its_topics_kind(void **state)
{
    struct office *o = *state;

    office_ask(o, kinds_add,
               "{\"name\": \"issue\", \"of\": \"topic\", \"default_mode\": \"daily\"}");
    office_expect(o, "default_mode", "daily");
    office_ask(o, watches_set, "{\"person\": \"ben\", \"topic\": \"issue/1\"}");
    office_expect(o, "mode", "daily");
    office_ask(o, watches_set, "{\"person\": \"ben\", \"topic\": \"issue/2\", \"mode\": \"now\"}");
    office_expect(o, "mode", "now");
    office_refuse(o, kinds_add,
                  "{\"name\": \"issue\", \"of\": \"topic\", \"default_mode\": \"mute\"}",
                  "default_mode: must be");
    office_refuse(o, kinds_add, "{\"name\": \"closed\", \"default_mode\": \"daily\"}",
                  "default_mode: only kinds of topics");
}

static void many_people_watch_many_topics(void **state)
{
    struct office *o = *state;

    office_ask(o, watch_sets_set,
               "{\"people\": [\"ann\", \"ben\"], \"topics\": [\"project/x\", \"issue/9\"], "
               "\"mode\": \"daily\"}");
    office_expect_number(o, "changed", 4);
    assert_int_equal(COUNT(o, "watch", "mode = 3"), 4);
    office_ask(o, watch_sets_set, "{\"people\": [\"ann\"], \"topics\": [\"issue/9\"]}");
    office_expect_number(o, "changed", 0);
    office_expect_number(o, "kept", 1);
    office_refuse(o, watch_sets_set, "{\"people\": [\"ben\", \"cem\"], \"topics\": [\"issue/7\"]}",
                  "cem");
    office_refuse(o, watch_sets_set, "{\"people\": [], \"topics\": [\"issue/7\"]}",
                  "people: names nothing");
    assert_int_equal(COUNT(o, "watch", "who = 2"), 2);
}

int main(void)
{
#define STORY(test) cmocka_unit_test_setup_teardown(test, set_up, office_teardown)
    const struct CMUnitTest tests[] = {
        STORY(copies_leave_what_stands),      STORY(a_line_is_copied_whole_or_not),
        STORY(those_under_a_topic_end),       STORY(every_change_is_on_record),
        STORY(what_is_not_named_stays),       STORY(a_new_watch_has_the_mode_of_its_topics_kind),
        STORY(many_people_watch_many_topics),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
