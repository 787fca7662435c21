#include "protocol/mail/encoded_word.h"

#include <string.h>

#include "tests/support/cmocka.h"

static void assert_encodes(const char *before, const char *text, const char *field)
{
    CLEANUP(buf_fini) struct buf to;
    struct fold f;

    buf_init(&to, 2000);
    fold_start(&f, &to, "Subject");
    if (before[0] != '\0')
        fold_word(&f, span_of(before));
    encoded_word_put(&f, span_of(text));
    fold_end(&f);
    assert_string_equal(buf_text(&to), field);
}

static void the_shorter_form_is_chosen(void **state)
{
    (void)state;
    assert_encodes("", "a\u00e9", "Subject: =?utf-8?B?YcOp?=\r\n");
    assert_encodes("", "caf\u00e9 noir", "Subject: =?utf-8?Q?caf=C3=A9_noir?=\r\n");
    /* only letters that may stand in a phrase, too (RFC 2047, section 5, rule 3) */
    assert_encodes("", "long enough.,;:()<>@=?_\"[]\u00e9",
                   "Subject: =?utf-8?B?bG9uZyBlbm91Z2guLDs6KCk8PkA9P18iW13DqQ==?=\r\n");
    assert_encodes("", "long enough, I say, \u00e9",
                   "Subject: =?utf-8?Q?long_enough=2C_I_say=2C_=C3=A9?=\r\n");
    assert_encodes("", "long enough a_b=c\u00e9",
                   "Subject: =?utf-8?Q?long_enough_a=5Fb=3Dc=C3=A9?=\r\n");
}

/* Words are cut between characters, and all B words but the last where no padding is needed. */
static void words_are_cut_between_characters(void **state)
{
    (void)state;
    assert_encodes("",
                   "\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22"
                   "\u6f22\u6f22\u6f22",
                   "Subject: =?utf-8?B?5ryi5ryi5ryi5ryi5ryi5ryi5ryi5ryi5ryi5ryi5ryi5ryi5ryi?=\r\n"
                   " =?utf-8?B?5ryi5ryi?=\r\n");
    /* two bytes a character: a multiple of three bytes is a multiple of six */
    assert_encodes("",
                   "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
                   "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9",
                   "Subject: =?utf-8?B?w6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOp?=\r\n"
                   " =?utf-8?B?w6nDqcOpw6k=?=\r\n");
}

static void a_sliver_of_a_line_is_left_empty(void **state)
{
    (void)state;
    assert_encodes("0123456789012345678901234567890123456789",
                   "\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22",
                   "Subject: 0123456789012345678901234567890123456789\r\n"
                   " =?utf-8?B?5ryi5ryi5ryi5ryi5ryi5ryi?=\r\n");
    assert_encodes("0123456789012345678901234567890123456789", "\u6f22\u6f22",
                   "Subject: 0123456789012345678901234567890123456789 =?utf-8?B?5ryi5ryi?=\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shorter_form_is_chosen),
        cmocka_unit_test(words_are_cut_between_characters),
        cmocka_unit_test(a_sliver_of_a_line_is_left_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
