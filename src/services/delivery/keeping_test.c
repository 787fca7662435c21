#include "services/delivery/keeping.h"

#include <stdio.h>

#include "tests/support/cmocka.h"

static void take(struct keeping *k, const char *name, int64_t until)
{
    const struct dialogue_keep keep = { .name = span_of(name), .until = until };

    keeping_take(k, &keep);
}

static bool wants(struct keeping *k, const char *domain, const char *host, int64_t now_ms)
{
    const struct span names[] = { span_of(domain), span_of(host), { NULL, 0 } };

    return keeping_wants(k, names, ARRAY_LENGTH(names), now_ms);
}

static void an_order_is_for_a_domain_or_a_host_until_its_time_is_over(void **state)
{
    struct keeping k = { 0 };

    (void)state;
    take(&k, "example.org", 100);
    take(&k, "mx.example.net", 200);
    assert_true(wants(&k, "EXAMPLE.org", "", 99));
    assert_true(wants(&k, "other.example", "mx.example.net", 99));
    assert_false(wants(&k, "other.example", "", 99));
    assert_false(wants(&k, "example.org", "", 100));
    assert_true(wants(&k, "", "mx.example.net", 199));
    assert_int_equal(k.n, 1);
    take(&k, "mx.example.net", 0); /* it is ended */
    assert_false(wants(&k, "", "mx.example.net", 199));
    assert_int_equal(k.n, 0);
}

static void orders_above_the_limit_are_left_out(void **state)
{
    struct keeping k = { 0 };
    char name[32];

    (void)state;
    for (int i = 0; i < DIALOGUE_KEEPS_MOST + 5; i++) {
        (void)snprintf(name, sizeof name, "%d.example", i);
        take(&k, name, 100);
    }
    assert_int_equal(k.n, DIALOGUE_KEEPS_MOST);
    take(&k, "0.example", 300);
    assert_true(wants(&k, "0.example", "", 250));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_for_a_domain_or_a_host_until_its_time_is_over),
        cmocka_unit_test(orders_above_the_limit_are_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
