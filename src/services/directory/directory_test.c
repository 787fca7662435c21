/*
 * People, topics, kinds and watches as commands ask for them.
 */
#include "services/directory/grants.h"
#include "services/directory/kinds.h"
#include "services/directory/people.h"
#include "services/directory/topics.h"
#include "services/directory/watchers.h"
#include "services/directory/watches.h"
#include "tests/support/office.h"

static void a_person_is_added_shown_and_changed(void **state)
{
    struct office *o = *state;

    office_ask(o, people_add,
               "{\"key\": \"ann\", \"addresses\": [\"Ann@Example.ORG\", \"a@example.com\"], "
               "\"name\": \"Ann Ädler\", \"languages\": [\"de-AT\", \"en\"], "
               "\"timezone\": \"Europe/Vienna\", \"attributes\": {\"team\": \"sales\"}}");
    office_ask(o, people_show, "{\"person\": \"ann@example.org\"}");
    office_expect(o, "person", "ann");
    office_expect(o, "addresses.0", "Ann@example.org");
    office_expect(o, "languages.0", "de-AT");
    office_expect(o, "attributes.team", "sales");
    office_expect(o, "status", "active");
    office_ask(o, people_set,
               "{\"person\": \"ann\", \"name\": \"\", \"status\": \"inactive\", "
               "\"self_notify\": true}");
    office_ask(o, people_show, "{\"person\": \"ann\"}");
    assert_null(json_object_get(o->answer, "name"));
    office_expect(o, "status", "inactive");
    office_expect(o, "timezone", "Europe/Vienna");
    assert_true(json_is_true(office_get(o, "self_notify")));
}

static void a_person_needs_no_more_than_an_address(void **state)
{
    struct office *o = *state;

    office_ask(o, people_add, "{\"person\": \"ben@example.org\"}");
    office_expect(o, "person", "ben@example.org");
    office_ask(o, people_show, "{\"person\": \"BEN@example.org\"}");
    office_expect(o, "addresses.0", "ben@example.org");
    office_refuse(o, people_add, "{\"person\": \"Ben@example.org\"}", "already");
}

static void an_address_of_two_people_names_both_and_does_nothing(void **state)
{
    struct office *o = *state;

    office_ask(o, people_add,
               "{\"key\": \"u1\", \"name\": \"Una\", \"address\": \"desk@example.org\"}");
    office_ask(o, people_add, "{\"key\": \"u2\", \"address\": \"Desk@example.org\"}");
    office_refuse(o, people_set, "{\"person\": \"desk@example.org\", \"name\": \"X\"}",
                  "\"desk@example.org\" is the address of several people: u1 (Una), u2");
    assert_int_equal(o->err.kind, ERROR_CONFLICT);
    office_ask(o, people_show, "{\"person\": \"#1\"}");
    office_expect(o, "name", "Una");
}

static void wrong_people_are_refused_by_field(void **state)
{
    struct office *o = *state;
    static const struct {
        const char *args;
        const char *words;
    } cases[] = {
        { "{}", "a key or an address" },
        { "{\"person\": \"a@b@c\", \"nick\": 1}", "unknown field \"nick\"" },
        { "{\"address\": \"nobody@@example.org\"}", "address \"nobody@@example.org\": " },
        { "{\"key\": \"k\", \"timezone\": \"Mars/../etc\"}", "timezone: " },
        { "{\"key\": \"k\", \"languages\": [\"d e\"]}", "languages: \"d e\"" },
        { "{\"key\": \"k\", \"status\": \"asleep\"}",
          "status: must be active, inactive or suspended" },
        { "{\"key\": \"k\", \"name\": \"a\\nb\"}", "name: holds a control character" },
        { "{\"key\": \"k\", \"attributes\": []}", "attributes: must be an object" },
        { "{\"person\": \"#7\"}", "numbers are given by us" },
        { "{\"key\": 7}", "key: must be a text" },
    };

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        office_refuse(o, people_add, cases[i].args, cases[i].words);
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM person WHERE id > $1")), 0);
    office_refuse(o, people_show, "{\"person\": \"zoe\"}", "nobody has the key \"zoe\"");
    assert_int_equal(o->err.kind, ERROR_NOT_FOUND);
    office_ask(o, people_add, "{\"key\": \"k\"}");
    office_refuse(o, people_add, "{\"key\": \"k\"}", "the key \"k\" is taken by person #1");
}

