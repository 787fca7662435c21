#include "domain/scope.h"

#include "tests/support/cmocka.h"

/* A topic that is reached by two ways stands as near as the shorter one. */
static void a_topic_stands_once_and_as_near_as_can_be(void **state)
{
    static struct scope_list list;
    struct error err;

    (void)state;
    list.n = 0;
    assert_null(scope_list_find(&list, 7));
    assert_true(scope_list_add(&list, 7, 3, &err));
    assert_true(scope_list_add(&list, 7, 5, &err));
    assert_int_equal(scope_list_find(&list, 7)->distance, 3);
    assert_true(scope_list_add(&list, 7, 1, &err));
    assert_int_equal(scope_list_find(&list, 7)->distance, 1);
    assert_int_equal(list.n, 1);
}

static void the_nearest_come_first_and_of_equals_the_oldest(void **state)
{
    static const struct scope in[] = { { 9, 2 }, { 4, 1 }, { 8, 0 }, { 3, 2 }, { 5, 1 } };
    static const int64_t sorted[] = { 8, 4, 5, 3, 9 };
    static struct scope_list list;
    struct error err;

    (void)state;
    list.n = 0;
    scope_list_sort(&list);
    for (size_t i = 0; i < ARRAY_LENGTH(in); i++)
        assert_true(scope_list_add(&list, in[i].topic, in[i].distance, &err));
    scope_list_sort(&list);
    for (size_t i = 0; i < ARRAY_LENGTH(sorted); i++)
        assert_int_equal(list.at[i].topic, sorted[i]);
}

static void a_full_list_still_brings_nearer(void **state)
{
    static struct scope_list list;
    struct error err;

    (void)state;
    list.n = 0;
    for (int64_t topic = 1; topic <= SCOPES_LIMIT; topic++)
        assert_true(scope_list_add(&list, topic, 2, &err));
    assert_false(scope_list_add(&list, SCOPES_LIMIT + 1, 0, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_true(scope_list_add(&list, SCOPES_LIMIT, 1, &err));
    assert_int_equal(scope_list_find(&list, SCOPES_LIMIT)->distance, 1);
    assert_null(scope_list_find(&list, SCOPES_LIMIT + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_topic_stands_once_and_as_near_as_can_be),
        cmocka_unit_test(the_nearest_come_first_and_of_equals_the_oldest),
        cmocka_unit_test(a_full_list_still_brings_nearer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
