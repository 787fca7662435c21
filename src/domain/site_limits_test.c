#include "domain/site_limits.h"

#include "tests/support/cmocka.h"

enum { START = 1000000, PERIOD = 1800000 };

static int64_t holds(const struct limit_set *learned, enum site_limit_kind kind, int64_t at)
{
    const struct site_limits limits = { .by = { [LIMIT_LEARNED] = learned } };

    return site_limits_binding(&limits, kind, at).value;
}

static struct limit_set learned(enum site_limit_kind kind, int64_t value)
{
    struct limit_set set = { 0 };

    limit_set_put(&set, kind, value, START, START + PERIOD);
    return set;
}

static void the_first_origin_that_says_anything_holds(void **state)
{
    struct limit_set by_operator = { 0 };
    struct limit_set shipped = learned(LIMIT_MAILS, 100);
    const struct site_limits limits = {
        .by = { [LIMIT_OF_OPERATOR] = &by_operator, [LIMIT_SHIPPED] = &shipped }
    };

    (void)state;
    assert_int_equal(site_limits_binding(&limits, LIMIT_MAILS, START).value, 100);
    assert_int_equal(site_limits_binding(&limits, LIMIT_MAILS, START).origin, LIMIT_SHIPPED);
    limit_set_put(&by_operator, LIMIT_MAILS, 500, START, 0);
    assert_int_equal(site_limits_binding(&limits, LIMIT_MAILS, START).value, 500);
    assert_int_equal(site_limits_binding(&limits, LIMIT_MAILS, START).origin, LIMIT_OF_OPERATOR);
}

static void what_was_learned_goes_up_by_steps(void **state)
{
    struct limit_set set = learned(LIMIT_MAILS, 10);

    (void)state;
    assert_false(limit_set_raise(&set, LIMIT_MAILS, 0, START + PERIOD - 1));
    assert_true(limit_set_raise(&set, LIMIT_MAILS, 0, START + PERIOD));
    assert_int_equal(holds(&set, LIMIT_MAILS, START + PERIOD), 20);
    assert_false(limit_set_raise(&set, LIMIT_MAILS, 0, START + PERIOD));
    assert_true(limit_set_raise(&set, LIMIT_MAILS, 0, START + 2 * PERIOD));
    assert_int_equal(holds(&set, LIMIT_MAILS, START + 2 * PERIOD), 40);
}

static void a_long_rest_is_as_many_steps(void **state)
{
    struct limit_set set = learned(LIMIT_MAILS, 10);

    (void)state;
    assert_true(limit_set_raise(&set, LIMIT_MAILS, 0, START + 3 * PERIOD));
    assert_int_equal(holds(&set, LIMIT_MAILS, START + 3 * PERIOD), 80);
    assert_false(limit_set_raise(&set, LIMIT_MAILS, 0, START + 1000 * (int64_t)PERIOD));
    assert_int_equal(holds(&set, LIMIT_MAILS, START + 1000 * (int64_t)PERIOD), 0);
}

static void steps_end_where_another_limit_holds(void **state)
{
    struct limit_set set = learned(LIMIT_CONNECTIONS, 3);

    (void)state;
    assert_true(limit_set_raise(&set, LIMIT_CONNECTIONS, 5, START + PERIOD));
    assert_int_equal(holds(&set, LIMIT_CONNECTIONS, START + PERIOD), 4);
    assert_false(limit_set_raise(&set, LIMIT_CONNECTIONS, 5, START + 2 * PERIOD));
    assert_int_equal(holds(&set, LIMIT_CONNECTIONS, START + 2 * PERIOD), 0);
}

static void what_holds_for_good_is_never_raised(void **state)
{
    struct limit_set set = { 0 };

    (void)state;
    limit_set_put(&set, LIMIT_MAILS, 10, START, 0);
    assert_false(limit_set_raise(&set, LIMIT_MAILS, 0, START + 1000 * (int64_t)PERIOD));
    assert_int_equal(holds(&set, LIMIT_MAILS, START), 10);
    assert_false(limit_set_raise(&set, LIMIT_CONNECTIONS, 0, START)); /* says nothing */
}

static void a_step_that_is_refused_is_taken_back_for_longer(void **state)
{
    struct limit_set set = learned(LIMIT_MAILS, 40);
    int64_t refused = START + PERIOD + 60000;

    (void)state;
    assert_true(limit_set_raise(&set, LIMIT_MAILS, 0, START + PERIOD));
    limit_set_lower(&set, LIMIT_MAILS, 10, refused, PERIOD);
    assert_int_equal(holds(&set, LIMIT_MAILS, refused + 2 * PERIOD - 1), 40);
    assert_int_equal(holds(&set, LIMIT_MAILS, refused + 2 * PERIOD), 0);
    limit_set_lower(&set, LIMIT_MAILS, 10, refused + 1, PERIOD); /* and once more: as asked */
    assert_int_equal(holds(&set, LIMIT_MAILS, refused + PERIOD), 20);
    assert_int_equal(holds(&set, LIMIT_MAILS, refused + 1 + PERIOD), 0);
}

static void nothing_goes_below_what_was_asked_for(void **state)
{
    struct limit_set set = learned(LIMIT_MAILS, 15);

    (void)state;
    limit_set_lower(&set, LIMIT_MAILS, 10, START, PERIOD);
    assert_int_equal(holds(&set, LIMIT_MAILS, START), 10);
    limit_set_lower(&set, LIMIT_MAILS, 20, START, PERIOD);
    assert_int_equal(holds(&set, LIMIT_MAILS, START), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_origin_that_says_anything_holds),
        cmocka_unit_test(what_was_learned_goes_up_by_steps),
        cmocka_unit_test(a_long_rest_is_as_many_steps),
        cmocka_unit_test(steps_end_where_another_limit_holds),
        cmocka_unit_test(what_holds_for_good_is_never_raised),
        cmocka_unit_test(a_step_that_is_refused_is_taken_back_for_longer),
        cmocka_unit_test(nothing_goes_below_what_was_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
