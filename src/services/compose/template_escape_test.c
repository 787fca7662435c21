#include "services/compose/template_escape.h"

#include <string.h>

#include "base/text.h"
#include "tests/support/cmocka.h"

#define A10 "aaaaaaaaaa"
#define A140 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10

static void values_are_written_for_their_place(void **state)
{
    static const struct {
        enum template_escape escape;
        enum template_layout layout;
        const char *text;
        const char *out;
    } cases[] = {
        { ESCAPE_TEXT, LAYOUT_LINE, " one\r\n  two\tthree ", "one two three" },
        { ESCAPE_TEXT, LAYOUT_LINE,
          "a\u2028b\u2029c\xc2\x85"
          "d",
          "a b c d" },
        { ESCAPE_TEXT, LAYOUT_LINE,
          "a\x1b[31mb\x7f\xc2\x9b"
          "c",
          "a[31mbc" },
        { ESCAPE_TEXT, LAYOUT_LINE, "x \u202eevil\u202c \u2066y\u2069", "x evil y" },
        { ESCAPE_TEXT, LAYOUT_LINE, "J\xfcrgen \xe2\x82", "J\ufffdrgen \ufffd\ufffd" },
        { ESCAPE_HTML, LAYOUT_LINE, "<a & \"b\" 'c'>",
          "&lt;a &amp; &quot;b&quot; &#39;c&#39;&gt;" },
        { ESCAPE_HTML, LAYOUT_LINE, "http://a.example", "http://a.example" },
        { ESCAPE_URL_PART, LAYOUT_LINE, "a b/\u00fc&~-._", "a%20b%2F%C3%BC%26~-._" },
        { ESCAPE_URL, LAYOUT_LINE, "https://a.example/?x=1&y='2'",
          "https://a.example/?x=1&amp;y=&#39;2&#39;" },
        { ESCAPE_URL, LAYOUT_LINE, "javascript:alert(1)", "#" },
        { ESCAPE_URL, LAYOUT_LINE, "", "#" },
        { ESCAPE_TEXT, LAYOUT_BRIEF, "\n  \n first line \nsecond", "first line" },
        { ESCAPE_TEXT, LAYOUT_BRIEF, A140, A140 },
        { ESCAPE_TEXT, LAYOUT_BRIEF, A140 "b", A140 "\u2026" },
        { ESCAPE_TEXT, LAYOUT_LINES, "\n one  \r\n\ttwo\n\n", " one\n    two" },
        { ESCAPE_TEXT, LAYOUT_QUOTE, "one\n\ntwo\n", "> one\n>\n> two" },
        { ESCAPE_HTML, LAYOUT_LINES, "a\n<b>\n", "a<br>\n&lt;b&gt;" },
        { ESCAPE_HTML, LAYOUT_LINES, "x  y\tz", "x &nbsp;y&nbsp;&nbsp;&nbsp; z" },
        { ESCAPE_TEXT, LAYOUT_LINES, "", "" },
        { ESCAPE_TEXT, LAYOUT_QUOTE, " \n", "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf to;

        buf_init(&to, 5000);
        template_escape_put(&to, span_of(cases[i].text), cases[i].escape, cases[i].layout);
        assert_string_equal(buf_text(&to), cases[i].out);
    }
}

/* Only what stands for itself is a link, without the sentence around it. */
static void addresses_of_pages_become_links(void **state)
{
    static const struct {
        const char *text;
        const char *before;
        const char *url; /* NULL: no link */
        const char *after;
    } cases[] = {
        { "see https://a.example/x.", "see ", "https://a.example/x", "." },
        { "HTTP://A.example", "", "HTTP://A.example", "" },
        { "(http://a.example/b)", "(", "http://a.example/b", ")" },
        { "http://a.example/b_(c)", "", "http://a.example/b_(c)", "" },
        { "https://", "", NULL, "https://" },
        { "https://...", "", NULL, "https://..." },
        { "http://a.example/\"x", "", "http://a.example/", "&quot;x" },
        { "ftp://a.example", "", NULL, "ftp://a.example" },
        { "javascript:alert(1)", "", NULL, "javascript:alert(1)" },
        { "http://a.example/\xff", "", NULL, "http://a.example/\ufffd" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf to;
        CLEANUP(buf_fini) struct buf expected;

        buf_init(&to, 1000);
        buf_init(&expected, 1000);
        buf_put_text(&expected, cases[i].before);
        if (cases[i].url != NULL)
            buf_printf(&expected, "<a href=\"%s\">%s</a>", cases[i].url, cases[i].url);
        buf_put_text(&expected, cases[i].after);
        template_escape_put(&to, span_of(cases[i].text), ESCAPE_HTML, LAYOUT_LINES);
        assert_string_equal(buf_text(&to), buf_text(&expected));
    }
}

static void a_title_is_cut_to_so_many_characters(void **state)
{
    static const struct {
        const char *text;
        size_t most;
        const char *title;
    } cases[] = {
        { "abc", 3, "abc" },
        { "abcd", 3, "abc\u2026" },
        { "\u00fc\u6f22\U0001f4ecx", 3, "\u00fc\u6f22\U0001f4ec\u2026" },
        { "a  b\n", 3, "a b" },
        { "a b c", 3, "a b\u2026" },
        { "abc d", 4, "abc\u2026" },
        { "ab\n \n", 2, "ab" },
        { "<a>", 10, "<a>" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf to;

        buf_init(&to, 100);
        template_escape_put_title(&to, span_of(cases[i].text), cases[i].most);
        assert_string_equal(buf_text(&to), cases[i].title);
    }
}

static void a_link_may_lead_to_pages_and_mailboxes_alone(void **state)
{
    static const struct {
        const char *url;
        bool safe;
    } cases[] = {
        { "https://a.example/", true },
        { "http://a.example/{x}|y'z", true },
        { "HTTPS://A.EXAMPLE", true },
        { "mailto:a@b?subject=c", true },
        { "https://a.example/\u00fc", true },
        { "", false },
        { "/relative", false },
        { "//a.example/", false },
        { "ftp://a.example/", false },
        { "javascript:alert(1)", false },
        { "cid:file.1.1@example.org", true },
        { "cid:a b", false },
        { " https://a.example/", false },
        { "java\nscript:alert(1)", false },
        { "data:text/html,x", false },
        { "https://a.example/ x", false },
        { "https://a.example/\nx", false },
        { "https://a.example/\"x", false },
        { "https://a.example/<x>", false },
        { "https://a.example/\\x", false },
        { "https://a.example/\x7f", false },
        { "https://a.example/\xff", false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        if (template_escape_url_safe(span_of(cases[i].url)) != cases[i].safe)
            fail_msg("%s", cases[i].url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_written_for_their_place),
        cmocka_unit_test(addresses_of_pages_become_links),
        cmocka_unit_test(a_title_is_cut_to_so_many_characters),
        cmocka_unit_test(a_link_may_lead_to_pages_and_mailboxes_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
