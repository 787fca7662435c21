/*
 * Records of sessions: what is kept, what is left out, and that what is read back is what was said.
 */
#include "protocol/smtp/dialogue.h"

#include <string.h>

#include "base/cleanup.h"
#include "tests/support/cmocka.h"

static void add_line(struct buf *to, const struct smtp_dialogue_line *line)
{
    static const char marks[] = "SC-";

    buf_printf(to, "%lld %c %.*s\n", (long long)line->at_ms, marks[line->who],
               SPAN_ARGS(line->text));
}

/* What a record is read back as: time, speaker, line. */
static void assert_reads(const struct smtp_dialogue *d, const char *expected)
{
    CLEANUP(buf_fini) struct buf lines;
    struct smtp_dialogue_reader reader;
    struct smtp_dialogue_line line;

    buf_init(&lines, 100000);
    smtp_dialogue_reader_init(&reader, smtp_dialogue_view(d));
    while (smtp_dialogue_next(&reader, &line))
        add_line(&lines, &line);
    if (smtp_dialogue_rest(&reader, &line))
        add_line(&lines, &line);
    assert_int_equal(reader.packed.n, 0);
    smtp_dialogue_reader_fini(&reader);
    assert_string_equal(buf_text(&lines), expected);
}

static void say_opening(struct smtp_dialogue *d)
{
    smtp_dialogue_remark(d, 0, SPAN("connected"));
    smtp_dialogue_server(d, 20, SPAN("220 mx.ex"));
    smtp_dialogue_server(d, 300, SPAN("ample\r\n"));
    smtp_dialogue_client(d, 301, SPAN("EHLO me\r\n"));
    smtp_dialogue_server(d, 302, SPAN("250-mx\r\n250 SIZE\r\n"));
    smtp_dialogue_turn(d);
}

#define OPENING "0 - connected\n300 S 220 mx.example\n301 C EHLO me\n302 S 250-mx\n302 S 250 SIZE\n"

static void a_reply_that_drips_in_is_one_line_and_content_is_counted(void **state)
{
    struct smtp_dialogue d;

    (void)state;
    smtp_dialogue_init(&d, SMTP_DIALOGUE_MOST);
    say_opening(&d);
    smtp_dialogue_client(&d, 400, SPAN("MAIL FROM:<a@b>\r\nDATA\r\n"));
    smtp_dialogue_server(&d, 500, SPAN("250 ok\r\n354 go\r\n"));
    smtp_dialogue_content(&d, 501, SPAN("four"));
    smtp_dialogue_content(&d, 502, SPAN(" more\r\n.\r\n"));
    smtp_dialogue_server(&d, 90000, SPAN("250 taken\r\n25"));
    assert_reads(&d, OPENING "400 C MAIL FROM:<a@b>\n400 C DATA\n500 S 250 ok\n500 S 354 go\n"
                             "90000 C (14 octets of content)\n90000 S 250 taken\n90000 S 25\n");
    smtp_dialogue_fini(&d);
}

static void the_opening_stays_and_the_mail_before_goes(void **state)
{
    struct smtp_dialogue d;

    (void)state;
    smtp_dialogue_init(&d, SMTP_DIALOGUE_MOST);
    say_opening(&d);
    smtp_dialogue_client(&d, 400, SPAN("MAIL FROM:<first>\r\n"));
    smtp_dialogue_server(&d, 401, SPAN("450 later\r\n"));
    smtp_dialogue_turn(&d);
    assert_reads(&d, OPENING);
    smtp_dialogue_client(&d, 500, SPAN("MAIL FROM:<second>\r\n"));
    smtp_dialogue_content(&d, 501, SPAN("four"));
    smtp_dialogue_client(&d, 502, SPAN("MAIL FROM:<third>\r\n")); /* in one group with the dot */
    smtp_dialogue_server(&d, 600, SPAN("250-ta"));
    smtp_dialogue_server(&d, 601, SPAN("ken\r\n250 as 17\r\n250 third"));
    smtp_dialogue_server(&d, 602, SPAN(" is fine\r\n"));
    smtp_dialogue_turn_behind(&d);
    assert_reads(&d, OPENING "502 C MAIL FROM:<third>\n602 S 250 third is fine\n");
    smtp_dialogue_content(&d, 700, SPAN("four"));
    smtp_dialogue_server(&d, 701, SPAN("250 taken\r\n"));
    smtp_dialogue_turn(&d);
    assert_reads(&d, OPENING);
    smtp_dialogue_fini(&d);
}

