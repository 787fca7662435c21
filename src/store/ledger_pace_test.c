#include "store/ledger_pace.h"

#include "tests/support/cmocka.h"

static void note(struct ledger_pace *pace, int64_t from_ms, int64_t to_ms, int jobs_a_ms)
{
    for (int64_t ms = from_ms; ms < to_ms; ms++)
        for (int i = 0; i < jobs_a_ms; i++)
            ledger_pace_note(pace, ms);
}

static void lone_jobs_have_no_company(void **state)
{
    struct ledger_pace pace = { 0 };

    (void)state;
    assert_false(ledger_pace_is_dense(&pace, 5));
    note(&pace, 1000, 1100, 1);
    assert_false(ledger_pace_is_dense(&pace, 1100));
}

static void many_jobs_do_until_they_cease(void **state)
{
    struct ledger_pace pace = { 0 };

    (void)state;
    note(&pace, 1600, 1616, 4);
    assert_true(ledger_pace_is_dense(&pace, 1616));
    assert_true(ledger_pace_is_dense(&pace, 1631));
    assert_false(ledger_pace_is_dense(&pace, 1632));
    note(&pace, 1632, 1633, 4);
    assert_false(ledger_pace_is_dense(&pace, 1633));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lone_jobs_have_no_company),
        cmocka_unit_test(many_jobs_do_until_they_cease),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