static void people_are_listed_page_by_page(void **state)
{
    struct office *o = *state;
    char args[60];

    for (int i = 0; i < 5; i++) {
        (void)snprintf(args, sizeof args, "{\"person\": \"p%d@example.org\"}", i);
        office_ask(o, people_add, args);
    }
    office_ask(o, people_list, "{\"limit\": 3}");
    office_expect(o, "people.2.person", "p2@example.org");
    (void)snprintf(args, sizeof args, "{\"limit\": 3, \"after\": %lld}",
                   (long long)json_integer_value(office_get(o, "next")));
    office_ask(o, people_list, args);
    office_expect(o, "people.0.person", "p3@example.org");
    assert_int_equal(json_array_size(office_get(o, "people")), 2);
    assert_null(json_object_get(o->answer, "next"));
    office_refuse(o, people_list, "{\"limit\": 5000}", "limit: must be 1 to 1000");
}

static void what_decides_about_a_person_raises_their_version(void **state)
{
    struct office *o = *state;
    static const struct {
        request_handler *handler;
        const char *args;
        int grows;
    } steps[] = {
        { people_set, "{\"person\": \"ann\", \"name\": \"Ann\"}", 1 },
        { people_set, "{\"person\": \"ann\", \"address\": \"ann@example.org\"}", 2 },
        { grants_add, "{\"person\": \"ann\", \"label\": \"staff\"}", 1 },
        { grants_add, "{\"person\": \"ann\", \"label\": \"staff\"}", 0 },
        { grants_remove, "{\"person\": \"ann\", \"label\": \"staff\"}", 1 },
        { watches_set, "{\"person\": \"ann\", \"topic\": \"a/1\"}", 1 },
        { watches_set, "{\"person\": \"ann\", \"topic\": \"a/1\"}", 0 },
        { watches_remove, "{\"person\": \"ann\", \"topic\": \"a/1\"}", 1 },
    };
    int64_t version = 1;

    office_ask(o, people_add, "{\"key\": \"ann\"}");
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
        office_ask(o, steps[i].handler, steps[i].args);
        version += steps[i].grows;
        assert_int_equal(office_count(o, SQL("SELECT version FROM person WHERE id > $1")), version);
    }
}

static void topics_hang_in_topics(void **state)
{
    struct office *o = *state;

    office_ask(o, topics_add,
               "{\"key\": \"project/x\", \"title\": \"Project X\", \"parents\": [\"org/acme\"]}");
    office_ask(o, topics_add,
               "{\"key\": \"issue/12\", \"title\": \"It is broken\", "
               "\"url\": \"https://t.example.org/12\", \"label\": \"staff\", "
               "\"parents\": [\"project/x\", \"milestone/4\"]}");
    office_ask(o, topics_show, "{\"key\": \"issue/12\"}");
    office_expect(o, "kind", "issue");
    office_expect(o, "label", "staff");
    assert_int_equal(json_array_size(office_get(o, "in")), 3);
    office_expect(o, "in.2.topic", "org/acme");
    office_expect_number(o, "in.2.distance", 2);
    office_ask(o, topics_list, "{\"in\": \"project/x\"}");
    office_expect(o, "topics.0.topic", "issue/12");
    assert_int_equal(json_array_size(office_get(o, "topics")), 1);
    office_ask(o, topics_set, "{\"key\": \"issue/12\", \"label\": \"\", \"parents\": []}");
    assert_null(json_object_get(o->answer, "label"));
    assert_int_equal(json_array_size(office_get(o, "in")), 0);
    office_expect(o, "title", "It is broken");
}

static void a_cycle_of_parents_is_refused_naming_the_way(void **state)
{
    struct office *o = *state;

    office_ask(o, topics_add, "{\"key\": \"a\", \"parents\": [\"b\"]}");
    office_ask(o, topics_set, "{\"key\": \"b\", \"parents\": [\"c\", \"d\"]}");
    office_refuse(o, topics_set, "{\"key\": \"d\", \"parents\": [\"e\", \"a\"]}",
                  "parents would form a cycle: d in a in b in d");
    office_refuse(o, topics_set, "{\"key\": \"c\", \"parents\": [\"c\"]}",
                  "parents would form a cycle: c in c");
    office_refuse(o, topics_show, "{\"key\": \"e\"}", "there is no topic \"e\"");
}