static void secrets_of_auth_are_never_kept(void **state)
{
    struct smtp_dialogue d;

    (void)state;
    smtp_dialogue_init(&d, SMTP_DIALOGUE_MOST);
    smtp_dialogue_client(&d, 1, SPAN("auth plain AGpvZQBzM2NyZXQ=\r\n"));
    smtp_dialogue_server(&d, 2, SPAN("334 \r\n"));
    smtp_dialogue_client(&d, 3, SPAN("czNjcmV0\r\n"));
    smtp_dialogue_server(&d, 4, SPAN("235 welcome\r\n"));
    smtp_dialogue_client(&d, 5, SPAN("MAIL FROM:<a>\r\n"));
    assert_reads(&d, "1 C auth plain\n1 C (secret)\n2 S 334\n3 C (secret)\n4 S 235 welcome\n"
                     "5 C MAIL FROM:<a>\n");
    smtp_dialogue_fini(&d);
}

static void a_server_that_floods_fills_its_share_alone(void **state)
{
    enum { LIMIT = 2000 };
    struct smtp_dialogue d;
    char flood[LIMIT];
    struct smtp_dialogue_reader reader;
    struct smtp_dialogue_line line = { .text = { NULL, 0 } };

    (void)state;
    memset(flood, 'x', sizeof flood);
    smtp_dialogue_init(&d, LIMIT);
    smtp_dialogue_remark(&d, 0, SPAN("connected"));
    for (int i = 0; i < 1000; i++)
        smtp_dialogue_server(&d, i, (struct span){ flood, 100 });
    assert_true(smtp_dialogue_view(&d).n <= LIMIT / 2);
    smtp_dialogue_turn(&d);
    smtp_dialogue_client(&d, 2000, SPAN("MAIL\r\n"));
    for (int i = 0; i < 1000; i++) {
        smtp_dialogue_content(&d, 2001, SPAN("content"));
        smtp_dialogue_server(&d, 2001, (struct span){ flood, 1 });
    }
    assert_false(d.packed.overflown);
    smtp_dialogue_reader_init(&reader, smtp_dialogue_view(&d));
    while (smtp_dialogue_next(&reader, &line))
        assert_true(line.text.n <= 1000);
    smtp_dialogue_reader_fini(&reader);
    smtp_dialogue_fini(&d);
}

static void nothing_is_kept_when_nobody_asked(void **state)
{
    struct smtp_dialogue d;

    (void)state;
    smtp_dialogue_init(&d, 0);
    say_opening(&d);
    assert_reads(&d, "");
    assert_null(d.packed.at);
    smtp_dialogue_fini(&d);
}

static void what_is_no_record_ends_the_reading(void **state)
{
    static const char *const cases[] = { "?",
                                         "S",
                                         "S\x01",
                                         "S\x01\x05xx",
                                         "S\xff\xff\xff\xff\xff",
                                         "C\x01\x80",
                                         "S\x01\x80\x80\x80\x80\x80\x80\x80\x80\x80" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct smtp_dialogue_reader reader;
        struct smtp_dialogue_line line;

        smtp_dialogue_reader_init(&reader, span_of(cases[i]));
        assert_false(smtp_dialogue_next(&reader, &line));
        assert_false(smtp_dialogue_rest(&reader, &line));
        smtp_dialogue_reader_fini(&reader);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_that_drips_in_is_one_line_and_content_is_counted),
        cmocka_unit_test(the_opening_stays_and_the_mail_before_goes),
        cmocka_unit_test(secrets_of_auth_are_never_kept),
        cmocka_unit_test(a_server_that_floods_fills_its_share_alone),
        cmocka_unit_test(nothing_is_kept_when_nobody_asked),
        cmocka_unit_test(what_is_no_record_ends_the_reading),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
