#include "domain/person_reference.h"

#include <string.h>

#include "tests/support/cmocka.h"

static void people_are_named_in_three_ways(void **state)
{
    static const struct {
        const char *text;
        int64_t id;
        const char *normal; /* NULL: no address */
    } cases[] = {
        { "ann", 0, NULL },
        { "user 17", 0, NULL },
        { "17", 0, NULL },
        { "Ann@Example.org", 0, "ann@example.org" },
        { "@ann", 0, NULL },
        { "a@b@c", 0, NULL },
        { "J\u00fcrgen", 0, NULL },
        { "#17", 17, NULL },
        { "#9223372036854775807", INT64_MAX, NULL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct person_reference r;
        struct error err;

        if (!person_reference_read(span_of(cases[i].text), &r, &err))
            fail_msg("%s", err.text);
        assert_true(span_equal(r.text, span_of(cases[i].text)));
        assert_true(r.id == cases[i].id);
        assert_int_equal(r.has_address, cases[i].normal != NULL);
        if (r.has_address)
            assert_string_equal(r.address.normal, cases[i].normal);
    }
}

static void what_can_name_nobody_is_refused(void **state)
{
    static const struct {
        const char *text;
        const char *reason;
    } cases[] = {
        { "", "a person's key cannot be empty" },
        { " ann", "a person's key starts with no \"#\" and has no space at its ends: \" ann\"" },
        { "ann ", "a person's key starts with no \"#\" and has no space at its ends: \"ann \"" },
        { "a\nb", "a person's key is UTF-8 text without control characters" },
        { "a\xff", "a person's key is UTF-8 text without control characters" },
        { "#", "\"#\" names nobody: after \"#\" comes a number" },
        { "#0", "\"#0\" names nobody: after \"#\" comes a number" },
        { "#-1", "\"#-1\" names nobody: after \"#\" comes a number" },
        { "#1x", "\"#1x\" names nobody: after \"#\" comes a number" },
        { "#9223372036854775808",
          "\"#9223372036854775808\" names nobody: after \"#\" comes a number" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct person_reference r;
        struct error err;

        assert_false(person_reference_read(span_of(cases[i].text), &r, &err));
        assert_string_equal(err.text, cases[i].reason);
    }
}

/* A key that is like "#17" would be somebody else. */
static void keys_have_a_length_and_no_number_sign(void **state)
{
    char key[PERSON_KEY_LIMIT + 1];
    struct error err;

    (void)state;
    memset(key, 'k', sizeof key);
    assert_true(person_key_check((struct span){ key, PERSON_KEY_LIMIT }, &err));
    assert_false(person_key_check((struct span){ key, PERSON_KEY_LIMIT + 1 }, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_false(person_key_check(SPAN("#17"), &err));
    assert_true(person_key_check(SPAN("a#17"), &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_are_named_in_three_ways),
        cmocka_unit_test(what_can_name_nobody_is_refused),
        cmocka_unit_test(keys_have_a_length_and_no_number_sign),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
