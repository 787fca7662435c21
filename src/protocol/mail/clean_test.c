#include "protocol/mail/clean.h"

#include "tests/support/cmocka.h"

static void any_text_becomes_one_line(void **state)
{
    static const struct {
        struct span text;
        const char *line;
    } cases[] = {
        { { "", 0 }, "" },
        { { "plain", 5 }, "plain" },
        { { " \t at both ends \r\n", 18 }, "at both ends" },
        { { "a\r\nb\nc\rd", 8 }, "a b c d" },
        { { "a\0b\x1b\x7fz", 6 }, "a b  z" },
        { { "a\xc2\x85z\xc2\x9f!", 7 }, "a z !" },                     /* C1 */
        { { "a\xe2\x80\xa8z\xe2\x80\xa9!", 9 }, "a z !" },             /* line, paragraph */
        { { "a\xc2\xa0z\xe2\x80\xa7", 7 }, "a\xc2\xa0z\xe2\x80\xa7" }, /* beside them */
        { { "\xff\xc3", 2 }, "\xef\xbf\xbd\xef\xbf\xbd" },
        { { " \r\n\t ", 5 }, "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf to;

        buf_init(&to, 100);
        clean_put_line(&to, cases[i].text);
        assert_string_equal(buf_text(&to), cases[i].line);
    }
}

static void any_text_becomes_lines_that_end(void **state)
{
    static const struct {
        struct span text;
        const char *lines;
    } cases[] = {
        { { "", 0 }, "" },
        { { "a", 1 }, "a\r\n" },
        { { "a\n\nb\r\rc\r\n", 9 }, "a\r\n\r\nb\r\n\r\nc\r\n" },
        { { "a\0b\0", 4 }, "ab\r\n" },
        { { "\0", 1 }, "" },
        { { "\r", 1 }, "\r\n" },
        { { "\xc3\xbc\xff\xe6\xbc", 5 }, "\xc3\xbc\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\r\n" },
        { { "\t\x1b", 2 }, "\t\x1b\r\n" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf to;

        buf_init(&to, 100);
        clean_put_lines(&to, cases[i].text);
        assert_string_equal(buf_text(&to), cases[i].lines);
    }
}

/* What is cleaned is appended: what stood there before stays, blanks too. */
static void what_was_there_before_stays(void **state)
{
    CLEANUP(buf_fini) struct buf to;

    (void)state;
    buf_init(&to, 100);
    buf_put(&to, SPAN("name: "));
    clean_put_line(&to, SPAN("  "));
    assert_string_equal(buf_text(&to), "name: ");
    clean_put_line(&to, SPAN(" x "));
    assert_string_equal(buf_text(&to), "name: x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_text_becomes_one_line),
        cmocka_unit_test(any_text_becomes_lines_that_end),
        cmocka_unit_test(what_was_there_before_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
