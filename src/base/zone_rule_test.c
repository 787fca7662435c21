#include "base/zone_rule.h"

#include "tests/support/cmocka.h"

static void rules_are_read(void **state)
{
    static const struct {
        const char *text;
        int32_t winter; /* offset on 15 January 2050 */
        int32_t summer; /* and on 15 July */
    } cases[] = {
        { "UTC0", 0, 0 },
        { "CET-1CEST,M3.5.0,M10.5.0/3", 3600, 7200 },
        { "EST5EDT,M3.2.0,M11.1.0", -18000, -14400 },
        { "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 39600, 37800 },
        { "<+0545>-5:45", 20700, 20700 },
        { "IST-1GMT0,M10.5.0,M3.5.0/1", 0, 3600 }, /* Dublin: summer is standard */
        { "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200, -3600 },
        { "XXX3YYY,J60,J300", -10800, -7200 },
        { "XXX3YYY2:30:30,0/0,200", -9030, -9030 },
        { "EET-2EEST,M3.4.4/50,M10.4.4/50", 7200, 10800 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct zone_rule rule;

        if (!zone_rule_read(span_of(cases[i].text), &rule))
            fail_msg("%s", cases[i].text);
        assert_int_equal(zone_rule_at(&rule, 2525817600)->offset, cases[i].winter);
        assert_int_equal(zone_rule_at(&rule, 2541456000)->offset, cases[i].summer);
    }
}

static void what_is_no_rule_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "U0",
        "UTC",
        "UTC25",
        "UTC0X",
        "CET-1CEST",
        "CET-1CEST,",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,M3.5.0/168,M10.5.0",
        "CET-1CEST,M3.5.0,M10.5.0/3 ",
        "CET-1CEST,J0,J1",
        "CET-1CEST,366,1",
        "<CET-1",
        "<>-1",
        "ABCDEFGHIJKLMNOP0",
        "CET-1:60",
        "CET-24",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct zone_rule rule;

        if (zone_rule_read(span_of(texts[i]), &rule))
            fail_msg("%s", texts[i]);
    }
}

/* Over four centuries, a day at a time. */
static void days_and_years_agree(void **state)
{
    int64_t days = zone_days(1970, 1, 1);

    (void)state;
    assert_int_equal(days, 0);
    assert_int_equal(zone_days(2000, 2, 29) + 1, zone_days(2000, 3, 1));
    assert_int_equal(zone_days(2100, 2, 28) + 1, zone_days(2100, 3, 1));
    for (int64_t year = 1970; year < 2400; year++) {
        int64_t next = zone_days(year + 1, 1, 1);

        assert_true(next - days == 365 || next - days == 366);
        assert_int_equal(zone_year(days), year);
        assert_int_equal(zone_year(next - 1), year);
        days = next;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_read),
        cmocka_unit_test(what_is_no_rule_is_refused),
        cmocka_unit_test(days_and_years_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
