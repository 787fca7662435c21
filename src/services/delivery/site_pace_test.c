#include "services/delivery/site_pace.h"

#include "tests/support/cmocka.h"

/* How many go within `ms` when as many are wanted as may go. */
static int count_in(int64_t rate, int64_t ms)
{
    struct pace_allowance allowance = { 0 };
    int64_t now = 1000;
    int n = 0;

    while (now < 1000 + ms) {
        int64_t wait = pace_wait(&allowance, rate, now);

        if (wait > 0) {
            now += wait;
            continue;
        }
        pace_take(&allowance);
        n++;
    }
    return n;
}

static void an_allowance_holds_over_time(void **state)
{
    (void)state;
    assert_in_range(count_in(60, 600000), 599, 602);
    assert_in_range(count_in(1, 600000), 10, 11);
    assert_in_range(count_in(6000, 60000), 5990, 6110);
}

static void what_was_not_used_is_no_licence_for_a_burst(void **state)
{
    struct pace_allowance allowance = { 0 };
    int n = 0;

    (void)state;
    assert_int_equal(pace_wait(&allowance, 600, 1000), 0);
    pace_take(&allowance);
    while (pace_wait(&allowance, 600, 3600000) == 0) { /* an hour later: a second's worth */
        pace_take(&allowance);
        n++;
    }
    assert_int_equal(n, 10);
}

static void without_a_limit_nobody_waits(void **state)
{
    struct pace_allowance allowance = { 0 };

    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(pace_wait(&allowance, 0, 5), 0);
        pace_take(&allowance);
    }
}

static void the_window_grows_while_all_of_it_is_used(void **state)
{
    struct site_pace pace = { 0 };

    (void)state;
    site_pace_start(&pace);
    for (int i = 0; i < 5; i++)
        site_pace_well(&pace, 5, 20);
    assert_int_equal(site_pace_window(&pace, 20), 6);
    for (int i = 0; i < 1000; i++)
        site_pace_well(&pace, site_pace_window(&pace, 20), 20);
    assert_int_equal(site_pace_window(&pace, 20), 20);
    site_pace_start(&pace);
    for (int i = 0; i < 1000; i++)
        site_pace_well(&pace, 1, 20);
    assert_int_equal(site_pace_window(&pace, 20), PACE_START);
}

static void one_failure_of_many_is_noise(void **state)
{
    struct site_pace pace = { 0 };

    (void)state;
    site_pace_start(&pace);
    for (int i = 0; i < 100; i++) {
        site_pace_badly(&pace);
        for (int j = 0; j < 4; j++)
            site_pace_well(&pace, 1, 20);
    }
    assert_int_equal(site_pace_window(&pace, 20), PACE_START);
}

static void many_failures_leave_one_connection(void **state)
{
    struct site_pace pace = { 0 };

    (void)state;
    site_pace_start(&pace);
    for (int i = 0; i < 5; i++)
        site_pace_badly(&pace);
    assert_int_equal(site_pace_window(&pace, 20), 4);
    for (int i = 0; i < 100; i++)
        site_pace_badly(&pace);
    assert_int_equal(site_pace_window(&pace, 20), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_allowance_holds_over_time),
        cmocka_unit_test(what_was_not_used_is_no_licence_for_a_burst),
        cmocka_unit_test(without_a_limit_nobody_waits),
        cmocka_unit_test(the_window_grows_while_all_of_it_is_used),
        cmocka_unit_test(one_failure_of_many_is_noise),
        cmocka_unit_test(many_failures_leave_one_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
