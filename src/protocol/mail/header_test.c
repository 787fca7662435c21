#include "protocol/mail/header.h"

#include <string.h>

#include "tests/support/cmocka.h"

#define A10 "aaaaaaaaaa"
#define A60 A10 A10 A10 A10 A10 A10

static void texts_become_one_field_of_short_lines(void **state)
{
    static const struct {
        const char *text;
        const char *field;
    } cases[] = {
        { "", "Subject:\r\n" },
        { "Hello", "Subject: Hello\r\n" },
        { "The quick brown fox jumps over the lazy dog and then some more words to fold",
          "Subject: The quick brown fox jumps over the lazy dog and then some more\r\n"
          " words to fold\r\n" },
        /* spaces that unfolding might lose are encoded with their neighbours */
        { "two  spaces", "Subject: =?utf-8?Q?two__spaces?=\r\n" },
        { "Gr\u00fc\u00dfe", "Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n" },
        { "only what must: \u00fc, the rest stays",
          "Subject: only what must: =?utf-8?B?w7ws?= the rest stays\r\n" },
        { "=?utf-8?Q?x?=", "Subject: =?utf-8?B?PT91dGYtOD9RP3g/PQ==?=\r\n" },
        { "a word of sixty-one: " A60 "a",
          "Subject: a word of sixty-one: =?utf-8?Q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?=\r\n"
          " =?utf-8?Q?aaaaaaaaaaaaaaaaaaaaaaaaaaaa?=\r\n" },
        { "a word of sixty: " A60, "Subject: a word of sixty:\r\n " A60 "\r\n" },
        { " \t blanks at the ends \r\n ", "Subject: blanks at the ends\r\n" },
        { "a\r\nBcc: b@example.org", "Subject: a Bcc: b@example.org\r\n" },
        { "a\nb\rc\x0b\x1b[0m", "Subject: a b =?utf-8?Q?c__=5B0m?=\r\n" },
        { "a\u00a0b", "Subject: =?utf-8?Q?a=C2=A0b?=\r\n" }, /* is no control */
        { "J\xfcrgen", "Subject: =?utf-8?B?Su+/vXJnZW4=?=\r\n" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        CLEANUP(buf_fini) struct buf to;

        buf_init(&to, 1000);
        header_put_text(&to, "Subject", span_of(cases[i].text));
        assert_string_equal(buf_text(&to), cases[i].field);
    }
}

/* What is cut is cut between characters. */
static void a_huge_text_is_cut_to_whole_characters(void **state)
{
    static char text[30000];
    CLEANUP(buf_fini) struct buf to;

    (void)state;
    for (size_t i = 0; i < sizeof text; i += 3)
        memcpy(text + i, "\u6f22", 3);
    buf_init(&to, 100000);
    header_put_text(&to, "Subject", (struct span){ text, sizeof text });
    assert_in_range(to.n, 10000, 20000);
    assert_null(strstr(buf_text(&to), "77+9")); /* U+FFFD in base64 */
    assert_non_null(strstr(buf_text(&to), "5ryi?=\r\n"));
}

static void names_stand_beside_their_addresses(void **state)
{
    static const struct {
        const char *name;
        const char *field;
    } cases[] = {
        { "", "From: \"a b\"@example.org\r\n" },
        { "Ann Smith", "From: Ann Smith <\"a b\"@example.org>\r\n" },
        { "Dr. Ann", "From: \"Dr. Ann\" <\"a b\"@example.org>\r\n" },
        { "Ann  Smith", "From: \"Ann  Smith\" <\"a b\"@example.org>\r\n" },
        /* GMime 3.2 keeps the line end of a folded name: what is too long for a line is encoded */
        { A60 "aaaaaaaaa", "From: " A60 "aaaaaaaaa\r\n <\"a b\"@example.org>\r\n" },
        { A60 "aaaaaaaaaa",
          "From: =?utf-8?Q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?=\r\n"
          " =?utf-8?Q?aaaaaaaaaaaaa?= <\"a b\"@example.org>\r\n" },
        { "Smith, Ann \"the pen\" \\",
          "From: \"Smith, Ann \\\"the pen\\\" \\\\\" <\"a b\"@example.org>\r\n" },
        { "J\u00fcrgen, \u00e9", "From: =?utf-8?B?SsO8cmdlbiwgw6k=?= <\"a b\"@example.org>\r\n" },
        { "=?utf-8?Q?x?=", "From: =?utf-8?B?PT91dGYtOD9RP3g/PQ==?= <\"a b\"@example.org>\r\n" },
        { "x\" <evil@example.org>\r\nBcc: y",
          "From: \"x\\\" <evil@example.org> Bcc: y\" <\"a b\"@example.org>\r\n" },
    };
    struct address a;
    struct error err;

    (void)state;
    assert_true(address_parse(SPAN("\"a b\"@example.org"), &a, &err));
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct mailbox mailbox = { span_of(cases[i].name), &a };
        CLEANUP(buf_fini) struct buf to;

        buf_init(&to, 1000);
        header_put_mailboxes(&to, "From", &mailbox, 1);
        assert_string_equal(buf_text(&to), cases[i].field);
    }
}

