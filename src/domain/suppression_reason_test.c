#include "domain/suppression_reason.h"

#include "tests/support/cmocka.h"

static void the_recipient_outweighs_the_operator_and_both_a_machine(void **state)
{
    static const struct {
        const char *reason;
        enum suppression_weight weight;
    } cases[] = {
        { "unsubscribed", SUPPRESSION_ASKED }, { "complaint", SUPPRESSION_ASKED },
        { "Complaint", SUPPRESSION_ASKED },    { "objection", SUPPRESSION_ASKED },
        { "manual", SUPPRESSION_DECIDED },     { "left the company", SUPPRESSION_DECIDED },
        { "", SUPPRESSION_DECIDED },           { "unsubscribed?", SUPPRESSION_DECIDED },
        { "unknown user", SUPPRESSION_FOUND }, { "bounced", SUPPRESSION_FOUND },
    };

    (void)state;
    assert_true(SUPPRESSION_ASKED > SUPPRESSION_DECIDED);
    assert_true(SUPPRESSION_DECIDED > SUPPRESSION_FOUND);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        assert_int_equal(suppression_weigh(span_of(cases[i].reason)), cases[i].weight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_recipient_outweighs_the_operator_and_both_a_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
