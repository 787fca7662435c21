#include "protocol/mail/fold.h"

#include "tests/support/cmocka.h"

#define A10 "aaaaaaaaaa"
#define A60 A10 A10 A10 A10 A10 A10

static void words_go_on_a_further_line_when_this_one_is_full(void **state)
{
    CLEANUP(buf_fini) struct buf to;
    struct fold f;

    (void)state;
    buf_init(&to, 1000);
    fold_start(&f, &to, "To");
    assert_int_equal(fold_room(&f), 71);
    fold_word(&f, SPAN(A60 "1234567890"));
    assert_int_equal(fold_room(&f), 0);
    fold_attach(&f, SPAN(","));
    fold_word(&f, SPAN("b"));
    fold_word(&f, SPAN(A60 "1234567890123"));
    fold_end(&f);
    assert_string_equal(buf_text(&to), "To: " A60 "1234567890,\r\n"
                                       " b\r\n"
                                       " " A60 "1234567890123\r\n");
}

/* A line of the name alone is taken for an empty field by some readers. */
static void the_first_word_stays_on_the_first_line(void **state)
{
    CLEANUP(buf_fini) struct buf to;
    struct fold f;

    (void)state;
    buf_init(&to, 1000);
    fold_start(&f, &to, A60);
    fold_break(&f);
    fold_word(&f, SPAN(A60));
    fold_word(&f, SPAN("b"));
    fold_break(&f);
    fold_break(&f);
    fold_word(&f, SPAN("c"));
    fold_end(&f);
    assert_string_equal(buf_text(&to), A60 ": " A60 "\r\n b\r\n c\r\n");
}

static void pieces_are_joined_up_to_the_last_octet_but_one(void **state)
{
    CLEANUP(buf_fini) struct buf to;
    struct fold f;

    (void)state;
    buf_init(&to, 1000);
    fold_start(&f, &to, "X");
    fold_word(&f, SPAN("b="));
    fold_join(&f, SPAN(A60 "1234567890")); /* 75 in all */
    fold_join(&f, SPAN("c"));
    fold_join(&f, SPAN("d"));
    fold_end(&f);
    assert_string_equal(buf_text(&to), "X: b=" A60 "1234567890\r\n cd\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_go_on_a_further_line_when_this_one_is_full),
        cmocka_unit_test(the_first_word_stays_on_the_first_line),
        cmocka_unit_test(pieces_are_joined_up_to_the_last_octet_but_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
