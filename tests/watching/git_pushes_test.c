/*
 * Who hears of a push: the folders that are topics, the pusher.
 */
#include "services/intake/git_pushes.h"

#include "services/directory/people.h"
#include "services/directory/topics.h"
#include "services/intake/events.h"
#include "tests/support/office.h"

#define PUSH "\"event\": {\"topic\": \"repo/x\", \"kind\": \"pushed\", \"title\": \"main\"}"

static void add_topics(struct office *o)
{
    office_ask(o, topics_add, "{\"key\": \"repo/x\", \"parents\": [\"org/acme\"]}");
    office_ask(o, topics_add, "{\"key\": \"repo/x/src\", \"parents\": [\"repo/x\"]}");
    office_ask(o, topics_add, "{\"key\": \"repo/x/src/core\"}");
    office_ask(o, topics_add, "{\"key\": \"repo/x/doc\"}");
}

/* Distance of a topic in the scopes of the event last shown; -1: it is none of them. */
static int64_t distance(struct office *o, const char *topic)
{
    size_t i;
    json_t *scope;

    json_array_foreach (office_get(o, "scopes"), i, scope) {
        if (strcmp(json_string_value(json_object_get(scope, "topic")), topic) == 0)
            return json_integer_value(json_object_get(scope, "distance"));
    }
    return -1;
}

static void push(struct office *o, const char *args)
{
    char show[60];

    office_ask(o, git_pushes_add, args);
    (void)snprintf(show, sizeof show, "{\"id\": %lld}",
                   (long long)json_integer_value(office_get(o, "event")));
    office_ask(o, events_show, show);
}

static void folders_that_hold_the_whole_push_are_nearer_than_the_repository(void **state)
{
    struct office *o = *state;

    add_topics(o);
    push(o, "{" PUSH ", \"folders\": [\"src\", \"src/core\", \"src/core/deep\"], "
            "\"whole\": \"src/core/deep\"}");
    office_expect(o, "topic", "repo/x");
    assert_int_equal(distance(o, "repo/x/src/core"), 0);
    assert_int_equal(distance(o, "repo/x/src"), 1);
    assert_int_equal(distance(o, "repo/x"), 2);
    assert_int_equal(distance(o, "org/acme"), 3);
    assert_int_equal(distance(o, "repo/x/doc"), -1);
}

static void folders_touched_among_others_are_farther(void **state)
{
    struct office *o = *state;

    add_topics(o);
    push(o, "{" PUSH ", \"folders\": [\"src\", \"src/core\", \"doc\", \"other\"], "
            "\"whole\": \"\"}");
    assert_int_equal(distance(o, "repo/x"), 0);
    assert_int_equal(distance(o, "repo/x/src"), 1);
    assert_int_equal(distance(o, "repo/x/src/core"), 2);
    assert_int_equal(distance(o, "repo/x/doc"), 1);
    push(o, "{" PUSH ", \"folders\": [\"src\", \"src/core\"], \"whole\": \"src\"}");
    assert_int_equal(distance(o, "repo/x/src"), 0);
    assert_int_equal(distance(o, "repo/x"), 1);
    assert_int_equal(distance(o, "repo/x/src/core"), 3);
}

static void no_folder_becomes_a_topic_by_a_push(void **state)
{
    struct office *o = *state;

    push(o, "{" PUSH ", \"folders\": [\"src\", \"a b\", \"x*\"], \"whole\": \"src\"}");
    assert_int_equal(json_array_size(office_get(o, "scopes")), 1);
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM topic WHERE 1 > $1")), 1);
}

static void a_branch_that_is_a_topic_is_watched_and_has_its_thread(void **state)
{
    struct office *o = *state;

    add_topics(o);
    office_ask(o, topics_add, "{\"key\": \"repo/x@main\", \"parents\": [\"repo/x\"]}");
    office_ask(o, topics_add, "{\"key\": \"repo/x@next\", \"parents\": [\"repo/x\"]}");
    push(o, "{" PUSH ", \"branches\": [\"main\"], \"folders\": [\"doc\"], \"whole\": \"\"}");
    office_expect(o, "thread", "repo/x@main");
    assert_int_equal(distance(o, "repo/x@main"), 0);
    assert_int_equal(distance(o, "repo/x"), 1);
    assert_int_equal(distance(o, "repo/x/doc"), 2);
    push(o, "{" PUSH ", \"branches\": [\"main\"], \"folders\": [\"doc\"], \"whole\": \"doc\"}");
    assert_int_equal(distance(o, "repo/x/doc"), 0);
    assert_int_equal(distance(o, "repo/x@main"), 0);
    assert_int_equal(distance(o, "repo/x"), 1);
    push(o, "{" PUSH ", \"branches\": [\"main\", \"other\", \"next\"]}");
    office_expect(o, "thread", "repo/x");
    assert_int_equal(distance(o, "repo/x"), 0);
    assert_int_equal(distance(o, "repo/x@main"), 1);
    assert_int_equal(distance(o, "repo/x@next"), 1);
    push(o, "{" PUSH ", \"branches\": [\"other\"]}");
    office_expect(o, "thread", "repo/x");
    assert_int_equal(json_array_size(office_get(o, "scopes")), 2);
}

