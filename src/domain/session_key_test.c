#include "domain/session_key.h"

#include "base/span.h"
#include "tests/support/cmocka.h"

static const struct session_key plain = { .hosts = "mx1.example,mx2.example",
                                          .source_v4 = { 4, { 192, 0, 2, 1 } },
                                          .identity = "" };

static void a_session_serves_what_it_was_made_for(void **state)
{
    char hosts[] = "mx1.example,mx2.example";
    struct session_key same = plain;

    (void)state;
    same.hosts = hosts;
    assert_true(session_key_serves(&plain, &plain));
    assert_true(session_key_serves(&plain, &same));
}

static void anything_else_keeps_them_apart(void **state)
{
    struct session_key others[] = { plain, plain, plain, plain, plain };

    (void)state;
    others[0].hosts = "mx1.example";
    others[1].source_v4 = (struct ip){ 4, { 192, 0, 2, 2 } };
    others[2].source_v4 = (struct ip){ 0 };
    others[3].source_v6 = (struct ip){ 6, { 0x20, 0x01 } };
    others[4].identity = "postroom@example.org";
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
        assert_false(session_key_serves(&plain, &others[i]));
        assert_false(session_key_serves(&others[i], &plain));
    }
}

static void more_tls_serves_those_who_ask_for_less_alone(void **state)
{
    struct session_key verified = plain;

    (void)state;
    verified.tls = SESSION_TLS_VERIFIED;
    assert_true(session_key_serves(&verified, &plain));
    assert_false(session_key_serves(&plain, &verified));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_serves_what_it_was_made_for),
        cmocka_unit_test(anything_else_keeps_them_apart),
        cmocka_unit_test(more_tls_serves_those_who_ask_for_less_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
