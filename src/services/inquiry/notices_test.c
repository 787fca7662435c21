/*
 * What is no mail yet, counted and listed by what it waits for.
 */
#include "services/inquiry/notices.h"

#include "services/inquiry/queue.h"
#include "store/notice.h"
#include "tests/support/mailroom.h"
#include "tests/support/query_plans.h"

enum { ANN = 5, BEN = 6, FIRST_THREAD = 100 };

static void add_people(struct mailroom *m, int threads)
{
    MAILROOM_DO(m, db_run(m->office.db, &m->office.err,
                          SQL("INSERT INTO person (id, key, made_at) VALUES (5, 'ann', $1), "
                              "(6, 'ben', $1)"),
                          db_int(1)));
    for (int i = 0; i < threads; i++)
        MAILROOM_DO(m, db_run(m->office.db, &m->office.err,
                              SQL("INSERT INTO topic (id, key, kind, made_at) "
                                  "VALUES ($1, 'issue/' || $1, 'issue', 1)"),
                              db_int(FIRST_THREAD + i)));
}

static void await(struct mailroom *m, struct notice notice)
{
    notice.first_seq = 1;
    MAILROOM_DO(m, notice_put(m->office.db, &notice, &m->office.err));
    MAILROOM_DO(m, notice_move(m->office.db, &notice, notice.due_at, notice.wait, &m->office.err));
}

/* Of ann two in the window, one of them urgent, one in quiet hours; of ben one that waits for a
 * mail, and one that waits until he is active again. */
static void begin(struct mailroom *m)
{
    add_people(m, 4);
    await(m, (struct notice){ .person = ANN, .thread = 100, .due_at = OFFICE_START + 9 });
    await(m, (struct notice){
                 .person = ANN, .thread = 101, .due_at = OFFICE_START + 20, .urgent = true });
    await(m, (struct notice){ .person = ANN,
                              .thread = 102,
                              .due_at = OFFICE_START + MAILROOM_HOUR,
                              .wait = NOTICE_WAIT_QUIET });
    await(m, (struct notice){ .person = BEN, .thread = 100, .due_at = NOTICE_WAITS });
    await(m, (struct notice){ .person = BEN,
                              .thread = 103,
                              .due_at = NOTICE_WAITS,
                              .wait = NOTICE_WAIT_SUSPENDED });
}

static void each_wait_is_counted(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;

    (void)office_ask(o, queue_show, "{}");
    assert_int_equal(json_array_size(office_get(o, "notices")), 0);
    begin(m);
    MAILROOM_DO(m, db_run(o->db, &o->err,
                          SQL("INSERT INTO event (id, seq, digest, topic, thread, kind, kind_bit, "
                              "at, taken_at, fan_state) VALUES (1, 1, x'00', 100, 100, 'k', 0, "
                              "1, 1, $1)"),
                          db_int(5)));
    (void)office_ask(o, queue_show, "{}");
    assert_int_equal(json_array_size(office_get(o, "notices")), 4);
    office_expect(o, "notices.0.waits_for", "window");
    office_expect_number(o, "notices.0.waiting", 2);
    office_expect(o, "notices.0.next_due", "2026-09-21T14:13:20.009Z");
    office_expect(o, "notices.1.waits_for", "quiet");
    office_expect_number(o, "notices.1.waiting", 1);
    office_expect(o, "notices.2.waits_for", "suspended");
    office_expect(o, "notices.3.waits_for", "mail");
    office_expect_number(o, "notices.3.waiting", 1);
    office_expect(o, "events.0.waits_for", "release");
    office_expect_number(o, "events.0.waiting", 1);
    (void)office_ask(o, queue_show, "{\"stream\": \"notices\"}");
    assert_null(json_object_get(o->answer, "notices"));
    query_plans_expect_index(o->db, "INDEX notice_due (urgent=? AND due_at<?)");
    query_plans_expect_index(o->db, "INDEX notice_due (urgent=? AND due_at=?)");
    query_plans_expect_index(o->db, "INDEX notice_wait (wait=?)");
    query_plans_expect_index(o->db, "INDEX event_held");
    query_plans_expect_index(o->db, "INDEX event_later");
}

static void a_list_is_in_the_order_they_fall_due(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;

    begin(m);
    (void)office_ask(o, notices_list, "{}");
    assert_int_equal(json_array_size(office_get(o, "notices")), 5);
    office_expect(o, "notices.0.topic", "issue/101");
    assert_true(json_is_true(office_get(o, "notices.0.urgent")));
    office_expect(o, "notices.1.topic", "issue/100");
    office_expect(o, "notices.1.person", "ann");
    office_expect(o, "notices.2.waits_for", "quiet");
    office_expect(o, "notices.2.due", "2026-09-21T15:13:20.000Z");
    office_expect(o, "notices.3.waits_for", "mail");
    office_expect(o, "notices.4.waits_for", "suspended");
    query_plans_expect_ranges(o->db, "FROM notice");
}

static void a_list_is_of_a_person_or_of_a_wait(void **state)
{
    static const char *const waits[] = { "window", "quiet", "mail", "suspended" };
    struct mailroom *m = *state;
    struct office *o = &m->office;

    begin(m);
    (void)office_ask(o, notices_list, "{\"person\": \"ben\"}");
    assert_int_equal(json_array_size(office_get(o, "notices")), 2);
    for (size_t i = 0; i < ARRAY_LENGTH(waits); i++) {
        char args[80];

        (void)snprintf(args, sizeof args, "{\"waits_for\": \"%s\"}", waits[i]);
        (void)office_ask(o, notices_list, args);
        assert_int_equal(json_array_size(office_get(o, "notices")), i == 0 ? 2 : 1);
        office_expect(o, "notices.0.waits_for", waits[i]);
    }
    office_refuse(o, notices_list, "{\"waits_for\": \"rain\"}",
                  "waits_for: must be window, sliding, quiet, rate, loop, suspended or mail, got "
                  "\"rain\"");
    office_refuse(o, notices_list, "{\"after\": \"soon\"}", "after: must be a mark");
    query_plans_expect_ranges(o->db, "FROM notice");
}

/* Each row once, whatever the page. */
static void pages_go_on_where_the_one_before_ended(void **state)
{
    static const char *const threads[] = { "issue/101", "issue/100", "issue/102", "issue/100",
                                           "issue/103" };
    struct mailroom *m = *state;
    struct office *o = &m->office;
    char args[200] = "{\"limit\": 1}";

    begin(m);
    for (size_t i = 0; i < ARRAY_LENGTH(threads); i++) {
        (void)office_ask(o, notices_list, args);
        assert_int_equal(json_array_size(office_get(o, "notices")), 1);
        office_expect(o, "notices.0.topic", threads[i]);
        if (i + 1 < ARRAY_LENGTH(threads))
            (void)snprintf(args, sizeof args, "{\"limit\": 1, \"after\": \"%s\"}",
                           json_string_value(office_get(o, "next")));
    }
    assert_null(json_object_get(o->answer, "next"));
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, mailroom_setup, mailroom_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(each_wait_is_counted),
        STORY(a_list_is_in_the_order_they_fall_due),
        STORY(a_list_is_of_a_person_or_of_a_wait),
        STORY(pages_go_on_where_the_one_before_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
