#include "base/zone.h"

#include <string.h>

#include "base/buf.h"
#include "tests/support/cmocka.h"

enum { OFFSET_AT = 88 }; /* in the file below */

static void zone_fini(struct zone **zone)
{
    zone_free(*zone);
}

static void put_moment(struct buf *to, const struct zone *zone, int64_t utc_s)
{
    struct zone_moment m;

    zone_moment(zone, utc_s * 1000 + 999, &m);
    buf_printf(to, "%d-%02d-%02d %02d:%02d %d %s", m.year, m.month, m.day, m.hour, m.minute,
               m.offset_minutes, m.name);
}

/* The second before and the second of each change; and offsets that are no whole hours. */
static void clocks_change_at_the_second_they_should(void **state)
{
    static const struct {
        const char *zone;
        int64_t utc_s;
        const char *shown;
    } cases[] = {
        { "Europe/Vienna", 1774745999, "2026-03-29 01:59 60 CET" },
        { "Europe/Vienna", 1774746000, "2026-03-29 03:00 120 CEST" },
        { "Europe/Vienna", 1792889999, "2026-10-25 02:59 120 CEST" },
        { "Europe/Vienna", 1792890000, "2026-10-25 02:00 60 CET" },
        { "America/New_York", 1793512799, "2026-11-01 01:59 -240 EDT" },
        { "America/New_York", 1793512800, "2026-11-01 01:00 -300 EST" },
        { "America/St_Johns", 1795539600, "2026-11-24 13:30 -210 NST" },
        { "Asia/Kathmandu", 1795539600, "2026-11-24 22:45 345 +0545" },
        { "Australia/Lord_Howe", 1775314799, "2026-04-05 01:59 660 +11" },
        { "Australia/Lord_Howe", 1775314800, "2026-04-05 01:30 630 +1030" },
        { "Pacific/Apia", 1325239199, "2011-12-29 23:59 -600 -10" },
        { "Pacific/Apia", 1325239200, "2011-12-31 00:00 840 +14" }, /* a day left out */
        { "UTC", 1795539600, "2026-11-24 17:00 0 UTC" },
        /* what no file lists any more */
        { "Europe/Vienna", 2216249999, "2040-03-25 01:59 60 CET" },
        { "Europe/Vienna", 2216250000, "2040-03-25 03:00 120 CEST" },
        { "Europe/Vienna", 4091648400, "2099-08-29 03:00 120 CEST" },
        { "Australia/Lord_Howe", 2900000000, "2061-11-24 06:33 660 +11" },
        { "Asia/Kathmandu", 4102444800, "2100-01-01 05:45 345 +0545" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(zone_fini) struct zone *zone = zone_open(span_of(cases[i].zone));
        CLEANUP(buf_fini) struct buf shown;

        buf_init(&shown, 100);
        assert_non_null(zone);
        put_moment(&shown, zone, cases[i].utc_s);
        assert_string_equal(buf_text(&shown), cases[i].shown);
    }
}

/* A quarter to three is left out in spring and comes twice in autumn. */
static void the_next_time_of_a_day_is_found(void **state)
{
    static const struct {
        const char *zone;
        int64_t after_s;
        int minute;
        int64_t found_s;
    } cases[] = {
        { "UTC", 1795539600, 17 * 60, 1795626000 },          /* strictly after */
        { "UTC", 1795539599, 17 * 60, 1795539600 },          /* today */
        { "Europe/Berlin", 1774738800, 7 * 60, 1774760400 }, /* 29 March 2026, six hours a day */
        { "Europe/Berlin", 1774735200, 2 * 60 + 45, 1774746000 }, /* left out: at 3:00 */
        { "Europe/Berlin", 1774746000, 2 * 60 + 45, 1774831500 }, /* and not once more */
        { "Europe/Berlin", 1792886399, 2 * 60 + 45, 1792889100 }, /* the first of two */
        { "Europe/Berlin", 1792889100, 2 * 60 + 45, 1792979100 }, /* the second is none */
        { "America/New_York", 1793505600, 7 * 60, 1793534400 },   /* 1 November 2026, EST */
        { "Australia/Lord_Howe", 1775300400, 7 * 60, 1775334600 },
        { "Asia/Kathmandu", 1795539600, 7 * 60, 1795569300 },
        { "Pacific/Apia", 1325196000, 8 * 60, 1325239200 }, /* the day that was left out */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(zone_fini) struct zone *zone = zone_open(span_of(cases[i].zone));

        assert_non_null(zone);
        if (zone_next(zone, cases[i].after_s * 1000, cases[i].minute) != cases[i].found_s * 1000)
            fail_msg("case %zu: %lld", i,
                     (long long)zone_next(zone, cases[i].after_s * 1000, cases[i].minute) / 1000);
    }
    assert_int_equal(zone_next(NULL, 1795539600000, 60), 1795568400000);
}

static void without_a_zone_it_is_utc(void **state)
{
    static const struct {
        int64_t utc_s;
        const char *shown;
    } cases[] = {
        { 0, "1970-01-01 00:00 0 UTC" },
        { 951782399, "2000-02-28 23:59 0 UTC" },
        { 951782400, "2000-02-29 00:00 0 UTC" },
        { 951868800, "2000-03-01 00:00 0 UTC" },
        { 4107542399, "2100-02-28 23:59 0 UTC" },
        { 4107542400, "2100-03-01 00:00 0 UTC" }, /* no leap year */
        { 253402300799, "9999-12-31 23:59 0 UTC" },
        { 253402300800, "1970-01-01 00:00 0 UTC" },
        { -86400, "1970-01-01 00:00 0 UTC" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf shown;

        buf_init(&shown, 100);
        put_moment(&shown, NULL, cases[i].utc_s);
        assert_string_equal(buf_text(&shown), cases[i].shown);
    }
}

static void a_name_leads_nowhere_but_to_zones(void **state)
{
    static const char *const names[] = {
        "",
        "Nowhere/City",
        "../../../etc/passwd",
        "/etc/localtime",
        "/usr/share/zoneinfo/UTC",
        "Europe/Vienna\n",
        "Europe",
        "tzdata.zi",
        "zone.tab",
        "Europe/../UTC",
        "a123456789b123456789c123456789d123456789e123456789f123456789g123456789h1234567890",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        if (zone_open(span_of(names[i])) != NULL)
            fail_msg("%s", names[i]);
}

/* Version 2, an empty first block, and a second one of one type: "X", an hour ahead. */
static const char one_type[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                               "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                               "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                               "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\2"
                               "\0\0\x0e\x10\0\0X\0";

static void a_file_is_read_whole_or_not_at_all(void **state)
{
    const size_t whole = sizeof one_type - 1;
    CLEANUP(zone_fini) struct zone *zone = zone_read((struct span){ one_type, whole });
    CLEANUP(buf_fini) struct buf shown;

    (void)state;
    buf_init(&shown, 100);
    assert_non_null(zone);
    put_moment(&shown, zone, 1795539600);
    assert_string_equal(buf_text(&shown), "2026-11-24 18:00 60 X");
    for (size_t n = 0; n < whole; n++)
        assert_null(zone_read((struct span){ one_type, n }));
}

static void a_long_name_of_a_type_is_cut(void **state)
{
    static const char long_name[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                    "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\x15"
                                    "\0\0\0\0\0\0ABCDEFGHIJKLMNOPQRST\0";
    CLEANUP(zone_fini)
    struct zone *zone = zone_read((struct span){ long_name, sizeof long_name - 1 });
    struct zone_moment m;

    (void)state;
    assert_non_null(zone);
    zone_moment(zone, 0, &m);
    assert_string_equal(m.name, "ABCDEFGHIJKLMNO");
}

/* A day from UTC is where the date of a header field ends; no clock on earth gets there. */
static void an_offset_of_a_day_is_no_zone(void **state)
{
    static const struct {
        unsigned char offset[4];
        bool good;
    } cases[] = {
        { { 0x00, 0x01, 0x51, 0x7f }, true },  /* 86,399 s */
        { { 0x00, 0x01, 0x51, 0x80 }, false }, /* 86,400 s */
        { { 0xff, 0xfe, 0xae, 0x81 }, true },  { { 0xff, 0xfe, 0xae, 0x80 }, false },
        { { 0x80, 0x00, 0x00, 0x00 }, false },
    };
    char file[sizeof one_type];

    (void)state;
    memcpy(file, one_type, sizeof file);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(zone_fini) struct zone *zone = NULL;

        memcpy(file + OFFSET_AT, cases[i].offset, 4);
        zone = zone_read((struct span){ file, sizeof file - 1 });
        assert_true((zone != NULL) == cases[i].good);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_change_at_the_second_they_should),
        cmocka_unit_test(the_next_time_of_a_day_is_found),
        cmocka_unit_test(without_a_zone_it_is_utc),
        cmocka_unit_test(a_name_leads_nowhere_but_to_zones),
        cmocka_unit_test(a_file_is_read_whole_or_not_at_all),
        cmocka_unit_test(a_long_name_of_a_type_is_cut),
        cmocka_unit_test(an_offset_of_a_day_is_no_zone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
