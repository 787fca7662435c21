/*
 * The words of RFC 3461, and what only looks like them.
 */
#include "protocol/smtp/dsn.h"

#include "tests/support/cmocka.h"

static void what_a_sender_wants_to_hear_is_read(void **state)
{
    unsigned notify = 0;
    enum smtp_return returns;

    (void)state;
    assert_true(smtp_notify_read(SPAN("never"), &notify));
    assert_int_equal(notify, SMTP_NOTIFY_NEVER);
    assert_true(smtp_notify_read(SPAN("SUCCESS,Failure,DELAY"), &notify));
    assert_int_equal(notify, SMTP_NOTIFY_SUCCESS | SMTP_NOTIFY_FAILURE | SMTP_NOTIFY_DELAY);
    assert_true(smtp_return_read(SPAN("full"), &returns));
    assert_int_equal(returns, SMTP_RETURN_WHOLE);
    assert_true(smtp_return_read(SPAN("HDRS"), &returns));
    assert_int_equal(returns, SMTP_RETURN_HEADERS);
    assert_true(smtp_orcpt_is_valid(SPAN("rfc822;bob+2Bx@example.net")));
}

static void anything_else_is_refused(void **state)
{
    static const char *const notifies[] = { "",         "NEVER,SUCCESS", "SUCCESS,",
                                            ",FAILURE", "OFTEN",         "FAILURE DELAY" };
    static const char *const orcpts[] = { "",        "bob@example.net",     "rfc822;",
                                          ";a@b.cc", "rfc 822;a@b.cc",      "rfc822;a+b@c",
                                          "rfc822",  "rfc822;a=b@c.example" };
    unsigned notify;
    enum smtp_return returns;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(notifies); i++)
        assert_false(smtp_notify_read(span_of(notifies[i]), &notify));
    for (size_t i = 0; i < ARRAY_LENGTH(orcpts); i++)
        assert_false(smtp_orcpt_is_valid(span_of(orcpts[i])));
    assert_false(smtp_return_read(SPAN("HEADERS"), &returns));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_sender_wants_to_hear_is_read),
        cmocka_unit_test(anything_else_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
