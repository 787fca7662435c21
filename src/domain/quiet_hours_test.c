#include "domain/quiet_hours.h"

#include <string.h>

#include "tests/support/cmocka.h"

static void quiet_hours_are_read_and_written(void **state)
{
    static const struct {
        const char *text;
        const char *written; /* NULL: refused */
    } cases[] = {
        { "22:00-07:00", "22:00-07:00" },
        { "0:00-23:59", "00:00-23:59" },
        { "", "00:00-00:00" },
        { "22-7", NULL },
        { "22:00", NULL },
        { "22:00-", NULL },
        { "22:00-07:00 ", NULL },
        { "24:00-07:00", NULL },
        { "22:60-07:00", NULL },
        { "122:00-07:00", NULL },
        { "22:0-07:00", NULL },
        { "07:00-07:00", NULL },
        { "quiet", NULL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct quiet_hours quiet;
        struct error err;
        char text[QUIET_HOURS_ROOM];
        bool good = quiet_hours_read(span_of(cases[i].text), &quiet, &err);

        assert_true(good == (cases[i].written != NULL));
        if (!good) {
            assert_non_null(strstr(err.text, "such as 22:00-07:00"));
            continue;
        }
        quiet_hours_put(quiet, text);
        assert_string_equal(text, cases[i].written);
    }
}

static void they_end_by_the_clocks_of_the_zone(void **state)
{
    static const struct {
        const char *zone;
        const char *hours;
        int64_t now_s;
        int64_t end_s; /* 0: it is not quiet */
    } cases[] = {
        { "UTC", "22:00-07:00", 1795557599, 0 },          /* 21:59:59 */
        { "UTC", "22:00-07:00", 1795557600, 1795590000 }, /* 22:00 */
        { "UTC", "22:00-07:00", 1795589999, 1795590000 }, /* 6:59:59 */
        { "UTC", "22:00-07:00", 1795590000, 0 },
        { "UTC", "12:00-13:00", 1795521600, 1795525200 },
        { "UTC", "00:00-23:59", 1795521600, 1795564740 },
        { "Europe/Berlin", "22:00-07:00", 1774731600, 1774760400 }, /* nine hours less one */
        { "Europe/Berlin", "22:00-07:00", 1792872000, 1792908000 }, /* and one more */
        { "America/New_York", "22:00-07:00", 1793498400, 1793534400 },
        { "Australia/Lord_Howe", "22:00-07:00", 1775300400, 1775334600 }, /* half an hour more */
        { "Asia/Kathmandu", "22:00-07:00", 1795539600, 1795569300 },
        { "Asia/Kathmandu", "22:00-07:00", 1795535000, 0 }, /* 21:28 */
        /* 2:10 and 2:40 come twice; the first 2:30 ends them */
        { "Europe/Berlin", "22:00-02:30", 1792887000, 1792888200 },
        { "Europe/Berlin", "22:00-02:30", 1792890600, 0 },
        /* 2:30 does not come */
        { "Europe/Berlin", "22:00-02:30", 1774745999, 1774746000 },
        { "Europe/Berlin", "02:30-07:00", 1774746000, 1774760400 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct zone *zone = zone_open(span_of(cases[i].zone));
        struct quiet_hours quiet;
        struct error err;
        int64_t end;

        assert_true(quiet_hours_read(span_of(cases[i].hours), &quiet, &err));
        end = quiet_hours_end(quiet, zone, cases[i].now_s * 1000);
        zone_free(zone);
        if (end != cases[i].end_s * 1000)
            fail_msg("case %zu: %lld", i, (long long)end / 1000);
    }
}

static void without_quiet_hours_it_is_never_quiet(void **state)
{
    (void)state;
    assert_int_equal(quiet_hours_end((struct quiet_hours){ 0, 0 }, NULL, 1795521600000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quiet_hours_are_read_and_written),
        cmocka_unit_test(they_end_by_the_clocks_of_the_zone),
        cmocka_unit_test(without_quiet_hours_it_is_never_quiet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
