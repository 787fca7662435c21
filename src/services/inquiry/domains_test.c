/*
 * Looking at recipient domains.
 */
#include "services/inquiry/domains.h"

#include "store/domain.h"
#include "tests/support/mailroom.h"
#include "tests/support/query_plans.h"

static void fail_domain(struct mailroom *m, const char *name, int64_t asleep_for)
{
    const struct domain_note note = { .name = span_of(name),
                                      .failures = 2,
                                      .asleep_until = m->office.now_ms + asleep_for,
                                      .text = SPAN("no answer"),
                                      .seen_at = m->office.now_ms };

    MAILROOM_DO(m, domain_note(m->office.db, &note, &m->office.err));
}

static void pause_domain(struct mailroom *m, const char *name)
{
    const struct domain_pause pause = { .name = span_of(name),
                                        .until = DOMAIN_PAUSED_FOR_GOOD,
                                        .words = SPAN("by me"),
                                        .now_ms = OFFICE_START };

    MAILROOM_DO(m, domain_pause(m->office.db, &pause, &m->office.err));
}

static void a_domain_shows_what_waits_and_why(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;

    (void)mailroom_make(m);
    (void)mailroom_make(m);
    fail_domain(m, "example.net", MAILROOM_HOUR);
    pause_domain(m, "example.net");
    office_ask(o, domains_show, "{\"domain\": \"EXAMPLE.net\"}");
    office_expect_number(o, "waiting_in_all", 2);
    office_expect_number(o, "waiting.notices", 2);
    office_expect_number(o, "states.queued", 2);
    office_expect_number(o, "failures", 2);
    office_expect(o, "text", "no answer");
    office_expect(o, "asleep_until", "2026-09-21T15:13:20.000Z");
    office_expect(o, "paused_text", "by me");
    assert_true(json_is_true(office_get(o, "paused")));
    assert_null(json_object_get(o->answer, "paused_until"));
    office_ask(o, domains_show, "{\"domain\": \"nobody.example\"}");
    assert_true(json_is_false(office_get(o, "known")));
}

static void domains_are_listed_by_what_holds(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;

    fail_domain(m, "a.example", 2 * MAILROOM_HOUR);
    fail_domain(m, "b.example", MAILROOM_HOUR);
    pause_domain(m, "c.example");
    office_ask(o, domains_list, "{}");
    assert_int_equal(json_array_size(office_get(o, "domains")), 3);
    office_ask(o, domains_list, "{\"only\": \"asleep\"}");
    assert_int_equal(json_array_size(office_get(o, "domains")), 2);
    office_expect(o, "domains.0.domain", "b.example");
    office_ask(o, domains_list, "{\"only\": \"paused\"}");
    assert_int_equal(json_array_size(office_get(o, "domains")), 1);
    office_expect(o, "domains.0.domain", "c.example");
    office_ask(o, domains_list, "{\"limit\": 1}");
    office_expect(o, "next", "a.example");
    office_ask(o, domains_list, "{\"limit\": 1, \"after\": \"a.example\"}");
    office_expect(o, "domains.0.domain", "b.example");
    office_refuse(o, domains_list, "{\"only\": \"x\"}", "must be paused or asleep");
    query_plans_expect_ranges(o->db, "FROM domain");
    query_plans_expect_index(o->db, "domain_paused");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, mailroom_setup, mailroom_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_domain_shows_what_waits_and_why),
        STORY(domains_are_listed_by_what_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
