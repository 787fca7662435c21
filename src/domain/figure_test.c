#include "domain/figure.h"

#include <string.h>

#include "tests/support/cmocka.h"

static void every_figure_has_a_name_and_says_what_it_is(void **state)
{
    (void)state;
    for (int i = 0; i < FIGURES; i++) {
        const struct figure_entry *entry = figure_entry((enum figure)i);

        assert_non_null(entry->name);
        assert_true(strncmp(entry->name, "postroom_", 9) == 0);
        assert_true(strlen(entry->help) > 10);
        assert_true(entry->per > 0);
        if (entry->kind == FIGURE_COUNTER)
            assert_string_equal(entry->name + strlen(entry->name) - 6, "_total");
    }
}

static void no_two_figures_share_a_name_and_label(void **state)
{
    (void)state;
    for (int i = 0; i < FIGURES; i++)
        for (int j = 0; j < i; j++) {
            const struct figure_entry *a = figure_entry((enum figure)i);
            const struct figure_entry *b = figure_entry((enum figure)j);

            assert_true(strcmp(a->name, b->name) != 0 || strcmp(a->label, b->label) != 0);
        }
}

static void a_commit_falls_into_the_first_bucket_that_holds_it(void **state)
{
    (void)state;
    assert_int_equal(figure_of_commit(0), FIGURE_COMMIT_1MS);
    assert_int_equal(figure_of_commit(1000), FIGURE_COMMIT_1MS);
    assert_int_equal(figure_of_commit(1001), FIGURE_COMMIT_2MS);
    assert_int_equal(figure_of_commit(5000000), FIGURE_COMMIT_5S);
    assert_int_equal(figure_of_commit(5000001), FIGURE_COMMIT_LONGER);
}

static void pages_of_all_threads_are_summed(void **state)
{
    static struct figure_page one;
    static struct figure_page other;
    struct figure_sums sums = { { 0 } };

    (void)state;
    figure_add(&one, FIGURE_DELIVERED, 2);
    figure_add(&one, FIGURE_DELIVERED, 1);
    figure_add(&other, FIGURE_DELIVERED, 4);
    figure_set(&other, FIGURE_SITES, 9);
    figure_sums_add(&sums, &one);
    figure_sums_add(&sums, &other);
    assert_int_equal(sums.at[FIGURE_DELIVERED], 7);
    assert_int_equal(sums.at[FIGURE_SITES], 9);
}

static void a_try_is_counted_by_what_it_came_to_and_where_it_ended(void **state)
{
    static struct figure_page page;
    static const struct outcome taken = { .class = OUTCOME_DELIVERED, .stage = "dot" };
    static const struct outcome no_tls = { .class = OUTCOME_RETRY, .stage = "handshake" };
    static const struct outcome odd = { .class = OUTCOME_FAILED, .stage = "quit" };

    (void)state;
    figure_add_outcome(&page, &taken);
    figure_add_outcome(&page, &no_tls);
    figure_add_outcome(&page, &odd);
    assert_int_equal(shared_number_read(&page.at[FIGURE_DELIVERED]), 1);
    assert_int_equal(shared_number_read(&page.at[FIGURE_ENDED_DOT]), 0);
    assert_int_equal(shared_number_read(&page.at[FIGURE_DEFERRED]), 1);
    assert_int_equal(shared_number_read(&page.at[FIGURE_ENDED_TLS]), 1);
    assert_int_equal(shared_number_read(&page.at[FIGURE_FAILED]), 1);
    assert_int_equal(shared_number_read(&page.at[FIGURE_ENDED_OTHER]), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_figure_has_a_name_and_says_what_it_is),
        cmocka_unit_test(no_two_figures_share_a_name_and_label),
        cmocka_unit_test(a_commit_falls_into_the_first_bucket_that_holds_it),
        cmocka_unit_test(pages_of_all_threads_are_summed),
        cmocka_unit_test(a_try_is_counted_by_what_it_came_to_and_where_it_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
