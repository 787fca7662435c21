/*
 * Cells: what is cut of them, and where lines break.
 */
#include "app/show_cell.h"

#include "base/cleanup.h"
#include "tests/support/cmocka.h"

static void names_lose_their_middle_and_words_their_end(void **state)
{
    static const struct {
        const char *text;
        size_t most;
        const char *cut;
    } cases[] = {
        { "ann@example.net", 15, "ann@example.net" },
        { "aspmx.l.google.com", 10, "aspmx….com" },
        { "aspmx.l.google.com", 11, "aspmx…e.com" },
        { "try again later, please", 10, "try again…" },
        { "Jürgen@example.net", 9, "Jürg….net" },
        { "ab", 1, "…" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf cut;

        buf_init(&cut, 100);
        cell_put_cut(&cut, span_of(cases[i].text), cases[i].most);
        assert_string_equal(buf_text(&cut), cases[i].cut);
        assert_true(cell_width(buf_view(&cut)) <= cases[i].most);
    }
}

static void times_are_known_by_their_shape_and_never_broken(void **state)
{
    static const char *const others[] = { "2026-11-24", "2026-11-24T18:00:00Z",
                                          "2026-11-24 18:00:00.000Z", "x026-11-24T18:00:00.000Z" };
    const struct span moment = SPAN("2026-11-24T18:00:26.123Z");
    CLEANUP(buf_fini) struct buf shown;

    (void)state;
    buf_init(&shown, 100);
    assert_true(cell_is_moment(moment));
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
        assert_false(cell_is_moment(span_of(others[i])));
    cell_put_moment(&shown, moment, false);
    assert_string_equal(buf_text(&shown), "2026-11-24T18:00:26Z");
    buf_clear(&shown);
    cell_put_moment(&shown, moment, true);
    assert_string_equal(buf_text(&shown), "2026-11-24T18:00Z");
}

static void lines_break_at_spaces_where_there_are_any(void **state)
{
    static const char *const lines[] = { "It is tried", "again at", "somewhereelse",
                                         "wherenobodywa", "s" };
    struct span text = SPAN("It is tried again at somewhereelsewherenobodywas");

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++)
        assert_true(span_equal(cell_take_line(&text, 13), span_of(lines[i])));
    assert_int_equal(text.n, 0);
}

static void what_would_drive_a_terminal_is_a_space(void **state)
{
    CLEANUP(buf_fini) struct buf shown;

    (void)state;
    buf_init(&shown, 100);
    cell_put_text(&shown, SPAN("a\033[2J\nb\xff"));
    assert_string_equal(buf_text(&shown), "a [2J b ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_lose_their_middle_and_words_their_end),
        cmocka_unit_test(times_are_known_by_their_shape_and_never_broken),
        cmocka_unit_test(lines_break_at_spaces_where_there_are_any),
        cmocka_unit_test(what_would_drive_a_terminal_is_a_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
