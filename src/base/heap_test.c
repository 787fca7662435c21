#include "base/heap.h"

#include "base/random.h"
#include "tests/support/cmocka.h"

enum { NODES = 300 };

struct thing {
    struct heap_node node;
    uint64_t came; /* the order of its last heap_put */
    bool in;
};

/* The one that must leave first, found the slow way. */
static struct thing *first_of(struct thing *things)
{
    struct thing *first = NULL;

    for (size_t i = 0; i < NODES; i++) {
        struct thing *t = &things[i];

        if (t->in && (first == NULL || t->node.key < first->node.key ||
                      (t->node.key == first->node.key && t->came < first->came)))
            first = t;
    }
    return first;
}

/* Puts, moves and removals by chance: the heap always gives what a search would. */
static void the_first_is_the_smallest_and_of_equals_the_oldest(void **state)
{
    static struct thing things[NODES];
    struct random chance;
    struct heap h;

    (void)state;
    random_seed(&chance, 7);
    heap_init(&h);
    for (uint64_t step = 0; step < 5000; step++) {
        struct thing *t = &things[random_below(&chance, NODES)];

        if (random_below(&chance, 3) == 0) {
            heap_remove(&h, &t->node);
            t->in = false;
        } else {
            heap_put(&h, &t->node, (int64_t)random_below(&chance, 40) - 20);
            t->came = step;
            t->in = true;
        }
        assert_int_equal(heap_contains(&t->node), t->in);
        t = first_of(things);
        assert_ptr_equal(heap_first(&h), t == NULL ? NULL : &t->node);
    }
    heap_fini(&h);
}

static void the_heap_empties_in_order(void **state)
{
    static const int64_t keys[] = { 5, INT64_MAX, -3, 5, INT64_MIN, 0, 5 };
    static const size_t leaves[] = { 4, 2, 5, 0, 3, 6, 1 };
    struct heap_node nodes[ARRAY_LENGTH(keys)] = { 0 };
    struct heap h;

    (void)state;
    heap_init(&h);
    assert_null(heap_first(&h));
    heap_remove(&h, &nodes[0]);
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
        heap_put(&h, &nodes[i], keys[i]);
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        assert_ptr_equal(heap_first(&h), &nodes[leaves[i]]);
        heap_remove(&h, &nodes[leaves[i]]);
    }
    assert_null(heap_first(&h));
    heap_fini(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_is_the_smallest_and_of_equals_the_oldest),
        cmocka_unit_test(the_heap_empties_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
