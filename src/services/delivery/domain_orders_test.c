/*
 * Orders about recipient domains, on the ledger.
 */
#include "services/delivery/domain_orders.h"

#include "store/domain.h"
#include "tests/support/mailroom.h"

static struct domain_row row_of(struct office *o, struct span name)
{
    struct domain_row row = { 0 };
    bool found;

    assert_true(domain_find(o->db, name, &row, &found, &o->err));
    return row;
}

static void a_domain_is_paused_for_a_time_or_for_good(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;

    office_ask(o, domain_orders_set,
               "{\"domain\": \"Example.NET\", \"paused\": true, \"reason\": \"they move\"}");
    office_expect(o, "domain", "example.net");
    assert_true(json_is_true(office_get(o, "changed")));
    assert_int_equal(row_of(o, SPAN("example.net")).paused_until, DOMAIN_PAUSED_FOR_GOOD);
    assert_string_equal(row_of(o, SPAN("example.net")).paused_words, "by test: they move");
    office_ask(o, domain_orders_set, "{\"domain\": \"example.net\", \"paused\": true}");
    assert_true(json_is_false(office_get(o, "changed")));
    assert_null(json_object_get(o->answer, "replaced"));
    office_ask(o, domain_orders_set,
               "{\"domain\": \"example.net\", \"paused\": true, \"until\": \"1h\"}");
    office_expect(o, "replaced.text", "by test: they move");
    office_ask(o, domain_orders_set,
               "{\"domain\": \"example.net\", \"paused\": true, \"until\": \"1h\", "
               "\"reason\": \"they stay\"}");
    assert_true(json_is_true(office_get(o, "changed")));
    office_expect(o, "replaced.until", "2026-09-21T15:13:20.000Z");
    assert_string_equal(row_of(o, SPAN("example.net")).paused_words, "by test: they stay");
    office_ask(o, domain_orders_set,
               "{\"domain\": \"example.net\", \"paused\": true, \"until\": \"1h\"}");
    assert_int_equal(row_of(o, SPAN("example.net")).paused_until, OFFICE_START + MAILROOM_HOUR);
    office_ask(o, domain_orders_set, "{\"domain\": \"example.net\", \"paused\": false}");
    assert_int_equal(row_of(o, SPAN("example.net")).paused_until, 0);
}

static void a_domain_is_woken_and_its_failures_stay_known(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    const struct domain_note note = { .name = SPAN("example.net"),
                                      .failures = 3,
                                      .asleep_until = OFFICE_START + MAILROOM_HOUR,
                                      .text = SPAN("no answer"),
                                      .seen_at = OFFICE_START };

    MAILROOM_DO(m, domain_note(o->db, &note, &o->err));
    office_ask(o, domain_orders_recheck, "{\"domain\": \"example.net\"}");
    office_expect(o, "was_asleep_until", "2026-09-21T15:13:20.000Z");
    assert_int_equal(row_of(o, SPAN("example.net")).asleep_until, 0);
    assert_int_equal(row_of(o, SPAN("example.net")).failures, 3);
    office_expect_number(o, "waiting", 0);
}

static void wrong_orders_are_refused_by_field(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;

    office_refuse(o, domain_orders_set, "{\"domain\": \"example.net\"}", "paused");
    office_refuse(o, domain_orders_set, "{\"domain\": \"a b\", \"paused\": true}", "domain");
    office_refuse(o, domain_orders_set,
                  "{\"domain\": \"example.net\", \"paused\": false, \"until\": \"1h\"}", "until");
    office_refuse(o, domain_orders_set,
                  "{\"domain\": \"example.net\", \"paused\": true, \"until\": "
                  "\"2001-01-01T00:00:00Z\"}",
                  "that time is over");
    office_refuse(o, domain_orders_recheck, "{}", "domain");
    office_refuse(o, domain_orders_recheck, "{\"domain\": \"exmaple.net\"}", "route explain");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, mailroom_setup, mailroom_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_domain_is_paused_for_a_time_or_for_good),
        STORY(a_domain_is_woken_and_its_failures_stay_known),
        STORY(wrong_orders_are_refused_by_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
