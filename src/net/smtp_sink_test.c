/*
 * What the sink does to a session: its greylist, its rules, its limits.
 */
#include "net/smtp_sink.h"

#include "tests/support/cmocka.h"
#include "tests/support/session_scene.h"

static void the_greylist_opens_at_the_second_attempt(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    s.sink_options.greylist_attempts = 1;
    add_mail(&s, "a@x.example");
    add_mail(&s, "a@x.example");
    add_mail(&s, "b@x.example");
    open_sink(&s);
    run_session(&s);
    assert_verdict(&s, 0, SMTP_VERDICT_RETRY);
    assert_int_equal(s.results[0].reply.status.subject, 7);
    assert_verdict(&s, 1, SMTP_VERDICT_DELIVERED);
    assert_verdict(&s, 2, SMTP_VERDICT_RETRY);
    scene_fini(&s);
}

static void rules_refuse_by_pattern(void **state)
{
    static const struct smtp_sink_rule rules[] = {
        { SMTP_ASK_RCPT, { "NOBODY*@x.*", 11 }, 550, { 5, 1, 1 }, "No such user" },
        { SMTP_ASK_CONTENT, { "spam@*", 6 }, 554, { 5, 7, 1 }, "Spam" },
    };
    struct scene s;

    (void)state;
    scene_init(&s);
    s.sink_options.rules = rules;
    s.sink_options.rule_count = ARRAY_LENGTH(rules);
    add_mail(&s, "nobody.here@x.example");
    add_mail(&s, "spam@x.example");
    add_mail(&s, "somebody@x.example");
    open_sink(&s);
    run_session(&s);
    assert_int_equal(s.results[0].reply.code, 550);
    assert_int_equal(s.results[1].reply.code, 554);
    assert_verdict(&s, 2, SMTP_VERDICT_DELIVERED);
    assert_int_equal(smtp_sink_counts(s.sink)->refused, 2);
    scene_fini(&s);
}

static void delays_and_rates_only_slow_down(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    s.sink_options.delay_ms = 1;
    s.sink_options.rate = 500;
    add_mail(&s, "a@x.example");
    add_mail(&s, "b@x.example");
    add_mail(&s, "c@x.example");
    open_sink(&s);
    run_session(&s);
    for (size_t i = 0; i < 3; i++)
        assert_verdict(&s, i, SMTP_VERDICT_DELIVERED);
    assert_int_equal(smtp_sink_counts(s.sink)->violations, 0);
    scene_fini(&s);
}

static void a_limit_of_messages_ends_the_session_by_421(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    s.sink_options.messages_max = 1;
    add_mail(&s, "a@x.example");
    add_mail(&s, "b@x.example");
    open_sink(&s);
    run_session(&s);
    assert_verdict(&s, 0, SMTP_VERDICT_DELIVERED);
    assert_int_equal(s.results[1].reply.code, 421);
    assert_int_equal(s.ending.reply.code, 421);
    scene_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_greylist_opens_at_the_second_attempt),
        cmocka_unit_test(rules_refuse_by_pattern),
        cmocka_unit_test(delays_and_rates_only_slow_down),
        cmocka_unit_test(a_limit_of_messages_ends_the_session_by_421),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
