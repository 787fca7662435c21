#include "domain/site_limits.h"

#include "domain/provider_table.h"
#include "tests/support/cmocka.h"

static const struct limit_set setting = { .of[LIMIT_CONNECTIONS].value = 20,
                                          .of[LIMIT_CONNECTION_MAILS].value = 100 };

static void the_setting_holds_when_nobody_says_otherwise(void **state)
{
    const struct site_limits limits = { .by[LIMIT_OF_SETTING] = &setting };
    struct site_limit limit = site_limits_binding(&limits, LIMIT_CONNECTIONS, 5);

    (void)state;
    assert_int_equal(limit.value, 20);
    assert_int_equal(limit.origin, LIMIT_OF_SETTING);
    assert_int_equal(site_limits_binding(&limits, LIMIT_MAILS, 5).value, 0);
}

static void origins_have_an_order_and_each_limit_its_own(void **state)
{
    struct limit_set operator_set = { 0 };
    struct limit_set learned = { 0 };
    const struct site_limits limits = { .by[LIMIT_OF_OPERATOR] = &operator_set,
                                        .by[LIMIT_LEARNED] = &learned,
                                        .by[LIMIT_OF_SETTING] = &setting };

    (void)state;
    limit_set_put(&learned, LIMIT_CONNECTIONS, 3, 100, 0);
    limit_set_put(&learned, LIMIT_CONNECTION_MAILS, 7, 100, 0);
    limit_set_put(&operator_set, LIMIT_CONNECTIONS, 40, 200, 0);
    assert_int_equal(site_limits_binding(&limits, LIMIT_CONNECTIONS, 300).value, 40);
    assert_int_equal(site_limits_binding(&limits, LIMIT_CONNECTIONS, 300).origin,
                     LIMIT_OF_OPERATOR);
    assert_int_equal(site_limits_binding(&limits, LIMIT_CONNECTION_MAILS, 300).value, 7);
    assert_int_equal(site_limits_binding(&limits, LIMIT_CONNECTION_MAILS, 300).since, 100);
}

static void what_was_learned_for_a_time_is_forgotten_after_it(void **state)
{
    struct limit_set learned = { 0 };
    const struct site_limits limits = { .by[LIMIT_LEARNED] = &learned,
                                        .by[LIMIT_OF_SETTING] = &setting };

    (void)state;
    limit_set_put(&learned, LIMIT_CONNECTIONS, 1, 100, 200);
    assert_int_equal(site_limits_binding(&limits, LIMIT_CONNECTIONS, 199).value, 1);
    assert_int_equal(site_limits_binding(&limits, LIMIT_CONNECTIONS, 200).value, 20);
}

static void large_providers_are_known_by_their_hosts(void **state)
{
    struct provider_table table;
    const struct provider *google;

    (void)state;
    provider_table_shipped(&table);
    google = provider_table_find(&table, SPAN("gmail-smtp-in.l.google.com"));
    assert_non_null(google);
    assert_true(span_equal(google->name, SPAN("google")));
    assert_int_equal(google->limits.of[LIMIT_CONNECTIONS].value, 5);
    assert_int_equal(google->limits.of[LIMIT_CONNECTION_MAILS].value, 50);
    assert_ptr_equal(provider_table_find(&table, SPAN("aspmx5.googlemail.com")), google);
    assert_int_equal(provider_table_find(&table, SPAN("mta5.am0.yahoodns.net"))
                         ->limits.of[LIMIT_CONNECTION_MAILS]
                         .value,
                     20);
    assert_null(provider_table_find(&table, SPAN("mx.example.net")));
    assert_null(provider_table_find(&table, SPAN("notgoogle.com")));
    provider_table_fini(&table);
}

static void a_broken_table_is_refused_by_line(void **state)
{
    static const struct {
        const char *text;
        const char *error;
    } cases[] = {
        { "# fine\nx .x.example mails=0\n", "line 2: \"0\" is no value of mails" },
        { "x .x.example speed=3", "line 1: there is no limit \"speed\"" },
        { "\n\nx mails=3", "line 3: no suffix such as .example.net" },
        { "x .x.example idle_time=soon", "line 1: \"soon\" is no value of idle_time" },
    };
    struct provider_table table;
    struct error err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_false(provider_table_read(span_of(cases[i].text), &table, &err));
        assert_string_equal(err.text, cases[i].error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_setting_holds_when_nobody_says_otherwise),
        cmocka_unit_test(origins_have_an_order_and_each_limit_its_own),
        cmocka_unit_test(what_was_learned_for_a_time_is_forgotten_after_it),
        cmocka_unit_test(large_providers_are_known_by_their_hosts),
        cmocka_unit_test(a_broken_table_is_refused_by_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
