/*
 * Who would be told of an event: what is foreseen is what happens.
 */
#include "services/intake/event_preview.h"

#include "base/buf.h"
#include "base/random.h"
#include "base/text.h"
#include "services/directory/grants.h"
#include "services/directory/kinds.h"
#include "services/directory/people.h"
#include "services/directory/suppressions.h"
#include "services/directory/topics.h"
#include "services/directory/watches.h"
#include "tests/watching/road.h"

enum { WORLDS = 150, PEOPLE = 8 };

#define ISSUE "\"topic\": \"issue/12\", \"kind\": \"commented\""

static int setup(void **state)
{
    struct office *o;
    int failed = office_setup(state);

    o = *state;
    o->settings.window = WINDOW;
    office_ask(o, topics_add, "{\"key\": \"issue/12\", \"parents\": [\"project/x\"]}");
    office_ask(o, people_add, "{\"key\": \"ann\", \"address\": \"ann@example.net\"}");
    office_ask(o, people_add, "{\"key\": \"ben\", \"address\": \"ben@example.net\"}");
    office_ask(o, watches_set, "{\"person\": \"ann\", \"topic\": \"project/x\"}");
    office_ask(o, watches_set,
               "{\"person\": \"ben\", \"topic\": \"issue/12\", \"mode\": \"mute\"}");
    return failed;
}

static void each_person_is_named_with_what_speaks_for_it(void **state)
{
    struct office *o = *state;

    office_ask(o, event_preview, "{" ISSUE "}");
    office_expect(o, "people.0.person", "ann");
    office_expect(o, "people.0.outcome", "told");
    office_expect(o, "people.0.because", "watches project/x");
    office_expect(o, "people.0.address", "ann@example.net");
    office_expect(o, "people.1.outcome", "muted");
    office_expect(o, "people.1.by", "issue/12");
    office_expect_number(o, "counts.told", 1);
    office_expect_number(o, "counts.muted", 1);
}

static void being_addressed_and_the_actor_count_as_they_would(void **state)
{
    struct office *o = *state;

    office_ask(o, event_preview,
               "{" ISSUE ", \"actor\": \"ann\", \"to\": [\"ben\", {\"person\": \"ben\", "
               "\"reason\": \"assigned\"}, \"new@example.net\", \"nobody\"]}");
    office_expect(o, "people.0.outcome", "actor");
    office_expect(o, "people.1.outcome", "told");
    office_expect(o, "people.1.reason", "assigned");
    office_expect(o, "people.2.person", "new@example.net");
    office_expect(o, "people.2.outcome", "told");
    assert_true(json_is_true(office_get(o, "people.2.made")));
    office_expect(o, "people.3.outcome", "no_address");
    assert_int_equal(COUNT(o, "person", "1 = 1"), 2);
}

static void people_are_counted_beyond_those_who_are_named(void **state)
{
    struct office *o = *state;

    office_ask(o, event_preview, "{" ISSUE ", \"limit\": 0, \"to\": [\"new@example.net\"]}");
    assert_int_equal(json_array_size(office_get(o, "people")), 0);
    office_expect_number(o, "counts.told", 2);
    office_ask(o, event_preview, "{" ISSUE ", \"after\": 1}");
    office_expect(o, "people.0.person", "ben");
}

static void an_event_that_tells_nobody_says_so(void **state)
{
    struct office *o = *state;

    office_ask(o, event_preview, "{" ISSUE ", \"silent\": true}");
    office_expect(o, "people.0.outcome", "silent");
    office_ask(o, event_preview, "{" ISSUE ", \"deadline\": \"2020-01-01T00:00:00Z\"}");
    office_expect(o, "people.0.outcome", "expired");
    office_expect(o, "people.1.outcome", "muted");
}

static void what_waits_already_goes_with_it(void **state)
{
    struct office *o = *state;

    event(o, "{" ISSUE "}");
    o->now_ms += WINDOW / 2;
    office_ask(o, event_preview, "{" ISSUE "}");
    assert_true(json_is_true(office_get(o, "people.0.with_earlier")));
    office_expect(o, "people.0.due", "2026-09-21T14:15:20.000Z");
}

static void a_known_key_is_no_new_event(void **state)
{
    struct office *o = *state;

    event(o, "{" ISSUE ", \"key\": \"k\"}");
    office_ask(o, event_preview, "{" ISSUE ", \"key\": \"k\"}");
    office_expect_number(o, "event", 1);
    office_refuse(o, event_preview, "{" ISSUE ", \"key\": \"k\", \"title\": \"t\"}", "key: ");
}

