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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
