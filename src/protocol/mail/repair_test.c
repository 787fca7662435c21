#include "protocol/mail/repair.h"

#include <string.h>

#include "base/cleanup.h"
#include "protocol/mail/field.h"
#include "tests/support/cmocka.h"

#define TYPE "Content-Type: text/plain; charset=utf-8\r\n"
#define DATE "Date: Tue, 24 Nov 2026 18:00:00 +0000\r\n"
#define ID "Message-ID: <made@example.org>\r\n"
#define VERSION "MIME-Version: 1.0\r\n"
#define FROM "From: ann@example.org\r\n"
#define USUAL FROM DATE ID VERSION TYPE

static const int64_t now_ms = INT64_C(1795543200000);

/* One message on its way through; `out` is what came of it. */
struct mended {
    struct arena arena;
    struct buf lines;
    struct buf out;
    struct repaired facts;
    struct error err;
    bool ok;
};

static void mend_bytes(struct mended *m, struct span message)
{
    const struct repair_facts facts = { .domain = SPAN("example.org"),
                                        .sender = SPAN("ann@example.org"),
                                        .message_id = SPAN("<made@example.org>"),
                                        .now_ms = now_ms };

    arena_init(&m->arena);
    buf_init(&m->lines, MESSAGE_MOST);
    buf_init(&m->out, MESSAGE_MOST);
    m->ok = repair_lines(message, &m->lines, &m->err) &&
            repair_message(buf_view(&m->lines), &facts, &m->arena, &m->out, &m->facts, &m->err);
}

static void mend_end(struct mended *m)
{
    buf_fini(&m->lines);
    buf_fini(&m->out);
    arena_fini(&m->arena);
}

static void assert_mends(const char *message, const char *expected)
{
    struct mended m;

    mend_bytes(&m, span_of(message));
    if (!m.ok)
        fail_msg("%s: %s", message, m.err.text);
    assert_string_equal(buf_text(&m.out), expected);
    mend_end(&m);
}