static void very_many_topics_are_counted_and_no_push_is_lost(void **state)
{
    struct office *o = *state;
    json_t *folders = json_array();
    char *text;
    char args[8192];

    for (int i = 0; i < 150; i++) {
        char name[60];

        (void)snprintf(name, sizeof name, "{\"key\": \"repo/x/f%d\"}", i);
        office_ask(o, topics_add, name);
        (void)snprintf(name, sizeof name, "f%d", i);
        (void)json_array_append_new(folders, json_string(name));
    }
    text = json_dumps(folders, JSON_COMPACT);
    (void)snprintf(args, sizeof args, "{" PUSH ", \"folders\": %s}", text);
    office_ask(o, git_pushes_add, args);
    office_expect_number(o, "folders_left_out", 71);
    free(text);
    json_decref(folders);
}

static void the_pusher_is_found_by_what_is_known(void **state)
{
    struct office *o = *state;
    static const struct {
        const char *who;
        const char *actor; /* NULL: nobody */
    } cases[] = {
        { "\"by\": \"ana\"", "ana" },
        { "\"by\": \"unix-name\", \"committer\": {\"address\": \"ana@example.net\"}", "ana" },
        { "\"committer\": {\"name\": \"A\", \"address\": \"ANA@example.net\"}", "ana" },
        { "\"by\": \"root\", \"committer\": {\"address\": \"nobody\"}", "root" },
        { "\"committer\": {\"name\": \" Bo \", \"address\": \"bo@example.net\"}",
          "bo@example.net" },
        { "\"committer\": {\"name\": \"?\", \"address\": \"root@\"}", NULL },
        { "\"committer\": {\"address\": \"desk@example.net\"}", NULL },
        { "\"committer\": {}", NULL },
        { "\"whole\": \"\"", NULL },
    };

    office_ask(o, people_add, "{\"key\": \"ana\", \"address\": \"ana@example.net\"}");
    office_ask(o, people_add, "{\"key\": \"d1\", \"address\": \"desk@example.net\"}");
    office_ask(o, people_add, "{\"key\": \"d2\", \"address\": \"desk@example.net\"}");
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char args[300];

        (void)snprintf(args, sizeof args, "{" PUSH ", %s}", cases[i].who);
        push(o, args);
        if (cases[i].actor != NULL)
            office_expect(o, "actor", cases[i].actor);
        else
            assert_null(json_object_get(o->answer, "actor"));
    }
    office_ask(o, people_show, "{\"person\": \"ana\"}");
    assert_null(json_object_get(o->answer, "name")); /* git's name changes nobody's */
    office_ask(o, people_show, "{\"person\": \"bo@example.net\"}");
    office_expect(o, "name", "Bo");
}

static void wrong_requests_are_refused_by_field(void **state)
{
    struct office *o = *state;

    office_refuse(o, git_pushes_add, "{}", "event");
    office_refuse(o, git_pushes_add, "{" PUSH ", \"folders\": \"src\"}", "folders");
    office_refuse(o, git_pushes_add, "{" PUSH ", \"folders\": [1]}", "folders");
    office_refuse(o, git_pushes_add, "{" PUSH ", \"by\": \" x\"}", "by: ");
    office_refuse(o, git_pushes_add, "{" PUSH ", \"committer\": {\"mail\": 1}}", "committer: ");
    office_refuse(o, git_pushes_add, "{\"event\": {\"topic\": \"a b\", \"kind\": \"x\"}}",
                  "topic: ");
    office_refuse(o, git_pushes_add, "{" PUSH ", \"scopes\": []}", "scopes");
}

#define STORY(test) cmocka_unit_test_setup_teardown(test, office_setup, office_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(folders_that_hold_the_whole_push_are_nearer_than_the_repository),
        STORY(folders_touched_among_others_are_farther),
        STORY(no_folder_becomes_a_topic_by_a_push),
        STORY(a_branch_that_is_a_topic_is_watched_and_has_its_thread),
        STORY(very_many_topics_are_counted_and_no_push_is_lost),
        STORY(the_pusher_is_found_by_what_is_known),
        STORY(wrong_requests_are_refused_by_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
