/*
 * Events as applications write them: what is taken in, what is refused, what is the same again.
 */
#include "services/directory/people.h"
#include "services/directory/topics.h"
#include "services/directory/watches.h"
#include "services/intake/event_draft.h"
#include "services/intake/event_take.h"
#include "services/intake/events.h"
#include "tests/support/office.h"

static void every_field_is_taken_in_and_stored(void **state)
{
    struct office *o = *state;

    office_ask(o, events_add,
               "{\"topic\": {\"key\": \"issue/12\", \"kind\": \"bug\", \"title\": \"It is broken\","
               " \"url\": \"https://t.example.org/12\", \"label\": \"staff\","
               " \"parents\": [\"project/x\"]},"
               " \"kind\": \"commented\", \"actor\": \"fred\", \"title\": \"Fred commented\","
               " \"text\": \"It is\\nso.\", \"url\": \"https://t.example.org/12#c1\","
               " \"changes\": [{\"field\": \"status\", \"old\": \"open\", \"new\": \"closed\"},"
               "             {\"field\": \"votes\", \"old\": null, \"new\": 3}],"
               " \"to\": [{\"person\": \"ann\", \"reason\": \"assigned\"}, \"ben@example.org\"],"
               " \"people\": [{\"key\": \"fred\", \"address\": \"fred@example.org\","
               "             \"name\": \"Fred\", \"language\": \"de\","
               "             \"timezone\": \"Europe/Vienna\"}],"
               " \"watch\": [{\"person\": \"ann\", \"origin\": \"assignee\"},"
               "            {\"person\": \"fred\", \"topic\": \"project/x\", \"mode\": \"mute\"}],"
               " \"grants\": [{\"label\": \"staff\", \"person\": \"ann\"}],"
               " \"scopes\": [\"tag/urgent\", {\"topic\": \"milestone/4\", \"distance\": 0}],"
               " \"thread\": \"thread/1\", \"key\": \"k1\", \"revision\": 3, \"urgent\": true,"
               " \"silent\": false, \"at\": \"2026-01-02T03:04:05Z\","
               " \"not_before\": \"2026-01-02T03:04:05Z\","
               " \"deadline\": \"2h\", \"label\": \"private\", \"data\": {\"build\": [1, 2]}}");
    office_expect_number(o, "event", 1);
    office_ask(o, events_show, "{\"key\": \"k1\"}");
    office_expect(o, "topic", "issue/12");
    office_expect(o, "thread", "thread/1");
    office_expect(o, "actor", "fred");
    office_expect(o, "text", "It is\nso.");
    office_expect(o, "changes.0.new", "closed");
    office_expect(o, "changes.1.new", "3");
    assert_null(json_object_get(office_get(o, "changes.1"), "old"));
    office_expect(o, "to.0.reason", "assigned");
    office_expect(o, "to.1.person", "ben@example.org");
    office_expect(o, "at", "2026-01-02T03:04:05.000Z");
    office_expect(o, "not_before", "2026-01-02T03:04:05.000Z");
    office_expect(o, "label", "private");
    office_expect_number(o, "data.build.1", 2);
    office_expect_number(o, "revision", 3);
    assert_true(json_is_true(office_get(o, "urgent")));
    office_expect(o, "fan_out", "waiting");
    assert_int_equal(json_array_size(office_get(o, "scopes")), 4);
    office_expect(o, "scopes.1.topic", "milestone/4");
    office_expect_number(o, "scopes.1.distance", 0);
    office_expect_number(o, "scopes.3.distance", 1);
    office_ask(o, people_show, "{\"person\": \"fred@example.org\"}");
    office_expect(o, "name", "Fred");
    office_expect(o, "languages.0", "de");
    office_ask(o, watches_list, "{\"person\": \"ann\"}");
    office_expect(o, "watches.0.topic", "issue/12");
    office_expect(o, "watches.0.origin", "assignee");
    office_ask(o, watches_list, "{\"person\": \"fred\"}");
    office_expect(o, "watches.0.mode", "mute");
    office_ask(o, people_show, "{\"person\": \"ann\"}");
    office_expect(o, "grants.0", "staff");
    office_ask(o, topics_show, "{\"key\": \"issue/12\"}");
    office_expect(o, "kind", "bug");
}

static void who_begins_to_watch_with_an_event_hears_of_it(void **state)
{
    struct office *o = *state;

    office_ask(o, events_add, "{\"topic\": \"issue/1\", \"kind\": \"new\"}");
    office_ask(o, events_add,
               "{\"topic\": \"issue/2\", \"kind\": \"new\", \"watch\": [{\"person\": \"ann\"}]}");
    assert_int_equal(office_count(o, SQL("SELECT w.since - e.seq FROM watch w, event e "
                                         "WHERE e.id = 2 AND w.who > $1")),
                     -1);
}

