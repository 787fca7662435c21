#include "protocol/smtp/content.h"

#include "tests/support/cmocka.h"

static void content_is_stuffed_the_same_at_every_block_size(void **state)
{
    /* clang-format off */
    static const struct {
        const char *content;
        const char *wire;
    } cases[] = {
        { "", ".\r\n" },
        { "a\r\n", "a\r\n.\r\n" },
        { "a", "a\r\n.\r\n" },
        { ".\r\n", "..\r\n.\r\n" },
        { ".", "..\r\n.\r\n" },
        { "..\r\n", "...\r\n.\r\n" },
        { "a\r\n.\r\nQUIT\r\n", "a\r\n..\r\nQUIT\r\n.\r\n" },
        { "\r\n.a\r\n..b\r\nc.\r\n", "\r\n..a\r\n...b\r\nc.\r\n.\r\n" },
        { "a.b\r\n\r\n", "a.b\r\n\r\n.\r\n" },
    };
    /* clang-format on */

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        for (size_t most = 1; most < 40; most++) {
            CLEANUP(buf_fini) struct buf wire;
            struct smtp_content c;

            buf_init(&wire, 1000);
            assert_null(smtp_content_fault(span_of(cases[i].content)));
            smtp_content_start(&c, span_of(cases[i].content));
            for (size_t block = most; !c.ended; block += most)
                smtp_content_put(&c, &wire, block);
            assert_string_equal(buf_text(&wire), cases[i].wire);
        }
    }
}

static void what_could_smuggle_a_command_never_leaves(void **state)
{
    static const char *const wrong[] = {
        "a\nb\r\n",
        "a\n.\nMAIL FROM:<x@y>\r\n",
        "a\n.\r\nQUIT\r\n",
        "a\r.\r\n",
        "a\r",
        "a\r\r\nb\r\n",
        "\n",
        "a\r\n.\n",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_non_null(smtp_content_fault(span_of(wrong[i])));
    assert_non_null(smtp_content_fault(SPAN("a\0b\r\n")));
}

static void a_line_may_have_998_octets_and_no_more(void **state)
{
    char line[1100];

    (void)state;
    (void)snprintf(line, sizeof(line), "%0998d\r\n", 0);
    assert_null(smtp_content_fault(span_of(line)));
    assert_null(smtp_content_fault(span_first(span_of(line), 998)));
    (void)snprintf(line, sizeof(line), "%0999d\r\n", 0);
    assert_non_null(smtp_content_fault(span_of(line)));
    assert_non_null(smtp_content_fault(span_first(span_of(line), 999)));
}

/* RFC 3030: what was counted leaves as it is, whatever the pieces. */
static void a_chunk_goes_as_it_is(void **state)
{
    struct span content = SPAN("a\r\n.\r\n..b\r\nno end");

    (void)state;
    for (size_t most = 1; most < 40; most++) {
        struct smtp_content c;
        CLEANUP(buf_fini) struct buf piece;
        CLEANUP(buf_fini) struct buf all;

        buf_init(&piece, 100);
        buf_init(&all, 100);
        smtp_content_start_chunk(&c, content);
        while (!c.ended) {
            buf_clear(&piece);
            smtp_content_put(&c, &piece, most);
            assert_in_range(piece.n, 1, most);
            buf_put(&all, buf_view(&piece));
        }
        assert_true(span_equal(buf_view(&all), content));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_is_stuffed_the_same_at_every_block_size),
        cmocka_unit_test(what_could_smuggle_a_command_never_leaves),
        cmocka_unit_test(a_line_may_have_998_octets_and_no_more),
        cmocka_unit_test(a_chunk_goes_as_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
