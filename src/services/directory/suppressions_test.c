/*
 * Who is not mailed: what a suppression stops, what outweighs it, how it ends.
 */
#include "services/directory/suppressions.h"

#include "store/lane.h"
#include "store/suppression.h"
#include "tests/support/mailroom.h"
#include "tests/support/query_plans.h"

static void expect_reason(struct mailroom *m, const char *reason)
{
    (void)office_ask(&m->office, suppressions_list, "{}");
    assert_int_equal(json_array_size(office_get(&m->office, "suppressions")), 1);
    office_expect(&m->office, "suppressions.0.reason", reason);
}

static void put(struct mailroom *m, struct suppression s)
{
    s.target = SPAN("ann@example.net");
    s.scope = SPAN("*");
    s.origin = SPAN("test");
    s.at = m->office.now_ms;
    MAILROOM_DO(m, suppression_put(m->office.db, &s, &m->office.err));
}

static void a_stronger_reason_is_never_lost(void **state)
{
    static const struct {
        const char *first;
        const char *then;
        const char *stands;
    } cases[] = {
        { "unsubscribed", "unknown user", "unsubscribed" },
        { "complaint", "unknown user", "complaint" },
        { "complaint", "manual", "complaint" },
        { "manual", "unknown user", "manual" },
        { "unknown user", "manual", "manual" },
        { "unknown user", "unsubscribed", "unsubscribed" },
        { "manual", "complaint", "complaint" },
        { "left", "moved", "moved" },
        { "unsubscribed", "complaint", "complaint" },
    };
    struct mailroom *m = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        put(m, (struct suppression){ .reason = span_of(cases[i].first) });
        put(m, (struct suppression){ .reason = span_of(cases[i].then) });
        expect_reason(m, cases[i].stands);
        (void)office_ask(&m->office, suppressions_remove, "{\"target\": \"ann@example.net\"}");
    }
}

static void of_two_weights_the_later_end_counts(void **state)
{
    static const struct {
        struct suppression first;
        struct suppression then;
        int64_t until;
    } cases[] = {
        { { .reason = { "manual", 6 }, .until = OFFICE_START + 10 },
          { .reason = { "complaint", 9 }, .until = OFFICE_START + 5 },
          OFFICE_START + 10 },
        { { .reason = { "complaint", 9 }, .until = OFFICE_START + 10 },
          { .reason = { "manual", 6 } },
          0 },
        { { .reason = { "manual", 6 } },
          { .reason = { "moved", 5 }, .until = OFFICE_START + 5 },
          OFFICE_START + 5 }, /* the operator's last word */
        { { .reason = { "complaint", 9 }, .until = OFFICE_START - 1 },
          { .reason = { "manual", 6 }, .until = OFFICE_START + 5 },
          OFFICE_START + 5 }, /* the first one had run out */
    };
    const struct suppression_key key = { SPAN("ann@example.net"), SPAN("*") };
    struct mailroom *m = *state;
    struct office *o = &m->office;

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(arena_fini) struct arena arena;
        struct suppression stands;
        bool found = false;

        arena_init(&arena);
        put(m, cases[i].first);
        put(m, cases[i].then);
        assert_true(suppression_find(o->db, &arena, &key, &stands, &found, &o->err));
        assert_true(found);
        assert_int_equal(stands.until, cases[i].until);
        (void)office_ask(o, suppressions_remove, "{\"target\": \"ann@example.net\"}");
    }
}

static void the_answer_says_which_reason_stands(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;

    (void)office_ask(o, suppressions_add,
                     "{\"target\": \"ann@example.net\", \"reason\": \"unsubscribed\"}");
    assert_false(json_is_true(office_get(o, "kept")));
    (void)office_ask(o, suppressions_add, "{\"target\": \"ann@example.net\", \"reason\": \"x\"}");
    office_expect(o, "reason", "unsubscribed");
    assert_true(json_is_true(office_get(o, "kept")));
}

static void mail_to_the_address_ends_at_once(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    struct outcome doubt = { .class = OUTCOME_IN_DOUBT, .stage = "dot" };
    struct outcome later = { .class = OUTCOME_RETRY, .stage = "RCPT", .code = 450 };
    int64_t queued = mailroom_make(m);
    int64_t deferred = mailroom_make(m);
    int64_t doubtful = mailroom_make(m);
    int64_t sending = mailroom_make(m);

    (void)mailroom_send(m, deferred, later);
    (void)mailroom_send(m, doubtful, doubt);
    mailroom_compose(m, sending);
    assert_int_equal(mailroom_ask(m).leave, LEAVE_GRANTED);
    /* the case of letters does not matter */
    (void)office_ask(o, suppressions_add,
                     "{\"target\": \"Ann@Example.net\", \"reason\": \"complaint\"}");
    office_expect(o, "target", "ann@example.net");
    office_expect_number(o, "ended_deliveries", 3);
    office_expect_number(o, "in_doubt", 1);
    office_expect_number(o, "sending", 1);
    assert_int_equal(mailroom_row(m, queued).state, DELIVERY_SUPPRESSED);
    assert_int_equal(mailroom_row(m, deferred).state, DELIVERY_SUPPRESSED);
    assert_int_equal(mailroom_row(m, doubtful).state, DELIVERY_SUPPRESSED);
    assert_string_equal(mailroom_row(m, doubtful).text, "complaint");
    assert_int_equal(mailroom_row(m, sending).state, DELIVERY_SENDING);
    assert_int_equal(office_count(o, "SELECT count(*) FROM retry WHERE delivery > $1"), 0);
    query_plans_expect_ranges(o->db, "delivery d");
}

