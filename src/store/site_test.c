#include "store/site.h"

#include "store/alarm.h"
#include "store/site_word.h"
#include "tests/support/mailroom.h"
#include "tests/support/query_plans.h"

#define KEY SPAN("mx.example")

static void learn(struct mailroom *m, enum site_limit_kind kind, int64_t value, int64_t until,
                  struct span words)
{
    const struct site_limit_new limit = { .kind = kind,
                                          .origin = LIMIT_LEARNED,
                                          .value = value,
                                          .since = 10,
                                          .until = until,
                                          .words = words };

    MAILROOM_DO(m, site_limit_put(m->office.db, KEY, &limit, &m->office.err));
}

static void stop_stream(struct mailroom *m, enum stream_id stream, int64_t until)
{
    const struct site_stop stop = { stream, LIMIT_OF_SERVER, 20, until, SPAN("no more") };

    MAILROOM_DO(m, site_stop_put(m->office.db, KEY, &stop, &m->office.err));
}

static struct site_facts facts_of(struct mailroom *m)
{
    struct site_facts facts;

    assert_true(site_read(m->office.db, KEY, &facts, &m->office.err));
    return facts;
}

static void what_was_learned_is_found_again(void **state)
{
    struct mailroom *m = *state;
    struct site_facts facts = facts_of(m);

    assert_false(facts.is_known);
    MAILROOM_DO(m, site_met(m->office.db, KEY, 5, &m->office.err));
    learn(m, LIMIT_MAILS, 60, 100, SPAN("slowly"));
    learn(m, LIMIT_MAILS, 20, 200, SPAN("too many"));
    stop_stream(m, STREAM_NOTICES, 150);
    facts = facts_of(m);
    assert_true(facts.is_known);
    assert_int_equal(facts.limits[LIMIT_LEARNED].of[LIMIT_MAILS].value, 20);
    assert_int_equal(facts.limits[LIMIT_LEARNED].of[LIMIT_MAILS].until, 200);
    assert_string_equal(facts.limit_words[LIMIT_MAILS][LIMIT_LEARNED], "too many");
    assert_int_equal(facts.limits[LIMIT_OF_OPERATOR].of[LIMIT_MAILS].value, 0);
    assert_int_equal(facts.stops[STREAM_NOTICES].until, 150);
    assert_int_equal(facts.stops[STREAM_URGENT].until, 0);
    query_plans_expect_ranges(m->office.db, "FROM site");
}

static void a_limit_that_is_dropped_is_forgotten(void **state)
{
    struct mailroom *m = *state;

    learn(m, LIMIT_MAILS, 60, 100, SPAN("slowly"));
    MAILROOM_DO(m, site_limit_drop(m->office.db, KEY, LIMIT_MAILS, LIMIT_LEARNED, &m->office.err));
    assert_int_equal(facts_of(m).limits[LIMIT_LEARNED].of[LIMIT_MAILS].value, 0);
}

static void a_pause_holds_until_it_is_ended_and_takes_the_stops_along(void **state)
{
    struct mailroom *m = *state;
    bool changed = false;

    MAILROOM_DO(m, site_met(m->office.db, KEY, 5, &m->office.err));
    stop_stream(m, STREAM_NOTICES, 150);
    MAILROOM_DO(m, site_pause(m->office.db, KEY, SPAN("by me"), 30, &changed, &m->office.err));
    assert_true(changed);
    MAILROOM_DO(m, site_pause(m->office.db, KEY, SPAN("again"), 40, &changed, &m->office.err));
    assert_false(changed);
    assert_int_equal(facts_of(m).paused_at, 30);
    assert_string_equal(facts_of(m).paused_words, "by me");
    MAILROOM_DO(m, site_resume(m->office.db, KEY, &changed, &m->office.err));
    assert_true(changed);
    assert_int_equal(facts_of(m).paused_at, 0);
    assert_int_equal(facts_of(m).stops[STREAM_NOTICES].until, 0);
    MAILROOM_DO(m, site_resume(m->office.db, KEY, &changed, &m->office.err));
    assert_false(changed);
}

static void words_tell_what_holds_now(void **state)
{
    struct mailroom *m = *state;
    CLEANUP(arena_fini) struct arena arena;
    struct site_word_list list;
    bool changed;

    arena_init(&arena);
    MAILROOM_DO(m, site_met(m->office.db, KEY, 5, &m->office.err));
    MAILROOM_DO(m, site_pause(m->office.db, KEY, SPAN("by me"), 30, &changed, &m->office.err));
    learn(m, LIMIT_MAILS, 20, 200, SPAN("too many"));
    stop_stream(m, STREAM_NOTICES, 150);
    assert_true(site_word_list_read(m->office.db, &arena, KEY, 149, &list, &m->office.err));
    assert_int_equal(list.n, 3);
    assert_true(span_equal(list.at[0].about, SPAN(SITE_WORD_PAUSE)));
    assert_true(span_equal(list.at[1].about, SPAN("notices")));
    assert_true(span_equal(list.at[1].by, SPAN("server")));
    assert_true(span_equal(list.at[2].about, SPAN("mails")));
    assert_true(span_equal(list.at[2].by, SPAN("learned")));
    assert_int_equal(list.at[2].most, 20);
    assert_true(site_word_list_read(m->office.db, &arena, KEY, 200, &list, &m->office.err));
    assert_int_equal(list.n, 1);
}

static int64_t alarms(struct mailroom *m, const char *what)
{
    return office_count(&m->office, what);
}

static void an_alarm_is_open_once_a_cause(void **state)
{
    struct mailroom *m = *state;
    struct db *db = m->office.db;
    struct error *err = &m->office.err;

    MAILROOM_DO(m, alarm_raise(db, ALARM_ERROR, SPAN("x"), SPAN("first"), 10, err));
    MAILROOM_DO(m, alarm_raise(db, ALARM_ERROR, SPAN("x"), SPAN("second"), 20, err));
    assert_int_equal(alarms(m, "SELECT count(*) FROM alarm WHERE id > $1"), 1);
    assert_int_equal(alarms(m, "SELECT times FROM alarm WHERE id > $1"), 2);
    MAILROOM_DO(m, alarm_end(db, SPAN("x"), 30, err));
    MAILROOM_DO(m, alarm_raise(db, ALARM_ERROR, SPAN("x"), SPAN("anew"), 40, err));
    assert_int_equal(alarms(m, "SELECT count(*) FROM alarm WHERE id > $1"), 2);
    assert_int_equal(alarms(m, "SELECT count(*) FROM alarm WHERE until IS NULL AND id > $1"), 1);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, mailroom_setup, mailroom_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(what_was_learned_is_found_again),
        STORY(a_limit_that_is_dropped_is_forgotten),
        STORY(a_pause_holds_until_it_is_ended_and_takes_the_stops_along),
        STORY(words_tell_what_holds_now),
        STORY(an_alarm_is_open_once_a_cause),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