static void what_is_not_foreseen_or_wrong_is_refused(void **state)
{
    struct office *o = *state;
    static const struct {
        const char *args;
        const char *words;
    } cases[] = {
        { "{" ISSUE ", \"watch\": [{\"person\": \"ben\"}]}", "watch: " },
        { "{" ISSUE ", \"grants\": [{\"label\": \"l\", \"person\": \"ben\"}]}", "grants: " },
        { "{" ISSUE ", \"people\": [{\"key\": \"x\"}]}", "people: " },
        { "{\"topic\": {\"key\": \"issue/12\", \"parents\": [\"project/y\"]}, \"kind\": \"k\"}",
          "parents: " },
        { "{" ISSUE ", \"colour\": 1}", "colour" },
        { "{" ISSUE ", \"strict\": true}", "kind" },
        { "{\"topic\": \"issue/1\", \"kind\": \"k\", \"strict\": true}", "issue/1" },
        { "{" ISSUE ", \"limit\": -1}", "limit" },
    };

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        office_refuse(o, event_preview, cases[i].args, cases[i].words);
}

/* Small worlds by chance. */
struct world {
    struct office *office;
    struct random chance;
};

static size_t below(struct world *w, size_t bound)
{
    return (size_t)random_below(&w->chance, bound);
}

static void ask_some(struct world *w, request_handler *handler, const char *format, ...)
{
    char args[600];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(args, sizeof args, format, values);
    va_end(values);
    (void)office_try(w->office, handler, args); /* some are refused: no matter */
}

static const char *const topics[] = { "a/1", "a/2", "b/1", "b/2", "c/1", "new/1" };
static const char *const modes[] = { "now", "now", "mute" };

static const char *a_topic(struct world *w)
{
    return topics[below(w, ARRAY_LENGTH(topics) - 1)];
}

static const char *sometimes(struct world *w, size_t one_in, const char *text)
{
    return below(w, one_in) == 0 ? text : "";
}

static void make_person(struct world *w, int i)
{
    const char *address =
        i % 2 == 0 ? ", \"address\": \"p@even.net\"" : ", \"address\": \"p@odd.net\"";

    ask_some(w, people_add, "{\"key\": \"p%d\"%s%s}", i, below(w, 6) == 0 ? "" : address,
             sometimes(w, 4, ", \"self_notify\": true"));
    if (below(w, 8) == 0)
        ask_some(w, people_set, "{\"person\": \"p%d\", \"status\": \"inactive\"}", i);
    if (below(w, 2) == 0)
        ask_some(w, grants_add, "{\"person\": \"p%d\", \"label\": \"%c\"}", i, "lm"[below(w, 2)]);
}

static void make_world(struct world *w)
{
    ask_some(w, kinds_add, "{\"kind\": \"opened\", \"of\": \"event\"}");
    ask_some(w, kinds_add, "{\"kind\": \"closed\", \"of\": \"event\"}");
    ask_some(w, topics_add, "{\"key\": \"a/1\", \"parents\": [\"b/1\", \"b/2\"]}");
    ask_some(w, topics_add, "{\"key\": \"a/2\", \"parents\": [\"b/2\"], \"label\": \"l\"}");
    ask_some(w, topics_add, "{\"key\": \"b/2\", \"parents\": [\"c/1\"]%s}",
             sometimes(w, 3, ", \"label\": \"m\""));
    for (int i = 1; i <= PEOPLE; i++)
        make_person(w, i);
    for (size_t n = 4 + below(w, 14); n > 0; n--)
        ask_some(w, watches_set, "{\"person\": \"p%zu\", \"topic\": \"%s\", \"mode\": \"%s\"%s%s}",
                 1 + below(w, PEOPLE), a_topic(w), modes[below(w, ARRAY_LENGTH(modes))],
                 sometimes(w, 4, ", \"delay\": \"7m\""),
                 sometimes(w, 4, ", \"kinds\": [\"closed\"]"));
    if (below(w, 2) == 0)
        ask_some(w, suppressions_add, "{\"target\": \"p@odd.net\", \"scope\": \"%s\"%s}",
                 a_topic(w), sometimes(w, 2, ", \"reason\": \"unsubscribed\""));
}

