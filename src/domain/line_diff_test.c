#include "domain/line_diff.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/support/cmocka.h"

/* One line each: "-gone", "+new", " same", "~" for a gap, "...3" for what is left out. */
static void write_diff(struct buf *to, const struct line_diff *diff)
{
    static const char marks[] = {
        [LINE_STAYED] = ' ', [LINE_WENT] = '-', [LINE_CAME] = '+', [LINE_GAP] = '~'
    };

    for (size_t i = 0; i < diff->count; i++)
        buf_printf(to, "%c%.*s\n", marks[diff->lines[i].mark], SPAN_ARGS(diff->lines[i].text));
    if (diff->more > 0)
        buf_printf(to, "...%zu\n", diff->more);
}

static void lines_that_went_and_came_stand_among_those_that_stayed(void **state)
{
    static const struct {
        const char *old;
        const char *new;
        const char *diff;
    } cases[] = {
        { "", "", "" },
        { "a\n", "a", "" },
        { "a\r\nb\r\n", "a\nb\n", "" },
        { "", "a\nb\n", "+a\n+b\n" },
        { "a\nb", "", "-a\n-b\n" },
        { "a\nb\nc\n", "a\nx\nc\n", " a\n-b\n+x\n c\n" },
        { "a\nb\nc\n", "a\nc\n", " a\n-b\n c\n" },
        { "a\nc\n", "a\nb\nc\n", " a\n+b\n c\n" },
        { "1\n2\n3\n4\n5\nx\n", "1\n2\n3\n4\n5\ny\n", " 4\n 5\n-x\n+y\n" },
        { "x\n1\n2\n3\n4\n5\n", "y\n1\n2\n3\n4\n5\n", "-x\n+y\n 1\n 2\n" },
        { "a\n1\n2\n3\n4\n5\nb\n", "A\n1\n2\n3\n4\n5\nB\n", "-a\n+A\n 1\n 2\n~\n 4\n 5\n-b\n+B\n" },
        { "a\n1\n2\n3\n4\nb\n", "A\n1\n2\n3\n4\nB\n", "-a\n+A\n 1\n 2\n 3\n 4\n-b\n+B\n" },
        { "a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n", "-a\n-b\n c\n+b\n a\n b\n-b\n a\n+c\n" },
        { "same\n\nsame\n", "same\nsame\n", " same\n-\n same\n" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(arena_fini) struct arena arena;
        CLEANUP(buf_fini) struct buf out;
        struct line_diff diff;

        arena_init(&arena);
        buf_init(&out, 10000);
        line_diff_make(span_of(cases[i].old), span_of(cases[i].new), 100, &arena, &diff);
        write_diff(&out, &diff);
        assert_string_equal(buf_text(&out), cases[i].diff);
    }
}

static void what_is_too_much_is_counted(void **state)
{
    CLEANUP(arena_fini) struct arena arena;
    CLEANUP(buf_fini) struct buf out;
    struct line_diff diff;

    (void)state;
    arena_init(&arena);
    buf_init(&out, 10000);
    line_diff_make(SPAN("a\nb\nc\nd\n"), SPAN("e\nf\n"), 3, &arena, &diff);
    write_diff(&out, &diff);
    assert_string_equal(buf_text(&out), "-a\n-b\n-c\n...3\n");
}

/* Texts that have nothing in common are not searched to the end. */
static void very_different_texts_are_one_change(void **state)
{
    CLEANUP(arena_fini) struct arena arena;
    CLEANUP(buf_fini) struct buf old;
    CLEANUP(buf_fini) struct buf new;
    struct line_diff diff;

    (void)state;
    arena_init(&arena);
    buf_init(&old, 1000000);
    buf_init(&new, 1000000);
    for (int i = 0; i < 2 * LINE_DIFF_LINES_MOST; i++) {
        buf_printf(&old, "old %d\n", i);
        buf_printf(&new, "new %d\n", i);
    }
    line_diff_make(buf_view(&old), buf_view(&new), 10, &arena, &diff);
    assert_int_equal(diff.count, 10);
    assert_int_equal(diff.more, 2 * LINE_DIFF_LINES_MOST - 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_that_went_and_came_stand_among_those_that_stayed),
        cmocka_unit_test(what_is_too_much_is_counted),
        cmocka_unit_test(very_different_texts_are_one_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
