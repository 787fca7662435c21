#include "services/compose/text_wrap.h"

#include "tests/support/cmocka.h"

static void long_lines_break_where_words_allow(void **state)
{
    static const struct {
        const char *text;
        const char *wrapped; /* at 20 columns */
    } cases[] = {
        { "", "" },
        { "short\n", "short\n" },
        { "exactly twenty chars\n", "exactly twenty chars\n" },
        { "one two three four five six", "one two three four\nfive six" },
        { "> one two three four five\n> x", "> one two three four\n> five\n> x" },
        { "  - one two three four five", "  - one two three\n    four five" },
        { "see https://example.org/a/long/path/to/it now",
          "see\nhttps://example.org/a/long/path/to/it\nnow" },
        { "https://example.org/a/long/path/to/it", "https://example.org/a/long/path/to/it" },
        { "\n\n  a\n", "\n\n  a\n" },
        { "\xc3\xa4\xc3\xb6\xc3\xbc \xc3\xa4\xc3\xb6\xc3\xbc \xc3\xa4\xc3\xb6\xc3\xbc "
          "\xc3\xa4\xc3\xb6\xc3\xbc \xc3\xa4\xc3\xb6\xc3\xbc!",
          "\xc3\xa4\xc3\xb6\xc3\xbc \xc3\xa4\xc3\xb6\xc3\xbc \xc3\xa4\xc3\xb6\xc3\xbc "
          "\xc3\xa4\xc3\xb6\xc3\xbc \xc3\xa4\xc3\xb6\xc3\xbc!" },
        { "\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5"
          "\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5",
          "\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5"
          "\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\n\xe6\x97\xa5" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf out;

        buf_init(&out, 1000);
        text_wrap_put(&out, span_of(cases[i].text), 20);
        assert_string_equal(buf_text(&out), cases[i].wrapped);
    }
}

static void columns_are_those_of_a_terminal(void **state)
{
    (void)state;
    assert_int_equal(text_columns(SPAN("abc")), 3);
    assert_int_equal(text_columns(SPAN("Zo\xc3\xab")), 3);
    assert_int_equal(text_columns(SPAN("Zoe\xcc\x88")), 3);
    assert_int_equal(text_columns(SPAN("\xf0\x9f\x93\xac")), 2);
    assert_int_equal(text_columns(SPAN("\xff")), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_lines_break_where_words_allow),
        cmocka_unit_test(columns_are_those_of_a_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
