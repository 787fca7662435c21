#include "protocol/smtp/path.h"

#include "tests/support/cmocka.h"

static void addresses_that_are_no_danger_pass(void **state)
{
    static const char *const fit[] = {
        "a@b",
        "ann@example.org",
        "Ann.O'Hara+tag@example.org",
        "\"a b\"@example.org",
        "\"a>b\\\"c,d\"@example.org",
        "user@[192.0.2.1]",
        "user@[IPv6:2001:db8::1]",
        "j\303\266rg@example.org",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(fit); i++)
        assert_true(smtp_path_safe(span_of(fit[i])));
}

static void nothing_in_an_address_can_add_a_command_or_a_parameter(void **state)
{
    static const char *const unfit[] = {
        "",          "a",           "@b",
        "a@",        "\"\"",        "a@b\r\nRCPT TO:<c@d>",
        "a@b\nDATA", "a@b> SIZE=1", "a b@c",
        "a@b c",     "a@b>",        "<a@b",
        "a,c@b",     "a@b\177",     "\"a\r\nDATA\"@b",
        "\"a@b",     "\"a\\\"@b",   "\"a\"b@c",
        "\"a\" @c",  "a\"b\"@c",    "a\\@b@c d",
        "a\377@b",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(unfit); i++)
        assert_false(smtp_path_safe(span_of(unfit[i])));
    assert_false(smtp_path_safe(SPAN("a\0@b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_that_are_no_danger_pass),
        cmocka_unit_test(nothing_in_an_address_can_add_a_command_or_a_parameter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