static char *an_event(struct world *w)
{
    static const char *const extras[] = { "",
                                          ", \"label\": \"m\"",
                                          ", \"thread\": \"a/2\"",
                                          ", \"scopes\": [\"b/1\"]",
                                          ", \"scopes\": [{\"topic\": \"c/1\", \"distance\": 0}]",
                                          ", \"urgent\": true",
                                          ", \"to\": [{\"person\": \"p3\", \"reason\": \"cc\"}]",
                                          ", \"to\": [\"p2\", \"p5\"]" };
    const char *topic = topics[below(w, ARRAY_LENGTH(topics))];
    char *text = calloc(1, 600);
    bool has_parents = strcmp(topic, "new/1") == 0 && below(w, 2) == 0;

    (void)snprintf(text, 600,
                   "{\"topic\": {\"key\": \"%s\"%s}, \"kind\": \"%s\", \"actor\": \"p%zu\"%s}",
                   topic, has_parents ? ", \"parents\": [\"b/2\"]" : "",
                   below(w, 3) == 0 ? "closed" : "opened", 1 + below(w, PEOPLE),
                   extras[below(w, ARRAY_LENGTH(extras))]);
    return text;
}

/* "p1 2026-09-21T14:15:20.000Z" and so on: who would be told and when, or who has a notice. */
static void put_foreseen(struct office *o, struct buf *to)
{
    size_t i;
    json_t *row;

    json_array_foreach (office_get(o, "people"), i, row) {
        const char *outcome = json_string_value(json_object_get(row, "outcome"));

        const char *due = json_string_value(json_object_get(row, "due"));

        if (strcmp(outcome, "told") == 0 || strcmp(outcome, "no_address") == 0)
            buf_printf(to, "%s ", json_string_value(json_object_get(row, "person")));
        if (due != NULL)
            buf_printf(to, "%s ", due);
    }
}

static void put_noticed(struct office *o, struct buf *to)
{
    struct db_rows *rows =
        db_query(o->db, &o->err,
                 SQL("SELECT p.key, n.due_at, EXISTS (SELECT 1 FROM person_address a "
                     "WHERE a.person = p.id) FROM notice n JOIN person p ON p.id = n.person "
                     "WHERE n.person > $1 ORDER BY p.id"),
                 db_int(0));

    if (rows == NULL)
        fail_msg("%s", o->err.text);
    while (db_next(rows)) {
        buf_printf(to, "%.*s ", SPAN_ARGS(db_column_text(rows, 0)));
        if (db_column_int(rows, 2) != 0) {
            text_put_time(to, db_column_int(rows, 1));
            buf_put_byte(to, ' ');
        }
    }
    if (!db_rows_finish(&rows, &o->err))
        fail_msg("%s", o->err.text);
}

static size_t foresee_and_see(struct world *w, uint64_t seed)
{
    char *args = an_event(w);
    struct buf foreseen;
    struct buf noticed;
    size_t n;

    buf_init(&foreseen, 1000);
    buf_init(&noticed, 1000);
    office_ask(w->office, event_preview, args);
    put_foreseen(w->office, &foreseen);
    event(w->office, args);
    put_noticed(w->office, &noticed);
    if (strcmp(buf_text(&foreseen), buf_text(&noticed)) != 0)
        fail_msg("seed %llu, %s: foreseen %s, told %s", (unsigned long long)seed, args,
                 buf_text(&foreseen), buf_text(&noticed));
    n = noticed.n;
    buf_fini(&foreseen);
    buf_fini(&noticed);
    free(args);
    return n;
}

static void what_is_foreseen_is_what_happens(void **state)
{
    size_t told = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= WORLDS; seed++) {
        struct office office;
        struct world w = { .office = &office };

        office_open(&office);
        random_seed(&w.chance, seed);
        make_world(&w);
        told += foresee_and_see(&w, seed) > 0;
        office_close(&office);
    }
    assert_in_range(told, WORLDS / 3, WORLDS);
}

int main(void)
{
#define STORY(test) cmocka_unit_test_setup_teardown(test, setup, office_teardown)
    const struct CMUnitTest tests[] = {
        STORY(each_person_is_named_with_what_speaks_for_it),
        STORY(being_addressed_and_the_actor_count_as_they_would),
        STORY(people_are_counted_beyond_those_who_are_named),
        STORY(an_event_that_tells_nobody_says_so),
        STORY(what_waits_already_goes_with_it),
        STORY(a_known_key_is_no_new_event),
        STORY(what_is_not_foreseen_or_wrong_is_refused),
        cmocka_unit_test(what_is_foreseen_is_what_happens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
