#include "protocol/mail/date.h"

#include "tests/support/cmocka.h"

static void dates_are_those_of_the_clock_at_the_offset(void **state)
{
    static const struct {
        int64_t utc_ms;
        int offset;
        const char *date;
    } cases[] = {
        { 1795539600000, 0, "Tue, 24 Nov 2026 17:00:00 +0000" },
        { 1795539600999, 60, "Tue, 24 Nov 2026 18:00:00 +0100" },
        { 1795539600000, -210, "Tue, 24 Nov 2026 13:30:00 -0330" },
        { 1795539600000, -30, "Tue, 24 Nov 2026 16:30:00 -0030" },
        { 1798761599000, 845, "Fri, 1 Jan 2027 14:04:59 +1405" },
        { 1709164800000, 0, "Thu, 29 Feb 2024 00:00:00 +0000" },
        { 1795539600000, 24 * 60, "Tue, 24 Nov 2026 17:00:00 +0000" },
        { 1795539600000, -24 * 60, "Tue, 24 Nov 2026 17:00:00 +0000" },
        { 0, -60, "Thu, 1 Jan 1970 00:00:00 +0000" },
        { -5000, 0, "Thu, 1 Jan 1970 00:00:00 +0000" },
        { INT64_MAX, 0, "Fri, 31 Dec 9999 00:00:00 +0000" },
        { INT64_MAX, 23 * 60 + 59, "Fri, 31 Dec 9999 23:59:00 +2359" },
        { INT64_MIN, 0, "Thu, 1 Jan 1970 00:00:00 +0000" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf to;

        buf_init(&to, 100);
        date_put(&to, cases[i].utc_ms, cases[i].offset);
        assert_string_equal(buf_text(&to), cases[i].date);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_those_of_the_clock_at_the_offset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
