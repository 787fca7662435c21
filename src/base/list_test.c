#include "base/list.h"

#include "tests/support/cmocka.h"

struct item {
    int number;
    struct list link;
};

static void item_init(struct item *item, int number)
{
    item->number = number;
    list_init(&item->link);
}

static int number_of(struct list *link)
{
    return CONTAINER_OF(link, struct item, link)->number;
}

/* The numbers of a list, forwards, as digits. */
static int digits(struct list *head)
{
    int digits = 0;

    LIST_EACH (head, link)
        digits = digits * 10 + number_of(link);
    return digits;
}

static void elements_stand_where_they_were_put(void **state)
{
    struct item items[4];
    struct list head;

    (void)state;
    list_init(&head);
    assert_true(list_empty(&head));
    assert_null(list_first(&head));
    for (int i = 0; i < 4; i++)
        item_init(&items[i], i + 1);
    list_append(&head, &items[0].link);
    list_append(&head, &items[1].link);
    list_prepend(&head, &items[2].link);
    assert_int_equal(digits(&head), 312);
    assert_int_equal(number_of(list_first(&head)), 3);
    list_remove(&items[0].link);
    assert_int_equal(digits(&head), 32);
    assert_true(list_empty(&items[0].link));
    list_remove(&items[0].link); /* not in a list: nothing happens */
    list_append(&head, &items[0].link);
    assert_int_equal(digits(&head), 321);
    list_remove(&items[0].link);
    list_append(&head, &items[3].link);
    assert_int_equal(digits(&head), 324);
}

static void a_walk_bears_the_removal_of_where_it_is(void **state)
{
    struct item items[5];
    struct list head;
    struct list other;
    int seen = 0;

    (void)state;
    list_init(&head);
    list_init(&other);
    for (int i = 0; i < 5; i++) {
        item_init(&items[i], i + 1);
        list_append(&head, &items[i].link);
    }
    LIST_EACH (&head, link) {
        seen = seen * 10 + number_of(link);
        if (number_of(link) % 2 == 1) {
            list_remove(link);
            list_prepend(&other, link);
        }
    }
    assert_int_equal(seen, 12345);
    assert_int_equal(digits(&head), 24);
    assert_int_equal(digits(&other), 531);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_stand_where_they_were_put),
        cmocka_unit_test(a_walk_bears_the_removal_of_where_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
