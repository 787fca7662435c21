#include "services/inquiry/queue.h"

#include "store/domain.h"
#include "store/lane.h"
#include "store/site.h"
#include "tests/support/mailroom.h"
#include "tests/support/query_plans.h"

static const struct lane_key notices = { STREAM_NOTICES, 0, { "example.net", 11 } };

/* Of as many threads as mails. */
static void wait_in(struct mailroom *m, enum stream_id stream, const char *domain, int n)
{
    struct lane_key key = { stream, 0, span_of(domain) };

    for (; key.strand < n; key.strand++)
        MAILROOM_DO(m, (lane_made(m->office.db, &key), true));
}

static void the_longest_lanes_come_first(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;

    for (int i = 0; i < 130; i++) { /* more than a page, more than are shown */
        char domain[40];

        (void)snprintf(domain, sizeof domain, "d%03d.example", i);
        wait_in(m, STREAM_NOTICES, domain, 1);
    }
    wait_in(m, STREAM_NOTICES, "d100.example", 5);
    wait_in(m, STREAM_URGENT, "d001.example", 3);
    (void)office_ask(o, queue_show, "{}");
    assert_int_equal(json_array_size(office_get(o, "lanes")), 20);
    office_expect(o, "lanes.0.domain", "d100.example");
    office_expect_number(o, "lanes.0.waiting", 6);
    office_expect(o, "lanes.1.domain", "d001.example");
    office_expect(o, "lanes.1.stream", "urgent");
    office_expect_number(o, "lanes.2.waiting", 1);
    assert_false(json_is_true(office_get(o, "more_lanes")));
    (void)office_ask(o, queue_show, "{\"stream\": \"urgent\"}");
    assert_int_equal(json_array_size(office_get(o, "lanes")), 1);
    query_plans_expect_ranges(o->db, "FROM lane");
}

static void streams_are_counted_by_state(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    struct outcome delivered = { .class = OUTCOME_DELIVERED, .stage = "dot", .code = 250 };
    int64_t id = mailroom_make(m);

    (void)mailroom_make(m);
    (void)mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_URGENT });
    (void)mailroom_send(m, id, delivered);
    (void)office_ask(o, queue_show, "{}");
    assert_int_equal(json_array_size(office_get(o, "streams")), 2);
    office_expect(o, "streams.0.stream", "urgent");
    office_expect_number(o, "streams.0.queued", 1);
    office_expect(o, "streams.1.stream", "notices");
    office_expect_number(o, "streams.1.queued", 1);
    office_expect_number(o, "streams.1.delivered", 1);
    query_plans_expect_ranges(o->db, "FROM counter");
}

static void a_domain_is_shown_with_what_ails_it(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    const struct domain_note note = { .name = SPAN("example.net"),
                                      .failures = 2,
                                      .asleep_until = OFFICE_START + MAILROOM_MINUTE,
                                      .text = SPAN("connection refused") };
    const struct lane_progress sited = { .site = SPAN("mx.example.net") };
    const struct site_stop blocks = { STREAM_NOTICES, LIMIT_OF_SERVER, OFFICE_START,
                                      OFFICE_START + MAILROOM_HOUR, SPAN("blocked") };

    (void)mailroom_make(m);
    MAILROOM_DO(m, domain_note(o->db, &note, &o->err));
    (void)office_ask(o, queue_show, "{\"domain\": \"Example.NET\"}");
    office_expect(o, "domain", "example.net");
    office_expect_number(o, "states.queued", 1);
    assert_int_equal(json_array_size(office_get(o, "lanes")), 1);
    office_expect(o, "lanes.0.stream", "notices");
    office_expect_number(o, "lanes.0.failures", 2);
    office_expect(o, "lanes.0.left_alone_until", "2026-09-21T14:14:20.000Z");
    office_expect(o, "lanes.0.text", "connection refused");
    MAILROOM_DO(m, lane_progress_put(o->db, &notices, &sited, &o->err));
    MAILROOM_DO(m, site_stop_put(o->db, SPAN("mx.example.net"), &blocks, &o->err));
    (void)office_ask(o, queue_show, "{\"domain\": \"example.net\"}");
    office_expect(o, "lanes.0.site", "mx.example.net");
    office_expect(o, "lanes.0.left_alone_until", "2026-09-21T15:13:20.000Z"); /* the later one */
    office_expect(o, "lanes.0.text", "blocked");
    query_plans_expect_ranges(o->db, "FROM counter");
}

