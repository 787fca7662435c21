/*
 * Events that bring files along: what is taken in, what is refused by which limit, and what a
 * revision and redacting leave of it.
 */
#include "services/intake/event_draft.h"
#include "services/intake/events.h"
#include "store/event_attachment.h"
#include "tests/support/office.h"

#define EVENT "\"topic\": \"issue/12\", \"kind\": \"commented\", \"key\": \"c1\""

static int setup(void **state)
{
    struct office *o;

    (void)office_setup(state);
    o = *state;
    o->settings.attachment_limit = 3;
    o->settings.attachment_size_limit = 8;
    o->settings.attachments_size_limit = 12;
    return 0;
}

static void they_are_stored_and_shown_without_what_they_hold(void **state)
{
    struct office *o = *state;
    struct arena arena;
    struct span content;

    office_ask(o, events_add,
               "{" EVENT ", \"attachments\": ["
               "{\"name\": \"\xc3\x9c"
               "bersicht.pdf\", \"content\": \"SGVsbG8=\"},"
               "{\"name\": \"a.png\", \"type\": \"image/png\", \"content\": \"AAEC/w==\","
               " \"inline\": true}]}");
    office_ask(o, events_show, "{\"key\": \"c1\"}");
    office_expect(o, "attachments.0.name",
                  "\xc3\x9c"
                  "bersicht.pdf");
    office_expect(o, "attachments.0.type", "application/octet-stream");
    office_expect_number(o, "attachments.0.size", 5);
    office_expect(o, "attachments.1.type", "image/png");
    assert_true(json_is_true(office_get(o, "attachments.1.inline")));
    assert_null(json_object_get(office_get(o, "attachments.0"), "content"));
    arena_init(&arena);
    assert_true(event_attachment_content(o->db, &arena, 1, 1, &content, &o->err));
    assert_true(span_equal(content, (struct span){ "\0\1\2\377", 4 }));
    arena_fini(&arena);
}

static void a_wrong_one_is_refused_with_its_field_or_limit(void **state)
{
    static const struct {
        const char *list;
        const char *words;
    } cases[] = {
        { "{}", "attachments: must be a list" },
        { "[1]", "attachments[0]: must be a list of {name" },
        { "[{\"content\": \"\"}]", "attachments[0]: name" },
        { "[{\"name\": \"a\"}]", "attachments[0]: content" },
        { "[{\"name\": \"../a\", \"content\": \"\"}]", "without its folder" },
        { "[{\"name\": \"a\\nb\", \"content\": \"\"}]", "name: holds a control character" },
        { "[{\"name\": \"a\", \"type\": \"x\", \"content\": \"\"}]", "type: must be a MIME type" },
        { "[{\"name\": \"a\", \"content\": \"A\"}]", "content: must be base64" },
        { "[{\"name\": \"a\", \"content\": \"QUJD\\nQUJD\"}]", "content: must be base64" },
        { "[{\"name\": \"a\", \"content\": \"\", \"inline\": true}]", "inline: only images" },
        { "[{\"name\": \"a\", \"content\": \"\", \"size\": 1}]", "size" },
        { "[{\"name\": \"a\", \"content\": \"QUJDQUJDQUJD\"}]",
          "attachments[0]: content: at most 8 bytes (limits.attachment_size)" },
        { "[{\"name\": \"a\", \"content\": \"QUJDQUJDQUI=\"},"
          " {\"name\": \"b\", \"content\": \"QUJDQUI=\"}]",
          "attachments[1]: content: at most 12 bytes all together (limits.attachments_size)" },
        { "[{\"name\": \"a\", \"content\": \"\"}, {\"name\": \"a\", \"content\": \"\"},"
          " {\"name\": \"a\", \"content\": \"\"}, {\"name\": \"a\", \"content\": \"\"}]",
          "attachments: at most 3 (limits.attachments)" },
    };
    struct office *o = *state;
    char args[600];

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        (void)snprintf(args, sizeof(args), "{" EVENT ", \"attachments\": %s}", cases[i].list);
        office_refuse(o, events_add, args, cases[i].words);
    }
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM event WHERE id > $1")), 0);
}

static void what_they_hold_does_not_count_for_the_size_of_the_event(void **state)
{
    struct office *o = *state;

    o->settings.event_size_limit = 120;
    o->settings.attachment_size_limit = o->settings.attachments_size_limit = 48;
    assert_int_equal(event_json_limit(&o->settings), 120 + 64 + 4 * 3);
    office_ask(o, events_add,
               "{" EVENT ", \"attachments\": [{\"name\": \"a\", \"content\": "
               "\"QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD\"}]}");
    office_refuse(o, events_add,
                  "{" EVENT ", \"text\": "
                  "\"QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD\"}",
                  "an event has at most 120 bytes");
}

static void a_revision_replaces_them_and_redacting_takes_them_away(void **state)
{
    struct office *o = *state;

    office_ask(o, events_add,
               "{" EVENT ", \"attachments\": [{\"name\": \"a\", \"content\": \"QUJD\"},"
               " {\"name\": \"b\", \"content\": \"QUJD\"}]}");
    office_refuse(o, events_add,
                  "{" EVENT ", \"attachments\": [{\"name\": \"a\", \"content\": \"QUJE\"},"
                  " {\"name\": \"b\", \"content\": \"QUJD\"}]}",
                  "with another content");
    office_ask(o, events_add,
               "{" EVENT ", \"revision\": 2,"
               " \"attachments\": [{\"name\": \"c\", \"content\": \"QUJE\"}]}");
    office_ask(o, events_show, "{\"key\": \"c1\"}");
    office_expect(o, "attachments.0.name", "c");
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM event_attachment "
                                         "WHERE position >= $1")),
                     1);
    office_ask(o, events_redact, "{\"id\": 1}");
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM event_attachment "
                                         "WHERE event > $1")),
                     0);
}

int main(void)
{
#define STORY(test) cmocka_unit_test_setup_teardown(test, setup, office_teardown)
    const struct CMUnitTest tests[] = {
        STORY(they_are_stored_and_shown_without_what_they_hold),
        STORY(a_wrong_one_is_refused_with_its_field_or_limit),
        STORY(what_they_hold_does_not_count_for_the_size_of_the_event),
        STORY(a_revision_replaces_them_and_redacting_takes_them_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
