#include "protocol/mail/domain_name.h"

#include <string.h>

#include "tests/support/cmocka.h"

#define A10 "aaaaaaaaaa"
#define A63 A10 A10 A10 A10 A10 A10 "aaa"
#define A61 A10 A10 A10 A10 A10 A10 "a"

static void names_become_lower_case_a_labels(void **state)
{
    static const struct {
        const char *text;
        const char *name;
    } cases[] = {
        { "Example.ORG", "example.org" },
        { "localhost", "localhost" },
        { "M\u00fcller.example", "xn--mller-kva.example" },
        { "stra\u00dfe.example", "xn--strae-oqa.example" }, /* not strasse: non-transitional */
        { "\u4f8b\u3002example", "xn--fsq.example" },       /* an ideographic full stop */
        { "XN--Mller-KVA.example", "xn--mller-kva.example" },
        { A63 "." A63 "." A63 "." A61, A63 "." A63 "." A63 "." A61 }, /* 253 */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char name[DOMAIN_NAME_MOST + 1];
        struct error err;

        if (!domain_name_parse(span_of(cases[i].text), name, &err))
            fail_msg("%s: %s", cases[i].text, err.text);
        assert_string_equal(name, cases[i].name);
    }
}

static void what_the_dns_cannot_carry_is_refused(void **state)
{
    static const struct {
        const char *text;
        const char *reason;
    } cases[] = {
        { "", "empty domain" },
        { ".", "dot at the end of the domain" },
        { "example.org.", "dot at the end of the domain" },
        { "a..b", "empty label in the domain" },
        { ".a", "empty label in the domain" },
        { "-a.b", "hyphen at the edge of a label in the domain" },
        { "a-.b", "hyphen at the edge of a label in the domain" },
        { "a_b", "character not allowed in the domain" },
        { "a b", "character not allowed in the domain" },
        { "a\r\nb", "control character in the domain" },
        { A63 "a.b", "label over 63 octets in the domain" },
        { A63 "." A63 "." A63 "." A61 "a", "domain over 253 octets" },
        { "\xff.example", "not UTF-8" },
        { "\u2603\u0338.a\u00fc\u00fc\u200b", "not an international domain name" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char name[DOMAIN_NAME_MOST + 1];
        struct error err;

        assert_false(domain_name_parse(span_of(cases[i].text), name, &err));
        assert_string_equal(err.text, cases[i].reason);
    }
}

static void a_huge_name_of_another_script_is_refused(void **state)
{
    char huge[3000];
    char name[DOMAIN_NAME_MOST + 1];
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof huge; i += 3)
        memcpy(huge + i, "\xc3\xbc.", 3);
    assert_false(domain_name_parse((struct span){ huge, sizeof huge - 1 }, name, &err));
    assert_string_equal(err.text, "domain over 253 octets");
}

static void people_see_a_name_in_its_own_script(void **state)
{
    static const struct {
        const char *name;
        const char *shown;
    } cases[] = {
        { "example.org", "example.org" },
        { "xn--mller-kva.example", "m\u00fcller.example" },
        { "xn--.example", "xn--.example" }, /* nothing that decodes */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf to;

        buf_init(&to, 300);
        domain_name_put_display(&to, cases[i].name);
        assert_string_equal(buf_text(&to), cases[i].shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_become_lower_case_a_labels),
        cmocka_unit_test(what_the_dns_cannot_carry_is_refused),
        cmocka_unit_test(a_huge_name_of_another_script_is_refused),
        cmocka_unit_test(people_see_a_name_in_its_own_script),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