static void mailboxes_are_divided_by_commas(void **state)
{
    struct address a;
    struct error err;
    CLEANUP(buf_fini) struct buf to;
    struct mailbox mailboxes[3];

    (void)state;
    assert_true(address_parse(SPAN("somebody.with.a.long.name@example.org"), &a, &err));
    mailboxes[0] = (struct mailbox){ SPAN("One"), &a };
    mailboxes[1] = (struct mailbox){ SPAN(""), &a };
    mailboxes[2] = (struct mailbox){ SPAN("Three"), &a };
    buf_init(&to, 1000);
    header_put_mailboxes(&to, "To", mailboxes, 3);
    assert_string_equal(buf_text(&to), "To: One <somebody.with.a.long.name@example.org>,\r\n"
                                       " somebody.with.a.long.name@example.org, Three\r\n"
                                       " <somebody.with.a.long.name@example.org>\r\n");
}

/* RFC 2047, section 2, wants 76 at most for a line with encoded-words; all of ours have no more. */
static void the_comma_counts(void **state)
{
    const struct {
        const char *address;
        const char *field;
    } cases[] = {
        { "a.name.of.23.letters.xx@example.org", /* 35: 74 with the comma, and room for one more */
          "To: a.name.of.23.letters.xx@example.org,\r\n"
          " a.name.of.23.letters.xx@example.org\r\n" },
        { "a.name.of.22.letters.x@example.org",
          "To: a.name.of.22.letters.x@example.org, a.name.of.22.letters.x@example.org\r\n" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct address a;
        struct error err;
        const struct mailbox mailboxes[] = { { { NULL, 0 }, &a }, { { NULL, 0 }, &a } };
        CLEANUP(buf_fini) struct buf to;

        buf_init(&to, 1000);
        assert_true(address_parse(span_of(cases[i].address), &a, &err));
        header_put_mailboxes(&to, "To", mailboxes, 2);
        assert_string_equal(buf_text(&to), cases[i].field);
    }
}

static void a_date_is_a_field(void **state)
{
    CLEANUP(buf_fini) struct buf to;

    (void)state;
    buf_init(&to, 1000);
    header_put_date(&to, "Date", 1795539600000, 60);
    assert_string_equal(buf_text(&to), "Date: Tue, 24 Nov 2026 18:00:00 +0100\r\n");
}

/* Long threads: the root and the newest are what readers thread by. */
static void of_many_references_the_first_and_the_last_stay(void **state)
{
    static char ids[50][20];
    struct span spans[50];
    CLEANUP(buf_fini) struct buf to;

    (void)state;
    for (int i = 0; i < 50; i++) {
        (void)snprintf(ids[i], sizeof ids[i], "<%d@example.org>", i);
        spans[i] = span_of(ids[i]);
    }
    buf_init(&to, 10000);
    header_put_message_ids(&to, "References", spans, HEADER_REFERENCES_MOST);
    assert_non_null(strstr(buf_text(&to), "<1@example.org>"));
    buf_clear(&to);
    header_put_message_ids(&to, "References", spans, 50);
    assert_non_null(strstr(buf_text(&to), "References: <0@example.org> <31@example.org>"));
    assert_null(strstr(buf_text(&to), "<30@example.org>"));
    assert_non_null(strstr(buf_text(&to), "<49@example.org>\r\n"));
}

static void broken_identities_are_left_out(void **state)
{
    const struct span ids[] = { SPAN("<a@b>\r\nBcc: <c@d>"), SPAN("no"), SPAN("<a@b>"),
                                SPAN("<a b@c>") };
    CLEANUP(buf_fini) struct buf to;

    (void)state;
    buf_init(&to, 1000);
    header_put_message_ids(&to, "In-Reply-To", ids, 2);
    assert_int_equal(to.n, 0);
    header_put_message_ids(&to, "In-Reply-To", ids, 4);
    assert_string_equal(buf_text(&to), "In-Reply-To: <a@b>\r\n");
}

static void uris_stay_in_their_brackets(void **state)
{
    char longer[1000];
    struct span uris[] = { SPAN("https://example.org/u?a=<b>&c=\"d e\x7f\r\n"), SPAN(""),
                           SPAN("mailto:u@example.org") };
    CLEANUP(buf_fini) struct buf to;

    (void)state;
    memset(longer, 'x', sizeof longer);
    uris[1] = (struct span){ longer, sizeof longer };
    buf_init(&to, 5000);
    header_put_uris(&to, "List-Unsubscribe", uris, 3);
    assert_string_equal(
        buf_text(&to),
        "List-Unsubscribe: <https://example.org/u?a=%3Cb%3E&c=%22d%20e%7F%0D%0A>,\r\n"
        " <mailto:u@example.org>\r\n");
    buf_clear(&to);
    header_put_uris(&to, "List-Unsubscribe", uris + 1, 1);
    assert_int_equal(to.n, 0);
}

/* A length of 998 is RFC 5322's, section 2.1.1. */
static void a_word_too_long_for_a_line_is_cut(void **state)
{
    char longer[3000];
    CLEANUP(buf_fini) struct buf to;
    struct span rest;

    (void)state;
    memset(longer, 'x', sizeof longer);
    buf_init(&to, 5000);
    header_put_structured(&to, "X-Reason", (struct span){ longer, sizeof longer });
    for (rest = buf_view(&to); rest.n > 0;) {
        assert_in_range(span_index(rest, '\n'), 1, 999);
        rest = span_rest(rest, span_index(rest, '\n') + 1);
    }
    buf_clear(&to);
    header_put_structured(&to, "X-Reason", SPAN("a\x7f \u00fc\r\nb"));
    assert_string_equal(buf_text(&to), "X-Reason: a ?? b\r\n");
}

static void parameters_are_quoted_or_by_rfc_2231(void **state)
{
    static const struct {
        const char *value;
        const char *field;
    } cases[] = {
        { "report.pdf", "Content-Disposition: attachment; filename=report.pdf\r\n" },
        { "", "Content-Disposition: attachment; filename=\"\"\r\n" },
        { "my \"new\" report\\",
          "Content-Disposition: attachment; filename=\"my \\\"new\\\" report\\\\\"\r\n" },
        { "a; b=c", "Content-Disposition: attachment; filename=\"a; b=c\"\r\n" },
        /* Python reads an apostrophe in a plain value as RFC 2231's */
        { "it's", "Content-Disposition: attachment; filename*=utf-8''it%27s\r\n" },
        { "M\u00e4rz 100%.pdf",
          "Content-Disposition: attachment; filename*=utf-8''M%C3%A4rz%20100%25.pdf\r\n" },
        { "=?utf-8?Q?x?=",
          "Content-Disposition: attachment; filename*=utf-8''%3D%3Futf-8%3FQ%3Fx%3F%3D\r\n" },
        { "x\r\nBcc: y", "Content-Disposition: attachment; filename=\"x Bcc: y\"\r\n" },
        { "a name that has more than the fifty letters of one line.txt",
          "Content-Disposition: attachment;\r\n"
          " filename*0*=utf-8''a%20name%20that%20has%20more%20than%20the%20fift;\r\n"
          " filename*1*=y%20letters%20of%20one%20line.txt\r\n" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct parameter p = { "filename", span_of(cases[i].value) };
        CLEANUP(buf_fini) struct buf to;

        buf_init(&to, 1000);
        header_put_parameters(&to, "Content-Disposition", "attachment", &p, 1);
        assert_string_equal(buf_text(&to), cases[i].field);
    }
}

static void a_field_name_is_printable_and_has_no_colon(void **state)
{
    char longest[HEADER_NAME_MOST + 1];

    (void)state;
    memset(longest, 'a', sizeof longest);
    assert_true(header_name_is_valid(SPAN("X-Postroom-Reason")));
    assert_true(header_name_is_valid(SPAN("!~")));
    assert_false(header_name_is_valid(SPAN("")));
    assert_false(header_name_is_valid(SPAN("a b")));
    assert_false(header_name_is_valid(SPAN("a:")));
    assert_false(header_name_is_valid(SPAN("a\r\nb")));
    assert_false(header_name_is_valid(SPAN("\u00fc")));
    assert_true(header_name_is_valid((struct span){ longest, HEADER_NAME_MOST }));
    assert_false(header_name_is_valid((struct span){ longest, HEADER_NAME_MOST + 1 }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_become_one_field_of_short_lines),
        cmocka_unit_test(a_huge_text_is_cut_to_whole_characters),
        cmocka_unit_test(names_stand_beside_their_addresses),
        cmocka_unit_test(mailboxes_are_divided_by_commas),
        cmocka_unit_test(the_comma_counts),
        cmocka_unit_test(a_date_is_a_field),
        cmocka_unit_test(of_many_references_the_first_and_the_last_stay),
        cmocka_unit_test(broken_identities_are_left_out),
        cmocka_unit_test(uris_stay_in_their_brackets),
        cmocka_unit_test(a_word_too_long_for_a_line_is_cut),
        cmocka_unit_test(parameters_are_quoted_or_by_rfc_2231),
        cmocka_unit_test(a_field_name_is_printable_and_has_no_colon),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
