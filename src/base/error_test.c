#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/text.h"
#include "tests/support/cmocka.h"

static void a_sentence_grows_on_the_way_up(void **state)
{
    struct error err;

    (void)state;
    assert_false(error_set_errno(&err, ENOENT, "opening %s", "key.pem"));
    assert_false(error_wrap(&err, "signing domain %s", "example.org"));
    assert_string_equal(err.text,
                        "signing domain example.org: opening key.pem: No such file or directory");
    assert_int_equal(err.kind, ERROR_IO);
    assert_int_equal(err.system_errno, ENOENT);
    assert_false(error_set(&err, ERROR_LIMIT, "too many"));
    assert_string_equal(err.text, "too many");
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_int_equal(err.system_errno, 0);
}

static void a_sentence_too_long_is_cut_and_ended(void **state)
{
    struct error err;
    char longer[2000];

    (void)state;
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_false(error_set(&err, ERROR_INVALID, "%s", longer));
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_false(error_wrap(&err, "reading"));
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_memory_equal(err.text, "reading: xxx", 12);
    assert_false(error_set_errno(&err, EIO, "%s", longer));
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_false(error_wrap(&err, "%s", longer));
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

static void a_sentence_is_cut_between_characters(void **state)
{
    static const struct {
        const char *character;
        size_t bytes;
    } cases[] = { { "\u00fc", 2 }, { "\u6f22", 3 }, { "\U0001f4ec", 4 } };
    struct error err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        for (size_t before = 0; before < cases[i].bytes; before++) {
            char text[1000] = "xxxx";
            size_t n = before;

            while (n + 10 < sizeof text)
                n += (size_t)snprintf(text + n, 10, "%s", cases[i].character);
            assert_false(error_set(&err, ERROR_INVALID, "%s", text));
            assert_true(text_is_utf8(span_of(err.text)));
            assert_in_range(strlen(err.text), sizeof err.text - 4, sizeof err.text - 1);
            assert_false(error_wrap(&err, "%s", "ab"));
            assert_true(text_is_utf8(span_of(err.text)));
        }
    }
}

static void every_kind_has_a_name_and_an_exit_code(void **state)
{
    static const struct {
        enum error_kind kind;
        const char *name;
        int code;
    } kinds[] = {
        { ERROR_INVALID, "invalid", EX_DATAERR },
        { ERROR_NOT_FOUND, "not_found", EX_NOINPUT },
        { ERROR_CONFLICT, "conflict", EX_UNAVAILABLE },
        { ERROR_LIMIT, "limit", EX_DATAERR },
        { ERROR_TEMPORARY, "temporary", EX_TEMPFAIL },
        { ERROR_IO, "io", EX_IOERR },
        { ERROR_INTERNAL, "internal", EX_SOFTWARE },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        assert_string_equal(error_kind_name(kinds[i].kind), kinds[i].name);
        assert_int_equal(error_exit_code(kinds[i].kind), kinds[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sentence_grows_on_the_way_up),
        cmocka_unit_test(a_sentence_too_long_is_cut_and_ended),
        cmocka_unit_test(a_sentence_is_cut_between_characters),
        cmocka_unit_test(every_kind_has_a_name_and_an_exit_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
