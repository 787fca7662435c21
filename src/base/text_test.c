#include "base/text.h"

#include "tests/support/cmocka.h"

static void durations_are_read_and_written(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
        const char *written;
    } cases[] = {
        { "0", 0, "0s" },
        { "90s", 90000, "1m30s" },
        { "5m", 300000, "5m" },
        { "1h30m", 5400000, "1h30m" },
        { "7d", 604800000, "7d" },
        { "250ms", 250, "250ms" },
        { "1s500ms", 1500, "1s500ms" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf written;
        int64_t ms = -1;

        buf_init(&written, 100);
        assert_true(text_to_duration(span_of(cases[i].text), &ms));
        assert_int_equal(ms, cases[i].ms);
        text_put_duration(&written, ms);
        assert_string_equal(buf_text(&written), cases[i].written);
    }
}

static void wrong_durations_are_refused(void **state)
{
    static const char *const wrong[] = {
        "", "5", "m", "-5m", "5 m", "5w", "1h 30m", "99999999999999999999d", "99999999999999d"
    };
    int64_t ms;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_false(text_to_duration(span_of(wrong[i]), &ms));
}

static void moments_are_read_and_written(void **state)
{
    static const struct {
        const char *text;
        const char *written;
    } cases[] = {
        { "2026-11-24T18:00:00Z", "2026-11-24T18:00:00.000Z" },
        { "2026-11-24T18:00:00.25Z", "2026-11-24T18:00:00.250Z" },
        { "2026-11-24 18:00+01:00", "2026-11-24T17:00:00.000Z" },
        { "2024-02-29T23:59:59-05:30", "2024-03-01T05:29:59.000Z" },
        { "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf written;
        int64_t at;

        buf_init(&written, 100);
        assert_true(text_to_time(span_of(cases[i].text), &at));
        text_put_time(&written, at);
        assert_string_equal(buf_text(&written), cases[i].written);
    }
}

static void wrong_moments_are_refused(void **state)
{
    static const char *const wrong[] = { "2026-11-24",
                                         "2026-02-30T00:00:00Z",
                                         "2026-13-01T00:00:00Z",
                                         "2026-11-24T24:00:00Z",
                                         "2026-11-24T18:00:00",
                                         "2026-11-24T18:00:00Zx",
                                         "yesterday",
                                         "2026-11-24T18:00:00.Z" };
    int64_t at;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_false(text_to_time(span_of(wrong[i]), &at));
}

static void utf8_follows_rfc_3629(void **state)
{
    (void)state;
    assert_true(text_is_utf8(SPAN("")));
    assert_true(text_is_utf8(SPAN("Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x93\xac")));
    assert_true(text_is_utf8(SPAN("a line of some length, then Zo\xc3\xab, and on again it goes")));
    assert_false(text_is_utf8(SPAN("a line of some length, then Zo\xeb, and on again it goes")));
    assert_true(text_is_utf8(SPAN("\xc2\x80 \xe0\xa0\x80 \xf0\x90\x80\x80"))); /* the least */
    assert_true(text_is_utf8(SPAN("\xed\x9f\xbf \xee\x80\x80 \xf4\x8f\xbf\xbf")));
    assert_false(text_is_utf8(SPAN("\xc0\xaf")));         /* overlong */
    assert_false(text_is_utf8(SPAN("\xc1\xbf")));         /* overlong */
    assert_false(text_is_utf8(SPAN("\xf0\x8f\xbf\xbf"))); /* overlong */
    assert_false(text_is_utf8(SPAN("\xe0\x80\xaf")));     /* overlong */
    assert_false(text_is_utf8(SPAN("\xed\xa0\x80")));     /* surrogate */
    assert_false(text_is_utf8(SPAN("\xf4\x90\x80\x80"))); /* above U+10FFFF */
    assert_false(text_is_utf8(SPAN("\xe2\x82")));         /* cut */
    assert_false(text_is_utf8(SPAN("\x80")));
}

static void integers_have_ranges(void **state)
{
    int64_t value = 0;

    (void)state;
    assert_true(text_to_integer(SPAN("-17"), -20, 20, &value));
    assert_int_equal(value, -17);
    assert_false(text_to_integer(SPAN("21"), -20, 20, &value));
    assert_false(text_to_integer(SPAN(""), -20, 20, &value));
    assert_false(text_to_integer(SPAN("1x"), -20, 20, &value));
    assert_false(text_to_integer(SPAN("99999999999999999999"), 0, INT64_MAX, &value));
    assert_int_equal(value, -17);
}

static void visible_text_has_nothing_a_terminal_could_act_on(void **state)
{
    CLEANUP(buf_fini) struct buf shown;

    (void)state;
    buf_init(&shown, 200);
    text_put_visible(&shown, SPAN("gr\303\274n\033[31m\r\n\t\177\302\233\377\0x\303"));
    assert_string_equal(buf_text(&shown),
                        "gr\303\274n\\x1B[31m\\x0D\\x0A\\x09\\x7F\\xC2\\x9B\\xFF\\x00x\\xC3");
}

static void json_strings_keep_what_json_can_keep(void **state)
{
    CLEANUP(buf_fini) struct buf written;

    (void)state;
    buf_init(&written, 200);
    text_put_json(&written, SPAN("a\"b\\c\n\0gr\303\274n\377"));
    assert_string_equal(buf_text(&written), "\"a\\\"b\\\\c\\u000a\\u0000gr\303\274n\357\277\275\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_read_and_written),
        cmocka_unit_test(json_strings_keep_what_json_can_keep),
        cmocka_unit_test(visible_text_has_nothing_a_terminal_could_act_on),
        cmocka_unit_test(wrong_durations_are_refused),
        cmocka_unit_test(moments_are_read_and_written),
        cmocka_unit_test(wrong_moments_are_refused),
        cmocka_unit_test(utf8_follows_rfc_3629),
        cmocka_unit_test(integers_have_ranges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
