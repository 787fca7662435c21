/*
 * Alarms as people see them.
 */
#include "services/inquiry/alarms.h"

#include "store/alarm.h"
#include "tests/support/mailroom.h"
#include "tests/support/query_plans.h"

static void raise_alarm(struct mailroom *m, const char *cause, const char *text)
{
    MAILROOM_DO(m, alarm_raise(m->office.db, ALARM_ERROR, span_of(cause), span_of(text),
                               m->office.now_ms, &m->office.err));
}

static void an_alarm_is_shown_until_somebody_has_looked(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t second;

    raise_alarm(m, "one", "first");
    raise_alarm(m, "two", "no more from you");
    raise_alarm(m, "two", "no more, again");
    office_ask(o, alarms_list, "{}");
    assert_int_equal(json_array_size(office_get(o, "alarms")), 2);
    office_expect(o, "alarms.0.cause", "two");
    office_expect(o, "alarms.0.text", "no more, again");
    office_expect_number(o, "alarms.0.times", 2);
    second = json_integer_value(office_get(o, "alarms.0.alarm"));
    assert_int_equal(second, 2);
    office_ask(o, alarms_clear, "{\"alarm\": 2}");
    office_refuse(o, alarms_clear, "{\"alarm\": 2}", "no alarm 2 is open");
    office_ask(o, alarms_list, "{}");
    assert_int_equal(json_array_size(office_get(o, "alarms")), 1);
    office_ask(o, alarms_list, "{\"all\": true, \"limit\": 1}");
    office_expect_number(o, "alarms.0.alarm", 2);
    office_expect(o, "alarms.0.until", "2026-09-21T14:13:20.000Z");
    office_expect_number(o, "next", 2);
    query_plans_expect_ranges(o->db, "FROM alarm");
    office_refuse(o, alarms_clear, "{}", "alarm");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_alarm_is_shown_until_somebody_has_looked, mailroom_setup,
                                        mailroom_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
