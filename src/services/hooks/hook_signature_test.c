/*
 * The example of Standard Webhooks' own reference, and that secrets differ.
 */
#include "services/hooks/hook_signature.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/cmocka.h"

static void a_call_is_signed_as_the_standards_example_has_it(void **state)
{
    struct hook_fields fields = { .at = { NULL } };
    struct error err;

    (void)state;
    assert_true(hook_sign(SPAN("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                          "msg_p5jXN8AQM9LWM0D4loKWxJek", INT64_C(1614265330000),
                          SPAN("{\"test\": 2432232314}"), &fields, &err));
    assert_string_equal(fields.at[1], "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek");
    assert_string_equal(fields.at[2], "webhook-timestamp: 1614265330");
    assert_string_equal(fields.at[3],
                        "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert_null(fields.at[4]);
}

static void two_secrets_sign_side_by_side(void **state)
{
    const char *one = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    struct hook_fields fields = { .at = { NULL } };
    struct error err;
    char both[HOOK_FIELD_ROOM];

    (void)state;
    (void)snprintf(both, sizeof both, "whsec_AAAA %s", one);
    assert_true(hook_sign(span_of(both), "msg_p5jXN8AQM9LWM0D4loKWxJek", INT64_C(1614265330000),
                          SPAN("{\"test\": 2432232314}"), &fields, &err));
    assert_non_null(strstr(fields.at[3], "webhook-signature: v1,"));
    assert_non_null(strstr(fields.at[3], " v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    assert_false(hook_sign(SPAN("whsec_AAAA broken"), "msg", 0, SPAN("{}"), &fields, &err));
}

static void a_broken_secret_signs_nothing(void **state)
{
    static const char *const broken[] = { "", "whsec_???", "MfKQ9r8GKYqrTwjUPD8ILPZ" };
    struct hook_fields fields = { .at = { NULL } };
    struct error err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(broken); i++)
        assert_false(hook_sign(span_of(broken[i]), "msg", 0, SPAN("{}"), &fields, &err));
}

static void no_secret_is_made_twice(void **state)
{
    char one[HOOK_SECRET_ROOM];
    char two[HOOK_SECRET_ROOM];

    (void)state;
    hook_secret_make(one);
    hook_secret_make(two);
    assert_int_equal(strlen(one), strlen("whsec_") + 44);
    assert_string_not_equal(one, two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_signed_as_the_standards_example_has_it),
        cmocka_unit_test(two_secrets_sign_side_by_side),
        cmocka_unit_test(a_broken_secret_signs_nothing),
        cmocka_unit_test(no_secret_is_made_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