static void a_paused_site_is_shown_until_it_is_resumed(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    const struct lane_progress sited = { .site = SPAN("mx.example.net") };
    bool changed;

    (void)mailroom_make(m);
    MAILROOM_DO(m, lane_progress_put(o->db, &notices, &sited, &o->err));
    MAILROOM_DO(m, site_met(o->db, SPAN("mx.example.net"), o->now_ms, &o->err));
    MAILROOM_DO(m, site_pause(o->db, SPAN("mx.example.net"), SPAN("their wish"), o->now_ms,
                              &changed, &o->err));
    (void)office_ask(o, queue_show, "{}");
    assert_true(json_is_true(office_get(o, "lanes.0.paused")));
    office_expect(o, "lanes.0.text", "their wish");
    MAILROOM_DO(m, site_resume(o->db, SPAN("mx.example.net"), &changed, &o->err));
    (void)office_ask(o, queue_show, "{}");
    assert_null(json_object_get(json_array_get(office_get(o, "lanes"), 0), "paused"));
}

static void a_wrong_question_is_refused(void **state)
{
    struct mailroom *m = *state;

    office_refuse(&m->office, queue_show, "{\"stream\": \"fast\"}", "no stream \"fast\"");
    office_refuse(&m->office, queue_show, "{\"domain\": \"a b\"}", "domain");
    office_refuse(&m->office, queue_show, "{\"site\": \"a\"}", "site");
}

static void the_queue_is_shown_by_site_and_by_state(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t id = mailroom_make(m);
    struct delivery_row row = mailroom_row(m, id);
    const struct lane_key lane = lane_of_delivery(&row);
    const struct lane_progress sited = { .site = SPAN("mx.example.net") };

    MAILROOM_DO(m, site_met(o->db, SPAN("mx.example.net"), OFFICE_START, &o->err));
    MAILROOM_DO(m, lane_progress_put(o->db, &lane, &sited, &o->err));
    office_ask(o, queue_show, "{\"site\": \"mx.example.net\"}");
    office_expect(o, "lanes.0.domain", "example.net");
    assert_int_equal(json_array_size(office_get(o, "lanes")), 1);
    office_expect_number(o, "states.queued", 1); /* of it alone, */
    office_expect(o, "filter.site", "mx.example.net");
    office_ask(o, queue_show, "{\"site\": \"mx.example.net\", \"stream\": \"mailouts\"}");
    office_expect_number(o, "waiting", 0);
    office_ask(o, queue_show, "{\"site\": \"mx.example.net\", \"stream\": \"notices\"}");
    office_expect_number(o, "waiting", 1);
    office_ask(o, queue_show, "{\"site\": \"mx.example.net\", \"state\": \"failed\"}");
    assert_int_equal(json_object_size(office_get(o, "states")), 0);
    office_ask(o, queue_show, "{\"domain\": \"example.net\", \"stream\": \"mailouts\"}");
    office_expect_number(o, "waiting", 0);
    office_refuse(o, queue_show,
                  "{\"domain\": \"a.example\", \"stream\": \"urgent\", \"state\": \"held\"}",
                  "for all streams together");
    office_ask(o, queue_show, "{\"state\": \"queued\"}");
    office_expect_number(o, "streams.0.queued", 1);
    assert_int_equal(json_array_size(office_get(o, "lanes")), 0);
    office_ask(o, queue_show, "{\"state\": \"failed\"}");
    assert_int_equal(json_array_size(office_get(o, "streams")), 0);
    office_refuse(o, queue_show, "{\"state\": \"lost\"}", "no state \"lost\"");
    office_refuse(o, queue_show, "{\"site\": \"nowhere.example\"}", "no site is known");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, mailroom_setup, mailroom_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(the_longest_lanes_come_first),
        STORY(streams_are_counted_by_state),
        STORY(a_domain_is_shown_with_what_ails_it),
        STORY(a_paused_site_is_shown_until_it_is_resumed),
        STORY(a_wrong_question_is_refused),
        STORY(the_queue_is_shown_by_site_and_by_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