static void wrong_events_change_nothing_and_name_the_field(void **state)
{
    struct office *o = *state;
    static const struct {
        const char *args;
        const char *words;
    } cases[] = {
        { "{\"kind\": \"k\"}", "topic: is missing" },
        { "{\"topic\": \"a\"}", "kind: is missing" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"colour\": 1}", "unknown field \"colour\"" },
        { "{\"topic\": {\"key\": \"a\", \"colour\": 1}, \"kind\": \"k\"}",
          "topic: unknown field \"colour\"" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"people\": [{\"key\": \"p\", \"nick\": 1}]}",
          "people: unknown field \"nick\"" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"people\": [{\"name\": \"P\"}]}",
          "people: a person needs a key or an address" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"people\": [{\"key\": \"p\", "
          "\"address\": \"p@@x\"}]}",
          "people: address \"p@@x\"" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"to\": [{\"person\": \"p\", \"why\": 1}]}",
          "to: unknown field \"why\"" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"to\": \"p\"}", "to: must be a list" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"changes\": [{\"field\": \"f\", \"now\": 1}]}",
          "changes: unknown field \"now\"" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"watch\": [{\"person\": \"p\", "
          "\"mode\": \"yearly\"}]}",
          "watch: mode: must be now, hourly, daily, weekly or mute, got \"yearly\"" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"unwatch\": [{\"person\": \"p\", "
          "\"mode\": \"now\"}]}",
          "unwatch: unknown field \"mode\"" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"grants\": [{\"person\": \"p\"}]}",
          "grants: label: is missing" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"scopes\": [\"b c\"]}",
          "scopes: a topic's key holds no" },
        { "{\"topic\": {\"key\": \"a\", \"parents\": [\"a\"]}, \"kind\": \"k\"}",
          "topic: parents would form a cycle: a in a" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"at\": \"yesterday\"}", "at: must be a time" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"not_before\": \"1h\", "
          "\"deadline\": \"1h\"}",
          "deadline: must come after not_before" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"urgent\": 1}", "urgent: must be true or false" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"url\": \"ftp://x\"}", "url: must begin with" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"title\": \"a\\nb\"}", "title: holds a control" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"revision\": 0}", "revision: must be 1 to" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"key\": \"\"}", "key: cannot be empty" },
        { "{\"topic\": \"a\", \"kind\": \"k\", \"strict\": true}", "there is no topic \"a\"" },
    };

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        office_refuse(o, events_add, cases[i].args, cases[i].words);
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM topic WHERE id > $1")), 0);
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM person WHERE id > $1")), 0);
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM event WHERE id > $1")), 0);
}

static void a_strict_event_makes_nobody_and_nothing(void **state)
{
    struct office *o = *state;

    office_ask(o, events_add, "{\"topic\": \"a\", \"kind\": \"k\", \"actor\": \"ann\"}");
    office_ask(o, events_add,
               "{\"strict\": true, \"topic\": \"a\", \"kind\": \"k\", \"actor\": \"ann\"}");
    office_refuse(o, events_add,
                  "{\"strict\": true, \"topic\": \"a\", \"kind\": \"k\", \"actor\": \"ben\"}",
                  "actor: nobody has the key \"ben\"");
    office_refuse(o, events_add, "{\"strict\": true, \"topic\": \"a\", \"kind\": \"l\"}",
                  "no kind of event \"l\"");
    office_refuse(o, events_add,
                  "{\"strict\": true, \"topic\": \"a\", \"kind\": \"k\", \"scopes\": [\"b\"]}",
                  "scopes: there is no topic \"b\"");
}

static void the_same_key_is_the_same_event(void **state)
{
    struct office *o = *state;

    office_ask(o, events_add,
               "{\"topic\": \"a\", \"kind\": \"k\", \"key\": \"x\", \"title\": \"T\"}");
    office_expect_number(o, "event", 1);
    office_ask(o, events_add,
               "{\"title\": \"T\", \"key\": \"x\", \"kind\": \"k\", \"topic\": \"a\"}");
    office_expect_number(o, "event", 1);
    office_refuse(o, events_add,
                  "{\"topic\": \"a\", \"kind\": \"k\", \"key\": \"x\", \"title\": \"U\"}",
                  "key: \"x\" is event 1, with another content");
    assert_int_equal(o->err.kind, ERROR_CONFLICT);
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM event WHERE id > $1")), 1);
}

static void a_higher_revision_changes_what_there_is_to_read(void **state)
{
    struct office *o = *state;

    office_ask(o, events_add,
               "{\"topic\": \"a\", \"kind\": \"k\", \"key\": \"x\", \"title\": \"T\", "
               "\"changes\": [{\"field\": \"f\", \"new\": \"1\"}]}");
    office_ask(o, events_add,
               "{\"topic\": \"a\", \"kind\": \"k\", \"key\": \"x\", \"title\": \"U\", "
               "\"revision\": 2}");
    office_expect_number(o, "event", 1);
    office_ask(o, events_show, "{\"id\": 1}");
    office_expect(o, "title", "U");
    assert_int_equal(json_array_size(office_get(o, "changes")), 0);
    office_refuse(o, events_add,
                  "{\"topic\": \"a\", \"kind\": \"k\", \"key\": \"x\", \"title\": \"T\"}",
                  "of a higher revision");
    office_refuse(o, events_add,
                  "{\"topic\": \"b\", \"kind\": \"k\", \"key\": \"x\", \"revision\": 3}",
                  "topic, kind and silent of event 1 cannot change");
    assert_int_equal(office_count(o, SQL("SELECT CAST(value AS BIGINT) FROM meta "
                                         "WHERE key = 'content_epoch' AND value > $1")),
                     1);
}

