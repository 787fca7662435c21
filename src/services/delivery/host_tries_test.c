#include "services/delivery/host_tries.h"

#include <stdio.h>

#include "services/delivery/outcome_policy.h"
#include "tests/support/cmocka.h"

static struct host_try try_of(const char *host, bool local, bool is_idle)
{
    struct host_try one = { .outcome = outcome_of_connect("no way"), .is_idle = is_idle };

    one.outcome.local = local;
    span_copy(span_of(host), one.way.host, sizeof one.way.host);
    return one;
}

static void add(struct host_tries *tries, const char *host, bool local, bool is_idle)
{
    struct host_try one = try_of(host, local, is_idle);

    host_tries_add(tries, &one);
}

static void a_server_s_words_outlast_our_own(void **state)
{
    struct host_tries tries = { .n = 0 };
    struct host_try best;

    (void)state;
    add(&tries, "h1", true, false);
    add(&tries, "h2", false, false);
    add(&tries, "h3", true, false);
    assert_true(host_tries_take_best(&tries, &best));
    assert_string_equal(best.way.host, "h2");
    assert_int_equal(tries.n, 2);
    assert_string_equal(tries.at[0]->way.host, "h1");
    assert_string_equal(tries.at[1]->way.host, "h3");
    host_tries_clear(&tries);
    assert_false(host_tries_take_best(&tries, &best));
}

static void of_equal_ones_the_latest_counts(void **state)
{
    struct host_tries tries = { .n = 0 };
    struct host_try best;

    (void)state;
    add(&tries, "h1", true, false);
    add(&tries, "h2", true, false);
    assert_true(host_tries_take_best(&tries, &best));
    assert_string_equal(best.way.host, "h2");
    host_tries_clear(&tries);
}

static void an_idle_one_counts_only_alone(void **state)
{
    struct host_tries tries = { .n = 0 };
    struct host_try best;

    (void)state;
    add(&tries, "h1", true, true);
    add(&tries, "h2", true, false);
    add(&tries, "h3", true, true);
    assert_true(host_tries_take_best(&tries, &best));
    assert_string_equal(best.way.host, "h2");
    host_tries_clear(&tries);
    add(&tries, "h1", true, true);
    assert_true(host_tries_take_best(&tries, &best));
    assert_string_equal(best.way.host, "h1");
    host_tries_clear(&tries);
}

static void they_are_bounded(void **state)
{
    struct host_tries tries = { .n = 0 };

    (void)state;
    for (int i = 0; i < HOST_TRIES_MOST + 5; i++)
        add(&tries, "h", true, false);
    assert_int_equal(tries.n, HOST_TRIES_MOST);
    host_tries_clear(&tries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_s_words_outlast_our_own),
        cmocka_unit_test(of_equal_ones_the_latest_counts),
        cmocka_unit_test(an_idle_one_counts_only_alone),
        cmocka_unit_test(they_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
