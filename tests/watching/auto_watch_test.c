/*
 * Watches nobody asked for by hand: by the rules of a kind of topic, for people who are new, and of
 * every topic of a kind.
 */
#include "services/directory/kinds.h"
#include "services/directory/people.h"
#include "services/directory/topics.h"
#include "services/directory/watches.h"
#include "services/inquiry/why.h"
#include "tests/watching/road.h"

#define ISSUE "\"topic\": {\"key\": \"issue/12\", \"parents\": [\"project/x\"]}"

static int set_up(void **state)
{
    struct office *o;

    (void)office_setup(state);
    o = *state;
    office_ask(o, people_add, "{\"key\": \"ann\", \"address\": \"ann@example.org\"}");
    office_ask(o, people_add, "{\"key\": \"ben\", \"address\": \"ben@example.org\"}");
    office_ask(o, kinds_add,
               "{\"name\": \"issue\", \"of\": \"topic\", "
               "\"auto_watch\": \"author,assignee,mentioned\"}");
    return 0;
}

static void the_author_watches_what_they_made(void **state)
{
    struct office *o = *state;

    event(o, "{" ISSUE ", \"kind\": \"created\", \"actor\": \"ann\"}");
    assert_int_equal(COUNT(o, "watch", "who = 1 AND origin = 'author'"), 1);
    event(o, "{" ISSUE ", \"kind\": \"commented\", \"actor\": \"ben\"}");
    assert_int_equal(COUNT(o, "watch", "who = 2"), 0);
    assert_int_equal(COUNT(o, "notice", "person = 1 AND first_seq = 2"), 1);
}

static void who_is_assigned_or_mentioned_watches_from_then_on(void **state)
{
    struct office *o = *state;

    event(o, "{" ISSUE ", \"kind\": \"created\", \"to\": [{\"person\": \"ann\", \"reason\": "
             "\"assigned\"}, {\"person\": \"ben\", \"reason\": \"cc\"}]}");
    assert_int_equal(COUNT(o, "watch", "who = 1 AND origin = 'assignee' AND mode = 1"), 1);
    assert_int_equal(COUNT(o, "watch", "who = 2"), 0); /* the kind has no such rule */
    office_ask(o, why_person, "{\"person\": \"ann\", \"event\": 1}");
    office_expect(o, "sentences.1", "ann was addressed directly: assigned.");
}

static void who_ends_it_for_good_is_left_alone(void **state)
{
    struct office *o = *state;

    event(o, "{" ISSUE ", \"kind\": \"created\", \"actor\": \"ann\"}");
    office_ask(o, watches_remove, "{\"person\": \"ann\", \"topic\": \"issue/12\"}");
    event(o, "{" ISSUE ", \"kind\": \"commented\", \"to\": [{\"person\": \"ann\", \"reason\": "
             "\"mentioned\"}]}");
    assert_int_equal(COUNT(o, "watch", "who = 1"), 0);
    office_ask(o, watches_set, "{\"person\": \"ann\", \"topic\": \"issue/12\"}");
    assert_int_equal(COUNT(o, "watch", "who = 1"), 1); /* by hand it begins again */
}

static void the_application_takes_back_what_it_made(void **state)
{
    struct office *o = *state;

    event(o, "{" ISSUE ", \"kind\": \"created\", \"to\": [{\"person\": \"ann\", \"reason\": "
             "\"assigned\"}]}");
    event(o, "{" ISSUE ", \"kind\": \"changed\", "
             "\"unwatch\": [{\"person\": \"ann\", \"origin\": \"assignee\"}]}");
    assert_int_equal(COUNT(o, "watch", "who = 1"), 0);
    event(o, "{" ISSUE ", \"kind\": \"changed\", \"to\": [{\"person\": \"ann\", \"reason\": "
             "\"assigned\"}]}");
    assert_int_equal(COUNT(o, "watch", "who = 1"), 1); /* that was no refusal */
}

static void a_person_refuses_rules(void **state)
{
    struct office *o = *state;

    office_ask(o, people_set, "{\"person\": \"ann\", \"auto_watch\": \"author\"}");
    office_ask(o, people_set, "{\"person\": \"ben\", \"auto_watch\": \"no\"}");
    event(o, "{" ISSUE ", \"kind\": \"created\", \"actor\": \"ben\", \"to\": [{\"person\": "
             "\"ann\", \"reason\": \"assigned\"}]}");
    assert_int_equal(COUNT(o, "watch", "1 = 1"), 0);
    office_ask(o, people_set, "{\"person\": \"ann\", \"auto_watch\": \"all\"}");
    event(o, "{" ISSUE ", \"kind\": \"changed\", \"to\": [{\"person\": \"ann\", \"reason\": "
             "\"assigned\"}]}");
    assert_int_equal(COUNT(o, "watch", "who = 1"), 1);
    office_refuse(o, people_set, "{\"person\": \"ann\", \"auto_watch\": \"everything\"}",
                  "auto_watch: \"everything\" is none of");
}