static void a_redacted_event_has_nothing_to_tell(void **state)
{
    struct office *o = *state;

    office_ask(o, events_add,
               "{\"topic\": \"a\", \"kind\": \"k\", \"key\": \"x\", \"text\": \"secret\", "
               "\"changes\": [{\"field\": \"f\", \"new\": \"1\"}]}");
    office_ask(o, events_redact, "{\"id\": 1}");
    assert_true(json_is_true(office_get(o, "changed")));
    office_ask(o, events_redact, "{\"key\": \"x\"}");
    assert_true(json_is_false(office_get(o, "changed")));
    office_ask(o, events_show, "{\"id\": 1}");
    assert_null(json_object_get(o->answer, "text"));
    assert_int_equal(json_array_size(office_get(o, "changes")), 0);
    office_refuse(o, events_redact, "{\"id\": 7}", "there is no event 7");
    office_refuse(o, events_add,
                  "{\"topic\": \"a\", \"kind\": \"k\", \"key\": \"x\", \"revision\": 2}",
                  "event 1 is redacted");
}

static void somebody_known_by_address_alone_is_given_their_key(void **state)
{
    struct office *o = *state;

    office_ask(o, events_add, "{\"topic\": \"a\", \"kind\": \"k\", \"to\": [\"ann@example.org\"]}");
    office_ask(o, events_add,
               "{\"topic\": \"a\", \"kind\": \"k\", \"people\": [{\"key\": \"ann\", "
               "\"address\": \"Ann@example.org\", \"name\": \"Ann\"}]}");
    office_ask(o, events_add,
               "{\"topic\": \"a\", \"kind\": \"k\", \"people\": [{\"key\": \"other\", "
               "\"address\": \"ann@example.org\"}]}");
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM person WHERE id > $1")), 2);
    office_ask(o, people_show, "{\"person\": \"ann\"}");
    office_expect_number(o, "id", 1);
    office_refuse(o, events_add,
                  "{\"topic\": \"a\", \"kind\": \"k\", \"actor\": \"ann@example.org\"}",
                  "actor: \"ann@example.org\" is the address of several people");
}

static void grants_and_watches_end_with_an_event_too(void **state)
{
    struct office *o = *state;

    office_ask(o, events_add,
               "{\"topic\": \"a\", \"kind\": \"k\", \"watch\": [{\"person\": \"ann\"}], "
               "\"grants\": [{\"label\": \"l\", \"person\": \"ann\"}]}");
    office_ask(o, events_add,
               "{\"topic\": \"a\", \"kind\": \"k\", \"unwatch\": [{\"person\": \"ann\", "
               "\"origin\": \"assignee\"}]}");
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM watch WHERE who > $1")), 1);
    office_ask(o, events_add,
               "{\"topic\": \"a\", \"kind\": \"k\", \"unwatch\": [{\"person\": \"ann\"}], "
               "\"grants\": [{\"label\": \"l\", \"person\": \"ann\", \"remove\": true}]}");
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM watch WHERE who > $1")), 0);
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM grant_of WHERE person > $1")), 0);
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM watch_log WHERE id > $1 "
                                         "AND mode IS NULL AND cause = 'event 3'")),
                     1);
}

static void broken_json_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *bytes;
        const char *words;
    } cases[] = {
        { "", "broken JSON in line 1" },
        { "{\"topic\": \"a\",\n}", "broken JSON in line 2" },
        { "{\"a\": 1, \"a\": 2}", "duplicate object key" },
        { "[1]", "an event is a JSON object" },
        { "{\"text\": \"\xff\"}", "broken JSON in line 1" },
        { "{\"text\": \"0123456789012345678901234567890123456789\"}", "at most 40 bytes" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct error err;
        json_t *json;

        if (event_json_load(span_of(cases[i].bytes), 40, &json, &err))
            fail_msg("%s was taken", cases[i].bytes);
        if (strstr(err.text, cases[i].words) == NULL)
            fail_msg("%s: %s", cases[i].bytes, err.text);
    }
}

int main(void)
{
#define STORY(test) cmocka_unit_test_setup_teardown(test, office_setup, office_teardown)
    const struct CMUnitTest tests[] = {
        STORY(every_field_is_taken_in_and_stored),
        STORY(who_begins_to_watch_with_an_event_hears_of_it),
        STORY(wrong_events_change_nothing_and_name_the_field),
        STORY(a_strict_event_makes_nobody_and_nothing),
        STORY(the_same_key_is_the_same_event),
        STORY(a_higher_revision_changes_what_there_is_to_read),
        STORY(a_redacted_event_has_nothing_to_tell),
        STORY(somebody_known_by_address_alone_is_given_their_key),
        STORY(grants_and_watches_end_with_an_event_too),
        cmocka_unit_test(broken_json_is_refused_with_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