static void a_chain_of_parents_has_an_end(void **state)
{
    struct office *o = *state;
    char args[80];

    for (int i = 0; i < 16; i++) {
        (void)snprintf(args, sizeof args, "{\"key\": \"t%d\", \"parents\": [\"t%d\"]}", i + 1, i);
        if (i == 0)
            office_ask(o, topics_add, "{\"key\": \"t0\"}");
        office_ask(o, topics_add, args);
    }
    office_refuse(o, topics_add, "{\"key\": \"t17\", \"parents\": [\"t16\"]}", "longer than 16");
}

static void a_topic_with_ties_stays(void **state)
{
    struct office *o = *state;

    office_ask(o, people_add, "{\"key\": \"ann\"}");
    office_ask(o, topics_add, "{\"key\": \"a\", \"parents\": [\"b\"]}");
    office_refuse(o, topics_remove, "{\"key\": \"b\"}", "topic \"b\" stays: it has topics in it");
    office_ask(o, watches_set, "{\"person\": \"ann\", \"topic\": \"a\"}");
    office_refuse(o, topics_remove, "{\"key\": \"a\"}", "it has watchers");
    office_ask(o, watches_remove, "{\"person\": \"ann\", \"topic\": \"a\"}");
    office_ask(o, topics_remove, "{\"key\": \"a\"}");
    office_ask(o, topics_remove, "{\"key\": \"b\"}");
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM topic WHERE id > $1")), 0);
}

static void a_topic_is_forced_out_of_its_ties(void **state)
{
    struct office *o = *state;

    office_ask(o, people_add, "{\"key\": \"ann\"}");
    office_ask(o, topics_add, "{\"key\": \"a\", \"parents\": [\"b\"]}");
    office_ask(o, watches_set, "{\"person\": \"ann\", \"topic\": \"b\"}");
    office_refuse(o, topics_remove, "{\"key\": \"b\"}", "it has watchers (1), topics in it (1)");
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM watch WHERE topic > $1")), 1);
    office_ask(o, topics_remove, "{\"key\": \"b\", \"force\": true}");
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM watch WHERE who > $1")), 0);
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM topic_parent WHERE child > $1")), 0);
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM watch_log WHERE id > $1")), 2);
    office_ask(o, topics_show, "{\"key\": \"a\"}");
}

static void wrong_topics_are_refused_by_field(void **state)
{
    struct office *o = *state;
    static const struct {
        const char *args;
        const char *words;
    } cases[] = {
        { "{\"title\": \"x\"}", "key: is missing" },
        { "{\"key\": \"iss*e/1\"}", "key: a topic's key holds no \"*\"" },
        { "{\"key\": \"a b\"}", "key: a topic's key holds no \" \"" },
        { "{\"key\": \"a\", \"url\": \"javascript:alert(1)\"}", "url: must begin with http" },
        { "{\"key\": \"a\", \"url\": \"https://x/\\r\\nBcc: y\"}", "url: holds a space" },
        { "{\"key\": \"a\", \"parents\": [7]}", "parents: must be a list of texts" },
        { "{\"key\": \"a\", \"title\": \"b\\r\\nc\"}", "title: holds a control character" },
    };

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        office_refuse(o, topics_add, cases[i].args, cases[i].words);
    office_ask(o, topics_add, "{\"key\": \"a\"}");
    office_refuse(o, topics_add, "{\"key\": \"a\"}", "there is a topic \"a\" already");
    office_refuse(o, topics_set, "{\"key\": \"b\"}", "there is no topic \"b\"");
}

static void kinds_of_events_are_sixty_three(void **state)
{
    struct office *o = *state;
    char args[60];

    office_ask(o, kinds_add, "{\"name\": \"issue\", \"of\": \"topic\"}");
    for (int i = 0; i < 63; i++) {
        (void)snprintf(args, sizeof args, "{\"name\": \"kind%d\"}", i);
        office_ask(o, kinds_add, args);
        office_expect_number(o, "bit", i);
    }
    office_refuse(o, kinds_add, "{\"name\": \"commented\"}",
                  "kind \"commented\" cannot be declared: 63 kinds of events are the most");
    office_ask(o, kinds_add,
               "{\"name\": \"kind5\", \"urgent\": true, \"names\": {\"de\": \"dringend\"}}");
    office_ask(o, kinds_show, "{\"name\": \"kind5\"}");
    assert_true(json_is_true(office_get(o, "urgent")));
    office_expect(o, "names.de", "dringend");
    office_expect_number(o, "bit", 5);
    office_ask(o, kinds_list, "{\"of\": \"topic\"}");
    assert_int_equal(json_array_size(office_get(o, "kinds")), 1);
    office_refuse(o, kinds_show, "{\"name\": \"gone\"}", "no kind of event \"gone\"");
}

