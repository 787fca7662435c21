#include "protocol/smtp/xtext.h"

#include "base/cleanup.h"
#include "tests/support/cmocka.h"

static void what_is_put_is_read_again(void **state)
{
    static const struct {
        const char *bytes;
        const char *text;
    } pairs[] = {
        { "", "" },
        { "b.ae4wo", "b.ae4wo" },
        { "a+b=c@x", "a+2Bb+3Dc@x" },
        { "a b\r\n", "a+20b+0D+0A" },
        { "j\303\266\177", "j+C3+B6+7F" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
        CLEANUP(buf_fini) struct buf text;
        CLEANUP(buf_fini) struct buf bytes;

        buf_init(&text, 100);
        buf_init(&bytes, 100);
        xtext_put(&text, span_of(pairs[i].bytes));
        assert_string_equal(buf_text(&text), pairs[i].text);
        assert_true(xtext_read(&bytes, buf_view(&text)));
        assert_true(span_equal(buf_view(&bytes), span_of(pairs[i].bytes)));
    }
}

static void what_is_no_xtext_is_not_read(void **state)
{
    static const char *const cases[] = { "a=b", "a b", "+", "+4", "+4x", "+G0", "j\303\266" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf bytes;

        buf_init(&bytes, 100);
        assert_false(xtext_read(&bytes, span_of(cases[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_is_read_again),
        cmocka_unit_test(what_is_no_xtext_is_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