static void mail_to_a_domain_is_counted_and_ends_in_its_turn(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t id = mailroom_make(m);

    (void)mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_URGENT });
    mailroom_compose(m, id);
    (void)office_ask(o, suppressions_add, "{\"target\": \"@Example.NET\"}");
    office_expect(o, "target", "@example.net");
    office_expect_number(o, "ended_deliveries", 0);
    office_expect_number(o, "waiting", 2);
    assert_int_equal(mailroom_ask(m).leave, LEAVE_ENDED);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_SUPPRESSED);
}

static void what_is_undone_can_be_put_back(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t id;

    (void)office_ask(o, suppressions_add,
                     "{\"target\": \"ann@example.net\", \"reason\": \"left\", "
                     "\"until\": \"2026-12-01T00:00:00Z\"}");
    (void)office_ask(o, suppressions_remove, "{\"target\": \"ANN@example.net\"}");
    office_expect(o, "target", "ann@example.net");
    office_expect(o, "reason", "left");
    office_expect(o, "until", "2026-12-01T00:00:00.000Z");
    office_expect(o, "origin", "test");
    id = mailroom_make(m);
    mailroom_compose(m, id);
    assert_int_equal(mailroom_ask(m).leave, LEAVE_GRANTED);
}

static void one_that_is_not_there_names_the_others(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;

    office_refuse(o, suppressions_remove, "{\"target\": \"ann@example.net\"}", "is not suppressed");
    (void)office_ask(o, suppressions_add,
                     "{\"target\": \"ann@example.net\", \"scope\": \"issue/12\"}");
    office_refuse(o, suppressions_remove, "{\"target\": \"ann@example.net\"}", "but for issue/12");
    office_refuse(o, suppressions_remove, "{\"target\": \"ann@example.ne\"}",
                  "is not suppressed (scope *)");
    (void)office_ask(o, suppressions_remove,
                     "{\"target\": \"ann@example.net\", \"scope\": \"issue/12\"}");
}

static void pages_may_end_between_two_scopes(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;

    (void)office_ask(o, suppressions_add, "{\"target\": \"ann@example.net\"}");
    (void)office_ask(o, suppressions_add, "{\"target\": \"ann@example.net\", \"scope\": \"a/1\"}");
    (void)office_ask(o, suppressions_add, "{\"target\": \"bob@example.net\"}");
    (void)office_ask(o, suppressions_list, "{\"limit\": 1}");
    office_expect(o, "suppressions.0.scope", "*");
    (void)office_ask(o, suppressions_list,
                     "{\"limit\": 1, \"after\": \"ann@example.net\", \"after_scope\": \"*\"}");
    office_expect(o, "suppressions.0.scope", "a/1");
    office_expect(o, "next", "ann@example.net");
    office_expect(o, "next_scope", "a/1");
    (void)office_ask(o, suppressions_list,
                     "{\"after\": \"ann@example.net\", \"after_scope\": \"a/1\"}");
    office_expect(o, "suppressions.0.target", "bob@example.net");
    assert_null(json_object_get(o->answer, "next"));
    query_plans_expect_ranges(o->db, "FROM suppression");
}

static void a_wrong_wish_is_refused(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;

    office_refuse(o, suppressions_add, "{\"target\": \"ann\"}", "target");
    office_refuse(o, suppressions_add, "{\"target\": \"@\"}", "target");
    office_refuse(o, suppressions_add, "{}", "target");
    office_refuse(o, suppressions_add, "{\"target\": \"a@b\", \"until\": \"2020-01-01T00:00:00Z\"}",
                  "until: is in the past");
    office_refuse(o, suppressions_add, "{\"target\": \"a@b\", \"reason\": \"a\\nb\"}", "reason");
    office_refuse(o, suppressions_add, "{\"target\": \"a@b\", \"why\": \"x\"}", "why");
    assert_int_equal(office_count(o, "SELECT count(*) FROM suppression WHERE at > $1"), 0);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, mailroom_setup, mailroom_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_stronger_reason_is_never_lost),
        STORY(of_two_weights_the_later_end_counts),
        STORY(the_answer_says_which_reason_stands),
        STORY(mail_to_the_address_ends_at_once),
        STORY(mail_to_a_domain_is_counted_and_ends_in_its_turn),
        STORY(what_is_undone_can_be_put_back),
        STORY(one_that_is_not_there_names_the_others),
        STORY(pages_may_end_between_two_scopes),
        STORY(a_wrong_wish_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
