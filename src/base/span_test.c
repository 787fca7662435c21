#include "base/span.h"

#include <string.h>

#include "tests/support/cmocka.h"

static void a_copy_is_cut_between_characters(void **state)
{
    static const struct {
        const char *text;
        size_t room;
        const char *copy;
    } cases[] = {
        { "", 1, "" },
        { "abc", 4, "abc" },
        { "abc", 3, "ab" },
        { "abc", 1, "" },
        { "\xc3\xa4\xc3\xa4", 5, "\xc3\xa4\xc3\xa4" },
        { "\xc3\xa4\xc3\xa4", 4, "\xc3\xa4" },
        { "\xc3\xa4", 2, "" },
        { "\xa4\xa4\xa4", 2, "" }, /* no character begins here at all */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char to[8];

        memset(to, 'x', sizeof to);
        span_copy(span_of(cases[i].text), to, cases[i].room);
        assert_string_equal(to, cases[i].copy);
        assert_int_equal(to[cases[i].room], 'x');
    }
}

static void assert_span(struct span s, const char *expected)
{
    assert_int_equal(s.n, strlen(expected));
    assert_memory_equal(s.at, expected, s.n);
}

static void places_are_found_or_are_the_length(void **state)
{
    const struct span text = SPAN("a.bc.bcd");

    (void)state;
    assert_int_equal(span_index(text, '.'), 1);
    assert_int_equal(span_last_index(text, '.'), 4);
    assert_int_equal(span_index(text, 'x'), text.n);
    assert_int_equal(span_last_index(text, 'x'), text.n);
    assert_int_equal(span_last_index(text, 'a'), 0);
    assert_int_equal(span_find(text, SPAN("bcd")), 5);
    assert_int_equal(span_find(text, SPAN("bce")), text.n);
    assert_int_equal(span_find(text, SPAN("a.bc.bcd.")), text.n);
    assert_int_equal(span_find(text, SPAN("")), 0);
    assert_int_equal(span_index(span_of(NULL), 'x'), 0);
    assert_int_equal(span_find(SPAN("aab"), SPAN("ab")), 1);
}

static void pieces_are_taken_until_nothing_is_left(void **state)
{
    struct span rest = SPAN("one;;three;");

    (void)state;
    assert_span(span_take_until(&rest, ';'), "one");
    assert_span(span_take_until(&rest, ';'), "");
    assert_span(span_take_until(&rest, ';'), "three");
    assert_int_equal(rest.n, 0);
    assert_span(span_take_until(&rest, ';'), "");
    rest = SPAN("whole");
    assert_span(span_take_until(&rest, ';'), "whole");
    assert_int_equal(rest.n, 0);
}

static void parts_and_ends_stay_within(void **state)
{
    const struct span text = SPAN("\t abc\r\n");

    (void)state;
    assert_span(span_trim(text), "abc");
    assert_span(span_trim(SPAN(" \r\n\t")), "");
    assert_span(span_first(text, 100), "\t abc\r\n");
    assert_span(span_rest(text, 2), "abc\r\n");
    assert_span(span_rest(text, 100), "");
    assert_true(span_starts(SPAN("abc"), SPAN("abc")));
    assert_false(span_starts(SPAN("ab"), SPAN("abc")));
    assert_true(span_starts_nocase(SPAN("IPv6:x"), SPAN("ipV6:")));
    assert_true(span_ends(SPAN("abc"), SPAN("bc")));
    assert_false(span_ends(SPAN("c"), SPAN("bc")));
}

static void only_ascii_letters_fold(void **state)
{
    (void)state;
    assert_true(span_equal_nocase(SPAN("AbZ-1"), SPAN("aBz-1")));
    assert_false(span_equal_nocase(SPAN("@["), SPAN("`{"))); /* beside the letters */
    assert_false(span_equal_nocase(SPAN("\xc3\x84"), SPAN("\xc3\xa4")));
    assert_false(span_equal_nocase(SPAN("a"), SPAN("ab")));
    assert_false(span_equal(SPAN("a"), SPAN("A")));
}

static void a_part_is_found_whatever_its_case(void **state)
{
    static const struct {
        const char *text;
        const char *part;
        size_t at;
    } cases[] = {
        { "Greylisted, try LATER", "later", 16 },
        { "aAb", "AB", 1 },
        { "abc", "", 0 },
        { "", "", 0 },
        { "ab", "abc", 2 },
        { "abc", "x", 3 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        assert_int_equal(span_find_nocase(span_of(cases[i].text), span_of(cases[i].part)),
                         cases[i].at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_found_or_are_the_length),
        cmocka_unit_test(pieces_are_taken_until_nothing_is_left),
        cmocka_unit_test(parts_and_ends_stay_within),
        cmocka_unit_test(only_ascii_letters_fold),
        cmocka_unit_test(a_copy_is_cut_between_characters),
        cmocka_unit_test(a_part_is_found_whatever_its_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