static void a_kind_of_events_may_have_a_stream(void **state)
{
    struct office *o = *state;

    office_ask(o, kinds_add, "{\"name\": \"announced\"}");
    office_expect(o, "stream", "notices");
    office_ask(o, kinds_add, "{\"name\": \"announced\", \"stream\": \"mailouts\"}");
    office_ask(o, kinds_add, "{\"name\": \"announced\", \"names\": {\"de\": \"kund\"}}");
    office_expect(o, "stream", "mailouts");
    office_refuse(o, kinds_add, "{\"name\": \"announced\", \"stream\": \"mailout\"}",
                  "stream: there is no stream \"mailout\"");
    office_refuse(o, kinds_add, "{\"name\": \"announced\", \"stream\": \"urgent\"}",
                  "stream: urgent is for urgent kinds only");
    office_refuse(o, kinds_add, "{\"name\": \"announced\", \"urgent\": true}",
                  "stream: an urgent kind cannot be bound to the stream mailouts");
    office_refuse(o, kinds_add, "{\"name\": \"issue\", \"of\": \"topic\", \"stream\": \"notices\"}",
                  "stream: only kinds of events have it");
    office_ask(o, kinds_show, "{\"name\": \"announced\"}");
    office_expect(o, "stream", "mailouts");
    office_ask(o, kinds_add, "{\"name\": \"announced\", \"urgent\": true, \"stream\": \"urgent\"}");
    office_expect(o, "stream", "urgent");
}

static void a_watch_says_what_it_became(void **state)
{
    struct office *o = *state;

    office_ask(o, people_add, "{\"person\": \"ann@example.org\"}");
    office_ask(o, kinds_add, "{\"name\": \"commented\"}");
    office_ask(o, watches_set,
               "{\"person\": \"ann@example.org\", \"topic\": \"project/x\", "
               "\"kinds\": [\"commented\"], \"delay\": \"10m\", \"until\": \"2h\"}");
    office_expect(o, "change", "changed");
    assert_true(json_is_true(office_get(o, "topic_made")));
    office_expect(o, "kinds.0", "commented");
    office_expect(o, "delay", "10m");
    office_expect(o, "origin", "manual");
    office_ask(o, watches_set,
               "{\"person\": \"ann@example.org\", \"topic\": \"project/x\", "
               "\"mode\": \"mute\"}");
    office_ask(o, watches_set,
               "{\"person\": \"ann@example.org\", \"topic\": \"project/x\", "
               "\"origin\": \"assignee\"}");
    office_expect(o, "change", "kept");
    office_ask(o, watches_list, "{\"person\": \"ann@example.org\"}");
    office_expect(o, "watches.0.topic", "project/x");
    office_expect(o, "watches.0.mode", "mute");
    office_ask(o, watches_remove, "{\"person\": \"ann@example.org\", \"topic\": \"project/x\"}");
    office_expect(o, "change", "removed");
    office_refuse(o, watches_remove, "{\"person\": \"ann@example.org\", \"topic\": \"project/x\"}",
                  "ann@example.org does not watch project/x");
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM watch_log WHERE id > $1")), 3);
    assert_int_equal(office_count(o, SQL("SELECT watch_version FROM topic WHERE id > $1")), 3);
}

static void wrong_watches_are_refused_by_field(void **state)
{
    struct office *o = *state;
    static const struct {
        const char *args;
        const char *words;
    } cases[] = {
        { "{\"person\": \"ann\", \"topic\": \"a\", \"mode\": \"loud\"}",
          "mode: must be now, hourly, daily, weekly or mute, got \"loud\"" },
        { "{\"person\": \"ann\", \"topic\": \"a\", \"kinds\": [\"commentd\"]}",
          "no kind of event \"commentd\" is declared" },
        { "{\"person\": \"ann\", \"topic\": \"a\", \"mode\": \"mute\", \"kinds\": [\"c\"]}",
          "kinds: a mute is for all kinds" },
        { "{\"person\": \"ann\", \"topic\": \"a\", \"delay\": \"30d\"}", "delay: must be" },
        { "{\"person\": \"ann\", \"topic\": \"a\", \"until\": \"2020-01-01T00:00:00Z\"}",
          "until: that moment is past" },
        { "{\"person\": \"ann\", \"topic\": \"iss*e/1\"}", "topic: a topic's key holds no \"*\"" },
        { "{\"person\": \"ann\"}", "topic: is missing" },
        { "{\"person\": \"ben\", \"topic\": \"a\"}", "person: nobody has the key \"ben\"" },
    };

    office_ask(o, people_add, "{\"key\": \"ann\"}");
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        office_refuse(o, watches_set, cases[i].args, cases[i].words);
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM topic WHERE id > $1")), 0);
}

