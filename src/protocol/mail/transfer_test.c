#include "protocol/mail/transfer.h"

#include <string.h>

#include "tests/support/cmocka.h"

#define X10 "xxxxxxxxxx"
#define X70 X10 X10 X10 X10 X10 X10 X10

static void texts_go_in_the_lightest_safe_encoding(void **state)
{
    static const struct {
        const char *text;
        enum transfer_encoding encoding;
        const char *encoded;
    } cases[] = {
        { "", TRANSFER_7BIT, "" },
        { "one\ntwo\n", TRANSFER_7BIT, "one\r\ntwo\r\n" },
        { "one\r\ntwo", TRANSFER_7BIT, "one\r\ntwo\r\n" },
        { "a\tb\n\n.\n..\n", TRANSFER_7BIT, "a\tb\r\n\r\n.\r\n..\r\n" },
        { X70 "12345678\n", TRANSFER_7BIT, X70 "12345678\r\n" },
        { X70 "123456789\n", TRANSFER_QUOTED_PRINTABLE, X70 "12345=\r\n6789\r\n" },
        { X70 "123456 \n", TRANSFER_QUOTED_PRINTABLE, X70 "12345=\r\n6=20\r\n" },
        { "a caf\u00e9 = noir\n", TRANSFER_QUOTED_PRINTABLE, "a caf=C3=A9 =3D noir\r\n" },
        { "blank \ntab\t\nend\n", TRANSFER_QUOTED_PRINTABLE, "blank=20\r\ntab=09\r\nend\r\n" },
        { "From here\nto From there\n", TRANSFER_QUOTED_PRINTABLE,
          "=46rom here\r\nto From there\r\n" },
        { "--=_0123\nplain words\n", TRANSFER_QUOTED_PRINTABLE, "--=3D_0123\r\nplain words\r\n" },
        { "bell\x07 and words enough\n", TRANSFER_QUOTED_PRINTABLE,
          "bell=07 and words enough\r\n" },
        { "\u6f22\u5b57\n", TRANSFER_BASE64, "5ryi5a2XDQo=\r\n" },
        { "a\rb\r\r\nc and more\n\x0c\n", TRANSFER_QUOTED_PRINTABLE,
          "a\r\nb\r\n\r\nc and more\r\n=0C\r\n" },
        { "J\xfcrgen and many plain words", TRANSFER_QUOTED_PRINTABLE,
          "J=EF=BF=BDrgen and many plain words\r\n" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf to;

        buf_init(&to, 2000);
        assert_int_equal(transfer_put_text(&to, span_of(cases[i].text)), cases[i].encoding);
        assert_string_equal(buf_text(&to), cases[i].encoded);
    }
}

/* RFC 2045, section 6.7, rule 5: 76 with the "=" of a soft line break, and no escape is cut. */
static void soft_line_breaks_keep_lines_at_76(void **state)
{
    static const struct {
        const char *text;
        const char *encoded;
    } cases[] = {
        { X70 "123456\n\u00e9", X70 "123456\r\n=C3=A9\r\n" },
        { X70 "1234567\n\u00e9", X70 "12345=\r\n67\r\n=C3=A9\r\n" },
        { X70 "12\u00e9\n", X70 "12=C3=\r\n=A9\r\n" },
        { X70 "123\u00e9\n", X70 "123=\r\n=C3=A9\r\n" },
        { X70 "12345From me\n\u00e9", X70 "12345=\r\n=46rom me\r\n=C3=A9\r\n" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf to;

        buf_init(&to, 2000);
        assert_int_equal(transfer_put_text(&to, span_of(cases[i].text)), TRANSFER_QUOTED_PRINTABLE);
        assert_string_equal(buf_text(&to), cases[i].encoded);
    }
}

static void a_nul_is_dropped(void **state)
{
    CLEANUP(buf_fini) struct buf to;

    (void)state;
    buf_init(&to, 100);
    assert_int_equal(transfer_put_text(&to, SPAN("a\0b\n\0")), TRANSFER_7BIT);
    assert_string_equal(buf_text(&to), "ab\r\n");
}

static void bytes_go_in_lines_of_57(void **state)
{
    char bytes[58];
    CLEANUP(buf_fini) struct buf to;

    (void)state;
    memset(bytes, 0xff, sizeof bytes);
    buf_init(&to, 1000);
    transfer_put_bytes(&to, (struct span){ bytes, sizeof bytes });
    assert_int_equal(to.n, 76 + 2 + 4 + 2);
    assert_memory_equal(to.at + 76, "\r\n/w==\r\n", 8);
    buf_clear(&to);
    transfer_put_bytes(&to, SPAN(""));
    assert_int_equal(to.n, 0);
}

static void encodings_have_their_names(void **state)
{
    (void)state;
    assert_string_equal(transfer_name(TRANSFER_7BIT), "7bit");
    assert_string_equal(transfer_name(TRANSFER_QUOTED_PRINTABLE), "quoted-printable");
    assert_string_equal(transfer_name(TRANSFER_BASE64), "base64");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_go_in_the_lightest_safe_encoding),
        cmocka_unit_test(soft_line_breaks_keep_lines_at_76),
        cmocka_unit_test(a_nul_is_dropped),
        cmocka_unit_test(bytes_go_in_lines_of_57),
        cmocka_unit_test(encodings_have_their_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
