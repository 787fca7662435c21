#include "base/table.h"

#include "tests/support/cmocka.h"

struct number {
    struct table_node node;
    int key;
};

enum { MANY = 1000 };

static uint64_t hash_of(int key)
{
    return table_hash((struct span){ (const char *)&key, sizeof key });
}

static bool is_same(const struct table_node *node, const void *key)
{
    return CONTAINER_OF(node, struct number, node)->key == *(const int *)key;
}

static struct number *find(const struct table *t, int key)
{
    struct table_node *node = table_find(t, hash_of(key), is_same, &key);

    return node != NULL ? CONTAINER_OF(node, struct number, node) : NULL;
}

static void what_was_put_is_found_until_removed(void **state)
{
    CLEANUP(table_fini) struct table t;
    static struct number numbers[MANY];

    (void)state;
    table_init(&t);
    assert_null(find(&t, 0));
    for (int i = 0; i < MANY; i++) {
        numbers[i].key = i;
        table_put(&t, &numbers[i].node, hash_of(i));
    }
    for (int i = 0; i < MANY; i += 2)
        table_remove(&t, &numbers[i].node);
    for (int i = 0; i < MANY; i++)
        assert_ptr_equal(find(&t, i), i % 2 == 0 ? NULL : &numbers[i]);
    assert_int_equal(t.n, MANY / 2);
    table_clear(&t);
    assert_null(find(&t, 1));
}

static void equal_hashes_are_told_apart(void **state)
{
    CLEANUP(table_fini) struct table t;
    struct number one = { .key = 1 };
    struct number two = { .key = 2 };
    int key = 1;

    (void)state;
    table_init(&t);
    table_put(&t, &one.node, 7);
    table_put(&t, &two.node, 7);
    assert_ptr_equal(table_find(&t, 7, is_same, &key), &one.node);
    table_remove(&t, &one.node);
    assert_null(table_find(&t, 7, is_same, &key));
}

static void a_key_in_parts_hashes_as_a_whole(void **state)
{
    (void)state;
    assert_int_equal(table_hash_more(table_hash(SPAN("ab")), SPAN("c")), table_hash(SPAN("abc")));
    assert_int_not_equal(table_hash(SPAN("abc")), table_hash(SPAN("acb")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_found_until_removed),
        cmocka_unit_test(equal_hashes_are_told_apart),
        cmocka_unit_test(a_key_in_parts_hashes_as_a_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