static void watchers_are_explained_through_the_parents(void **state)
{
    struct office *o = *state;
    static const char *const people[] = { "ann", "ben", "cid", "dan", "eve" };
    char args[80];

    for (size_t i = 0; i < ARRAY_LENGTH(people); i++) {
        (void)snprintf(args, sizeof args, "{\"key\": \"%s\"}", people[i]);
        office_ask(o, people_add, args);
    }
    office_ask(o, kinds_add, "{\"name\": \"closed\"}");
    office_ask(o, kinds_add, "{\"name\": \"commented\"}");
    office_ask(o, topics_add, "{\"key\": \"issue/12\", \"parents\": [\"project/x\"]}");
    office_ask(o, watches_set, "{\"person\": \"ann\", \"topic\": \"project/x\"}");
    office_ask(o, watches_set, "{\"person\": \"ben\", \"topic\": \"project/x\"}");
    office_ask(o, watches_set,
               "{\"person\": \"ben\", \"topic\": \"issue/12\", \"mode\": \"mute\"}");
    office_ask(o, watches_set,
               "{\"person\": \"cid\", \"topic\": \"issue/12\", \"kinds\": \"closed\"}");
    office_ask(o, watches_set, "{\"person\": \"dan\", \"topic\": \"issue/12\"}");
    office_ask(o, people_set, "{\"person\": \"dan\", \"status\": \"inactive\"}");
    office_ask(o, watchers_list, "{\"topic\": \"issue/12\"}");
    assert_int_equal(json_array_size(office_get(o, "watchers")), 3);
    office_ask(o, watchers_list,
               "{\"topic\": \"issue/12\", \"explain\": true, \"kind\": \"commented\"}");
    assert_int_equal(json_array_size(office_get(o, "watchers")), 4);
    office_expect(o, "watchers.0.person", "ann");
    office_expect(o, "watchers.0.outcome", "told");
    office_expect(o, "watchers.0.by", "project/x");
    office_expect_number(o, "watchers.0.distance", 1);
    office_expect(o, "watchers.1.outcome", "muted");
    office_expect(o, "watchers.2.outcome", "kind_filtered");
    office_expect(o, "watchers.3.outcome", "inactive");
    office_ask(o, watchers_list, "{\"topic\": \"issue/12\", \"explain\": true}");
    office_expect(o, "watchers.2.outcome", "told");
    office_ask(o, watchers_list, "{\"topic\": \"issue/12\", \"explain\": true, \"limit\": 2}");
    office_expect_number(o, "next", 2);
}

int main(void)
{
#define STORY(test) cmocka_unit_test_setup_teardown(test, office_setup, office_teardown)
    const struct CMUnitTest tests[] = {
        STORY(a_person_is_added_shown_and_changed),
        STORY(a_person_needs_no_more_than_an_address),
        STORY(an_address_of_two_people_names_both_and_does_nothing),
        STORY(wrong_people_are_refused_by_field),
        STORY(people_are_listed_page_by_page),
        STORY(what_decides_about_a_person_raises_their_version),
        STORY(topics_hang_in_topics),
        STORY(a_cycle_of_parents_is_refused_naming_the_way),
        STORY(a_chain_of_parents_has_an_end),
        STORY(a_topic_with_ties_stays),
        STORY(a_topic_is_forced_out_of_its_ties),
        STORY(wrong_topics_are_refused_by_field),
        STORY(kinds_of_events_are_sixty_three),
        STORY(a_kind_of_events_may_have_a_stream),
        STORY(a_watch_says_what_it_became),
        STORY(wrong_watches_are_refused_by_field),
        STORY(watchers_are_explained_through_the_parents),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