static void assert_refuses(const char *message, const char *why)
{
    struct mended m;

    mend_bytes(&m, span_of(message));
    assert_false(m.ok);
    if (strstr(m.err.text, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", m.err.text, why);
    mend_end(&m);
}

static void what_is_fine_stays_byte_for_byte(void **state)
{
    static const char fine[] =
        USUAL "Subject:  =?utf-8?Q?caf=C3=A9?=\r\n"
              "To: Bob <bob@example.net>,\r\n\t\"Eve, the\" <eve@example.net>\r\n"
              "X-Odd:one\r\n"
              "\r\n"
              "Hello.\r\n.\r\n";

    (void)state;
    assert_mends(fine, fine);
}

static void what_is_missing_is_added(void **state)
{
    (void)state;
    assert_mends("Subject: x\n\nHello\n", "Subject: x\r\n" USUAL "\r\nHello\r\n");
    assert_mends("", USUAL "\r\n");
    assert_mends("just words\n", USUAL "\r\njust words\r\n");
    assert_mends("From ann Tue Nov 24 18:00:00 2026\nSubject: x\n\ny",
                 "Subject: x\r\n" USUAL "\r\ny\r\n");
    assert_mends("Date: yesterday\nMessage-ID: broken\nFrom: \n\n", USUAL "\r\n");
}

static void what_must_not_leave_is_removed(void **state)
{
    (void)state;
    assert_mends(USUAL "Bcc: eve@example.net\r\nReturn-Path: <x@y.example>\r\n"
                       "Resent-Bcc: eve@example.net\r\n\r\n",
                 USUAL "\r\n");
}

static void lines_end_one_way(void **state)
{
    (void)state;
    assert_mends(FROM DATE ID VERSION TYPE "\r\none\ntwo\rthree\r\n.\n",
                 USUAL "\r\none\r\ntwo\r\nthree\r\n.\r\n");
}

static void other_scripts_are_encoded_in_headers(void **state)
{
    (void)state;
    assert_mends(USUAL "Subject: caf\u00e9\r\n\r\n", USUAL "Subject: =?utf-8?B?Y2Fmw6k=?=\r\n\r\n");
    assert_mends(USUAL "Subject: caf\xe9\r\n\r\n", USUAL "Subject: =?utf-8?B?Y2Fmw6k=?=\r\n\r\n");
    assert_mends(USUAL
                 "To: J\u00fcrgen <j@example.net>, =?utf-8?Q?=C3=A9?= <e@example.net>\r\n\r\n",
                 USUAL "To: =?utf-8?Q?J=C3=BCrgen?= <j@example.net>, =?utf-8?Q?=C3=A9?=\r\n"
                       " <e@example.net>\r\n\r\n");
    assert_mends(USUAL "Content-Disposition: attachment; filename=\"\u00fc.pdf\"\r\n\r\n",
                 USUAL "Content-Disposition: attachment; filename*=utf-8''%C3%BC.pdf\r\n\r\n");
}

static void local_names_get_our_domain(void **state)
{
    (void)state;
    assert_mends(DATE ID VERSION TYPE "From: root (Cron Daemon)\r\nTo: root\r\n\r\n",
                 DATE ID VERSION TYPE "From: Cron Daemon <root@example.org>\r\n"
                                      "To: root@example.org\r\n\r\n");
}

static void a_mail_is_from_one_domain(void **state)
{
    (void)state;
    assert_mends("From: ann@example.org, Bea <bea@EXAMPLE.org>\r\n" DATE ID VERSION TYPE "\r\n",
                 "From: ann@example.org, Bea <bea@EXAMPLE.org>\r\n" DATE ID VERSION TYPE "\r\n");
    assert_refuses("From: ann@example.org, eve@example.net\r\n" DATE ID VERSION TYPE "\r\n",
                   "two domains");
}

static void fields_that_stand_twice_become_one_or_are_refused(void **state)
{
    (void)state;
    assert_mends(USUAL "To: a@example.net\r\nMIME-Version: 1.0\r\nTo: b@example.net\r\n\r\n",
                 USUAL "To: a@example.net, b@example.net\r\n\r\n");
    assert_refuses(USUAL "From: eve@example.net\r\n\r\n", "From is there twice");
    assert_refuses(USUAL "Subject: a\r\nsubject: b\r\n\r\n", "is there twice");
}

static void bodies_go_in_seven_bits(void **state)
{
    (void)state;
    assert_mends(USUAL "Content-Transfer-Encoding: 8bit\r\n\r\ncaf\u00e9 and more plain words\r\n",
                 USUAL "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                       "caf=C3=A9 and more plain words\r\n");
    assert_mends(FROM DATE ID VERSION "\r\ncaf\xe9\r\n",
                 FROM DATE ID VERSION "Content-Type: text/plain; charset=windows-1252\r\n"
                                      "Content-Transfer-Encoding: base64\r\n\r\nY2Fm6Q0K\r\n");
    assert_mends(FROM DATE ID VERSION "Content-Type: text/plain\r\n\r\ncaf\xe9\r\n",
                 FROM DATE ID VERSION "Content-Type: text/plain;\r\n charset=windows-1252\r\n"
                                      "Content-Transfer-Encoding: base64\r\n\r\nY2Fm6Q0K\r\n");
    assert_mends(FROM DATE ID VERSION "Content-Type: multipart/mixed; boundary=\"b\"\r\n"
                                      "Content-Transfer-Encoding: 8bit\r\n\r\n"
                                      "--b\r\n\r\ncaf\u00e9 and more plain words\r\n--b\r\n"
                                      "Content-Type: text/html\r\n\r\n<p>\r\n--b--\r\n",
                 FROM DATE ID VERSION "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"
                                      "--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                      "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                                      "caf=C3=A9 and more plain words\r\n\r\n--b\r\n"
                                      "Content-Type: text/html\r\n\r\n<p>\r\n--b--\r\n");
}

/* A body of `n` times a letter, in one line. */
static char *long_line(const char *before, size_t n)
{
    static char text[20000];
    size_t length = strlen(before);

    assert_true(length + n + 2 < sizeof text);
    memcpy(text, before, length);
    memset(text + length, 'Q', n);
    memcpy(text + length + n, "\n", 2);
    return text;
}

static size_t longest_line(struct span text)
{
    size_t most = 0;

    while (text.n > 0) {
        struct span line = span_take_until(&text, '\n');

        most = line.n > most ? line.n : most;
    }
    return most;
}

static void lines_too_long_are_broken_so_that_nobody_sees_it(void **state)
{
    static const char *const before[] = {
        USUAL "\r\n",
        USUAL "Content-Transfer-Encoding: base64\r\n\r\n",
        USUAL "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
        USUAL "Subject: ",
        USUAL "X-Long: ",
        USUAL "In-Reply-To: ",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(before); i++) {
        struct mended m;

        mend_bytes(&m, span_of(long_line(before[i], 4000)));
        if (!m.ok)
            fail_msg("%s: %s", before[i], m.err.text);
        assert_in_range(longest_line(buf_view(&m.out)), 0, MESSAGE_LINE_MOST + 1);
        mend_end(&m);
    }
    assert_refuses(long_line(USUAL "X-Long: ", 12000), "X-Long");
}

static void what_cannot_be_repaired_is_refused(void **state)
{
    struct mended m;

    (void)state;
    assert_refuses(FROM "To: \"open <a@example.net>\r\n\r\n", "quote is not closed");
    assert_refuses(FROM "To: two words\r\n\r\n", "is no address");
    assert_refuses(FROM "Cc: a@@example.net\r\n\r\n", "Cc");
    assert_refuses(USUAL "Content-Transfer-Encoding: base64\r\n\r\n\u00e9\r\n", "base64");
    assert_refuses(USUAL "Content-Transfer-Encoding: uuencode\r\n\r\n\u00e9\r\n", "uuencode");
    assert_refuses(FROM DATE "Content-Type: multipart/mixed\r\n\r\n\u00e9\r\n", "boundary");
    mend_bytes(&m, (struct span){ "Subject: x\n\na\0b", 15 });
    assert_false(m.ok);
    assert_non_null(strstr(m.err.text, "NUL"));
    mend_end(&m);
}

static void mail_that_goes_in_circles_is_refused(void **state)
{
    CLEANUP(buf_fini) struct buf message;
    struct mended m;

    (void)state;
    buf_init(&message, 100000);
    for (int i = 0; i <= MESSAGE_HOPS_MOST; i++)
        buf_put_text(&message, "Received: by mx.example.net; Tue, 24 Nov 2026 18:00:00 +0000\r\n");
    buf_put_text(&message, "\r\n");
    mend_bytes(&m, buf_view(&message));
    assert_false(m.ok);
    assert_int_equal(m.err.kind, ERROR_CONFLICT);
    mend_end(&m);
}

static void nested_beyond_measure_is_refused(void **state)
{
    CLEANUP(buf_fini) struct buf message;
    struct mended m;

    (void)state;
    buf_init(&message, 1000000);
    buf_put_text(&message, FROM);
    for (int i = 0; i < MESSAGE_DEPTH_MOST + 5; i++)
        buf_put_text(&message, "Content-Type: message/rfc822\r\n\r\n");
    buf_put_text(&message, "\r\n\u00e9\r\n");
    mend_bytes(&m, buf_view(&message));
    assert_false(m.ok);
    assert_int_equal(m.err.kind, ERROR_LIMIT);
    mend_end(&m);
}

static void assert_recipients(const char *message, const char *expected)
{
    CLEANUP(arena_fini) struct arena arena;
    CLEANUP(buf_fini) struct buf told;
    struct mailbox_list list;
    struct error err;

    arena_init(&arena);
    buf_init(&told, 1000);
    if (!repair_recipients(span_of(message), &arena, &list, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < list.n; i++)
        buf_printf(&told, "%.*s|", SPAN_ARGS(list.at[i].address));
    assert_string_equal(buf_text(&told), expected);
}

static void the_header_names_recipients(void **state)
{
    (void)state;
    assert_recipients("To: Bob <bob@example.net>, eve@example.net (Eve)\r\nCc: root\r\n"
                      "Bcc: <@relay.example:x@example.net>\r\n\r\nTo: no@example.net\r\n",
                      "bob@example.net|eve@example.net|root|x@example.net|");
    assert_recipients("To: undisclosed-recipients:;\r\n\r\n", "");
    assert_recipients("To: team: a@example.net, \"b, c\"@example.net;, d@example.net\r\n\r\n",
                      "a@example.net|\"b, c\"@example.net|d@example.net|");
    assert_recipients("To: a@example.net\r\nResent-To: b@example.net\r\n\r\n", "b@example.net|");
}

static void an_address_in_another_script_is_told(void **state)
{
    struct mended m;

    (void)state;
    mend_bytes(&m, SPAN("From: j\u00fcrgen@example.org\r\n\r\n"));
    assert_true(m.ok);
    assert_true(m.facts.needs_smtputf8);
    mend_end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_fine_stays_byte_for_byte),
        cmocka_unit_test(what_is_missing_is_added),
        cmocka_unit_test(what_must_not_leave_is_removed),
        cmocka_unit_test(lines_end_one_way),
        cmocka_unit_test(other_scripts_are_encoded_in_headers),
        cmocka_unit_test(local_names_get_our_domain),
        cmocka_unit_test(a_mail_is_from_one_domain),
        cmocka_unit_test(fields_that_stand_twice_become_one_or_are_refused),
        cmocka_unit_test(bodies_go_in_seven_bits),
        cmocka_unit_test(lines_too_long_are_broken_so_that_nobody_sees_it),
        cmocka_unit_test(what_cannot_be_repaired_is_refused),
        cmocka_unit_test(mail_that_goes_in_circles_is_refused),
        cmocka_unit_test(nested_beyond_measure_is_refused),
        cmocka_unit_test(the_header_names_recipients),
        cmocka_unit_test(an_address_in_another_script_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
