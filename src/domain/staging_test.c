/*
 * Who gets mail of an installation that is being tried out.
 */
#include "domain/staging.h"

#include "tests/support/cmocka.h"

static void only_those_listed_get_mail(void **state)
{
    static const char *list[] = { "example.org", "ann@example.net", "[192.0.2.1]" };
    const struct settings only = { .deliver = DELIVER_ONLY, .deliver_only = { list, 3 } };
    const struct settings all = { .deliver = DELIVER_ALL };
    static const struct {
        const char *normal;
        const char *domain;
        bool allowed;
    } cases[] = {
        { "anybody@example.org", "example.org", true },
        { "ann@example.net", "example.net", true },
        { "bob@example.net", "example.net", false },
        { "bob@sub.example.org", "sub.example.org", false },
        { "bob@notexample.org", "notexample.org", false },
        { "bob@[192.0.2.1]", "[192.0.2.1]", true },
        { "\"ann@example.net\"@example.com", "example.com", false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct span normal = span_of(cases[i].normal);
        struct span domain = span_of(cases[i].domain);

        assert_int_equal(staging_allows(&only, normal, domain), cases[i].allowed);
        assert_true(staging_allows(&all, normal, domain));
    }
}

static void redirected_mail_goes_to_the_hosts_of_its_address(void **state)
{
    const struct settings redirect = { .deliver = DELIVER_REDIRECT,
                                       .deliver_redirect = "me@example.org",
                                       .deliver_redirect_domain = "example.org" };
    const struct settings all = { .deliver = DELIVER_ALL };

    (void)state;
    assert_string_equal(staging_domain(&redirect, "example.net"), "example.org");
    assert_string_equal(staging_domain(&all, "example.net"), "example.net");
    assert_true(staging_allows(&redirect, SPAN("ann@example.net"), SPAN("example.net")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_those_listed_get_mail),
        cmocka_unit_test(redirected_mail_goes_to_the_hosts_of_its_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
