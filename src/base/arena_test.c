#include "base/arena.h"

#include <stddef.h>
#include <string.h>

#include "tests/support/cmocka.h"

static bool is_zeroed(const char *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (at[i] != 0)
            return false;
    return true;
}

static void what_is_taken_is_zeroed_aligned_and_apart(void **state)
{
    static const size_t sizes[] = { 1, 3, 8, 0, 17, 4000, 8192, 100000, 1 };
    CLEANUP(arena_fini) struct arena a;
    char *taken[ARRAY_LENGTH(sizes)];

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
        taken[i] = arena_take(&a, sizes[i]);
        assert_int_equal((uintptr_t)taken[i] % _Alignof(max_align_t), 0);
        assert_true(is_zeroed(taken[i], sizes[i]));
        memset(taken[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++)
        for (size_t n = 0; n < sizes[i]; n++)
            assert_int_equal(taken[i][n], i + 1);
}

/* The next unit of work must not see the last one's secrets. */
static void a_reset_arena_gives_zeroed_bytes_again(void **state)
{
    CLEANUP(arena_fini) struct arena a;
    char *taken;

    (void)state;
    arena_init(&a);
    arena_reset(&a);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 5; i++) {
            taken = arena_take(&a, 3000);
            assert_true(is_zeroed(taken, 3000));
            memset(taken, 'x', 3000);
        }
        arena_reset(&a);
    }
}

static void texts_are_copied_and_ended(void **state)
{
    CLEANUP(arena_fini) struct arena a;
    char given[] = "abcdef";
    struct span copy;
    const char *text;

    (void)state;
    arena_init(&a);
    copy = arena_copy(&a, (struct span){ given, 3 });
    text = arena_text(&a, (struct span){ given + 3, 2 });
    memset(given, 'x', sizeof given);
    assert_true(span_equal(copy, SPAN("abc")));
    assert_int_equal(copy.at[3], '\0');
    assert_string_equal(text, "de");
    assert_string_equal(arena_text(&a, (struct span){ NULL, 0 }), "");
    assert_string_equal(arena_printf(&a, "%s-%05d", "n", 42), "n-00042");
    assert_int_equal(strlen(arena_printf(&a, "%20000d", 1)), 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_taken_is_zeroed_aligned_and_apart),
        cmocka_unit_test(a_reset_arena_gives_zeroed_bytes_again),
        cmocka_unit_test(texts_are_copied_and_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
