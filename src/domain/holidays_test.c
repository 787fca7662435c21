#include "domain/holidays.h"

#include <string.h>

#include "base/buf.h"
#include "base/zone_rule.h"
#include "domain/day_time.h"
#include "tests/support/cmocka.h"

static void assert_days(const struct holidays *holidays, const char *days)
{
    struct buf got;
    char day[DAY_ROOM];

    buf_init(&got, 100000);
    for (size_t i = 0; i < holidays->n; i++) {
        day_put(holidays->at[i], day);
        buf_printf(&got, "%s%s", i > 0 ? " " : "", day);
    }
    if (!span_equal(buf_view(&got), span_of(days)))
        fail_msg("%.*s", SPAN_ARGS(buf_view(&got)));
    buf_fini(&got);
}

static void days_are_kept_in_order_and_once(void **state)
{
    struct holidays holidays = { .n = 0 };
    struct error err;

    (void)state;
    assert_true(holidays_read(&holidays, SPAN("2027-01-01"), &err));
    assert_true(holidays_read(&holidays, SPAN("2026-12-24..2026-12-26"), &err));
    assert_true(holidays_read(&holidays, SPAN("2026-12-25"), &err));
    assert_days(&holidays, "2026-12-24 2026-12-25 2026-12-26 2027-01-01");
}

static void what_is_no_day_is_refused(void **state)
{
    static const char *const cases[] = { "",
                                         "Christmas",
                                         "2026-02-29",
                                         "2026-2-1",
                                         "2026-13-01",
                                         "2026-00-10",
                                         "1999-12-31",
                                         "2026-12-26..",
                                         "2026-12-26..2026-12-24",
                                         "2026-01-01..2027-06-01",
                                         "-026-01-01",
                                         "2026-12-25 " };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct holidays holidays = { .n = 0 };
        struct error err;

        if (holidays_read(&holidays, span_of(cases[i]), &err))
            fail_msg("%s", cases[i]);
        assert_int_equal(holidays.n, 0);
    }
}

#define EVENT(lines) "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" lines "END:VEVENT\r\nEND:VCALENDAR\r\n"

static void a_calendar_gives_the_days_of_its_whole_day_events(void **state)
{
    static const struct {
        const char *calendar;
        const char *days; /* NULL: refused */
    } cases[] = {
        { EVENT(
              "SUMMARY:Christmas\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227\r\n"),
          "2026-12-25 2026-12-26" },
        { EVENT("DTSTART;VALUE=DATE:20261225\r\n"), "2026-12-25" },
        { EVENT("DTSTART:20261225T100000Z\r\nDTEND:20261225T110000Z\r\n"), "" },
        { EVENT("DTSTART;VALUE=DATE:2026\r\n 1225\r\n"), "2026-12-25" },
        { EVENT("DTSTART;VALUE=DATE:20251225\r\nRRULE:FREQ=YEARLY;COUNT=3\r\n"),
          "2025-12-25 2026-12-25 2027-12-25" },
        { EVENT("DTSTART;VALUE=DATE:20261225\r\nBEGIN:VALARM\r\nDURATION:P1D\r\n"
                "DTSTART;VALUE=DATE:20300101\r\nEND:VALARM\r\n"),
          "2026-12-25" },
        { "BEGIN:VCALENDAR\nBEGIN:VTODO\nDTSTART;VALUE=DATE:20261225\nEND:VTODO\nEND:VCALENDAR",
          "" },
        { EVENT("DTSTART;VALUE=DATE:20261225\r\nDURATION:P2D\r\n"), NULL },
        { EVENT("DTSTART;VALUE=DATE:20261225\r\nRRULE:FREQ=SECONDLY\r\n"), NULL },
        { EVENT("DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:29991225\r\n"), NULL },
        { EVENT("DTSTART;VALUE=DATE:20261225\r\nRRULE:FREQ=DAILY\r\n"), NULL },
        { "2026-12-25\n", NULL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct holidays holidays = { .n = 0 };
        struct error err = { .text = "" };
        bool good = holidays_read_calendar(&holidays, span_of(cases[i].calendar),
                                           zone_days(2026, 11, 24), &err);

        if (good != (cases[i].days != NULL))
            fail_msg("%s: %s", cases[i].calendar, err.text);
        if (good)
            assert_days(&holidays, cases[i].days);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_are_kept_in_order_and_once),
        cmocka_unit_test(what_is_no_day_is_refused),
        cmocka_unit_test(a_calendar_gives_the_days_of_its_whole_day_events),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