static void a_watch_that_stands_is_kept(void **state)
{
    struct office *o = *state;

    office_ask(o, watches_set,
               "{\"person\": \"ann\", \"topic\": \"issue/12\", \"mode\": \"mute\"}");
    event(o, "{" ISSUE ", \"kind\": \"created\", \"to\": [{\"person\": \"ann\", \"reason\": "
             "\"assigned\"}]}");
    assert_int_equal(COUNT(o, "watch", "who = 1 AND mode = 0"), 1);
}

static void who_is_new_watches_what_all_do(void **state)
{
    struct office *o = *state;

    office_ask(o, topics_add, "{\"key\": \"org/acme\", \"default_watch\": \"now\"}");
    assert_int_equal(COUNT(o, "watch", "1 = 1"), 0); /* those who are there are left alone */
    office_ask(o, people_add, "{\"key\": \"cem\", \"address\": \"cem@example.org\"}");
    event(o, "{" ISSUE ", \"kind\": \"created\", \"actor\": \"dan\", \"scopes\": [\"org/acme\"]}");
    assert_int_equal(COUNT(o, "watch", "origin = 'default'"), 2);
    assert_int_equal(COUNT(o, "notice", "person = 3"), 1);
    office_ask(o, topics_set, "{\"key\": \"org/acme\", \"default_watch\": \"no\"}");
    office_ask(o, people_add, "{\"key\": \"eva\", \"address\": \"eva@example.org\"}");
    assert_int_equal(COUNT(o, "watch", "origin = 'default'"), 2);
}

static void every_topic_of_a_kind_is_watched(void **state)
{
    struct office *o = *state;

    office_ask(o, watches_set, "{\"person\": \"ann\", \"topic\": \"issue/*\"}");
    event(o, "{" ISSUE ", \"kind\": \"created\"}");
    event(o, "{\"topic\": \"page/1\", \"kind\": \"created\"}");
    assert_int_equal(COUNT(o, "notice", "person = 1"), 1);
    office_ask(o, why_person, "{\"person\": \"ann\", \"event\": 1}");
    office_expect(o, "watches.0.topic", "issue/*");
    office_expect_number(o, "watches.0.distance", 1);
    office_ask(o, why_person, "{\"person\": \"ann\", \"event\": 2}");
    office_expect(o, "outcome", "not_watching");
}

/* As far as a parent: of the same distance a mute decides, a nearer watch before both. */
static void every_topic_is_as_far_as_a_parent(void **state)
{
    struct office *o = *state;

    office_ask(o, watches_set, "{\"person\": \"ann\", \"topic\": \"issue/*\"}");
    office_ask(o, watches_set,
               "{\"person\": \"ann\", \"topic\": \"project/x\", \"mode\": \"mute\"}");
    office_ask(o, watches_set, "{\"person\": \"ben\", \"topic\": \"issue/*\", \"mode\": \"mute\"}");
    office_ask(o, watches_set, "{\"person\": \"ben\", \"topic\": \"issue/12\"}");
    event(o, "{" ISSUE ", \"kind\": \"created\"}");
    assert_int_equal(COUNT(o, "notice", "person = 1"), 0);
    assert_int_equal(COUNT(o, "notice", "person = 2"), 1);
    office_refuse(o, events_add, "{\"topic\": \"issue/*\", \"kind\": \"created\"}", "topic");
    office_refuse(o, events_add, "{\"topic\": {\"key\": \"issue/*\"}, \"kind\": \"created\"}",
                  "topic");
}

int main(void)
{
#define STORY(test) cmocka_unit_test_setup_teardown(test, set_up, office_teardown)
    const struct CMUnitTest tests[] = {
        STORY(the_author_watches_what_they_made),
        STORY(who_is_assigned_or_mentioned_watches_from_then_on),
        STORY(who_ends_it_for_good_is_left_alone),
        STORY(the_application_takes_back_what_it_made),
        STORY(a_person_refuses_rules),
        STORY(a_watch_that_stands_is_kept),
        STORY(who_is_new_watches_what_all_do),
        STORY(every_topic_of_a_kind_is_watched),
        STORY(every_topic_is_as_far_as_a_parent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
