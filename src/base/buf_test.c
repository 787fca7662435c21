#include "base/buf.h"

#include <string.h>

#include "base/alloc.h"
#include "tests/support/cmocka.h"

static void a_buf_grows_to_its_limit_and_no_further(void **state)
{
    CLEANUP(buf_fini) struct buf b;

    (void)state;
    buf_init(&b, 200);
    for (int i = 0; i < 200; i++)
        buf_put_byte(&b, (char)i);
    assert_int_equal(b.n, 200);
    assert_false(b.overflown);
    for (int i = 0; i < 200; i++)
        assert_int_equal((unsigned char)b.at[i], i);
    buf_put_byte(&b, 'x');
    assert_int_equal(b.n, 200);
    assert_true(b.overflown);
}

/* A writer that goes on after an overflow must not leave half of a word behind. */
static void what_does_not_fit_is_dropped_whole(void **state)
{
    CLEANUP(buf_fini) struct buf b;

    (void)state;
    buf_init(&b, 5);
    buf_put(&b, SPAN("abc"));
    buf_put(&b, SPAN("def"));
    assert_string_equal(buf_text(&b), "abc");
    buf_printf(&b, "%d", 123);
    assert_string_equal(buf_text(&b), "abc");
    buf_put_text(&b, "de");
    assert_string_equal(buf_text(&b), "abcde");
    assert_true(b.overflown);
    buf_clear(&b);
    assert_false(b.overflown);
    buf_printf(&b, "%05d", 7);
    assert_string_equal(buf_text(&b), "00007");
    assert_false(b.overflown);
}

static void bytes_are_dropped_at_either_end(void **state)
{
    CLEANUP(buf_fini) struct buf b;

    (void)state;
    buf_init(&b, 100);
    buf_put(&b, SPAN("one two three"));
    buf_drop(&b, 4);
    assert_string_equal(buf_text(&b), "two three");
    buf_cut(&b, 3);
    assert_string_equal(buf_text(&b), "two");
    buf_drop(&b, 3);
    assert_int_equal(b.n, 0);
    buf_drop(&b, 0);
    assert_string_equal(buf_text(&b), "");
}

static void a_reserved_place_counts_when_it_is_said_to(void **state)
{
    CLEANUP(buf_fini) struct buf b;
    char *place;

    (void)state;
    buf_init(&b, 10);
    buf_put(&b, SPAN("ab"));
    place = buf_reserve(&b, 8);
    assert_non_null(place);
    memcpy(place, "cdefghij", 8);
    assert_int_equal(b.n, 2);
    buf_advance(&b, 3);
    assert_string_equal(buf_text(&b), "abcde");
    assert_false(b.overflown);
    assert_null(buf_reserve(&b, 6));
    assert_true(b.overflown);
    assert_int_equal(b.n, 5);
}

static void a_text_moves_out(void **state)
{
    struct buf b;
    char *text;

    (void)state;
    buf_init(&b, 10);
    assert_string_equal(buf_text(&b), "");
    text = buf_take_text(&b);
    assert_string_equal(text, "");
    alloc_free(text);
    buf_put(&b, SPAN("abc"));
    text = buf_take_text(&b);
    assert_string_equal(text, "abc");
    alloc_free(text);
    assert_int_equal(b.n, 0);
    buf_put(&b, SPAN("0123456789"));
    assert_false(b.overflown);
    buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buf_grows_to_its_limit_and_no_further),
        cmocka_unit_test(what_does_not_fit_is_dropped_whole),
        cmocka_unit_test(bytes_are_dropped_at_either_end),
        cmocka_unit_test(a_reserved_place_counts_when_it_is_said_to),
        cmocka_unit_test(a_text_moves_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
