#include "protocol/smtp/domain_set.h"

#include "tests/support/cmocka.h"

static void as_many_domains_as_the_server_told(void **state)
{
    struct smtp_domain_set set = { 0 };

    (void)state;
    assert_true(smtp_domain_set_admit(&set, SPAN("a@one.example"), 2));
    assert_true(smtp_domain_set_admit(&set, SPAN("\"x@y\"@two.example"), 2));
    assert_false(smtp_domain_set_admit(&set, SPAN("a@three.example"), 2));
    assert_true(smtp_domain_set_admit(&set, SPAN("b@ONE.Example"), 2));
    assert_false(smtp_domain_set_admit(&set, SPAN("a@one.example.org"), 2));
    smtp_domain_set_fini(&set);
    assert_true(smtp_domain_set_admit(&set, SPAN("a@three.example"), 1));
    smtp_domain_set_fini(&set);
}

static void without_a_limit_nothing_is_kept(void **state)
{
    struct smtp_domain_set set = { 0 };

    (void)state;
    for (int i = 0; i < 100; i++)
        assert_true(smtp_domain_set_admit(&set, SPAN("a@one.example"), 0));
    assert_int_equal(set.n, 0);
}

static void a_large_limit_is_cut_to_what_is_kept(void **state)
{
    struct smtp_domain_set set = { 0 };
    char address[40];

    (void)state;
    for (int i = 0; i < SMTP_DOMAIN_SET_MOST + 2; i++) {
        (void)snprintf(address, sizeof address, "a@d%d.example", i);
        assert_int_equal(smtp_domain_set_admit(&set, span_of(address), 1000),
                         i < SMTP_DOMAIN_SET_MOST);
    }
    smtp_domain_set_fini(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_domains_as_the_server_told),
        cmocka_unit_test(without_a_limit_nothing_is_kept),
        cmocka_unit_test(a_large_limit_is_cut_to_what_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
