#include "domain/refusal.h"

#include "tests/support/cmocka.h"

static void each_kind_has_a_name_by_which_it_is_found(void **state)
{
    enum refusal_kind found;

    (void)state;
    for (enum refusal_kind kind = REFUSAL_NONE; kind < REFUSAL_KINDS; kind++) {
        assert_true(refusal_kind_find(span_of(refusal_kind_name(kind)), &found));
        assert_int_equal(found, kind);
    }
    assert_false(refusal_kind_find(SPAN("weather"), &found));
}

static void only_a_refusal_for_good_about_the_address_is_hard(void **state)
{
    (void)state;
    for (enum refusal_kind kind = REFUSAL_NONE; kind < REFUSAL_KINDS; kind++) {
        bool is_about_address = kind == REFUSAL_UNKNOWN_USER || kind == REFUSAL_MAILBOX_DISABLED ||
                                kind == REFUSAL_BAD_ADDRESS;

        assert_int_equal(refusal_judge(2, kind), REFUSAL_IS_OK);
        assert_int_not_equal(refusal_judge(4, kind), REFUSAL_IS_HARD);
        assert_int_equal(refusal_judge(5, kind) == REFUSAL_IS_HARD, is_about_address);
        assert_false(refusal_passes(kind) && refusal_judge(5, kind) != REFUSAL_IS_SOFT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_a_name_by_which_it_is_found),
        cmocka_unit_test(only_a_refusal_for_good_about_the_address_is_hard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
