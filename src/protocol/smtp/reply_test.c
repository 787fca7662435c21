#include "protocol/smtp/reply.h"

#include <string.h>

#include "base/alloc.h"
#include "protocol/smtp/capabilities.h"
#include "tests/support/cmocka.h"

/* Feeds `bytes` in pieces of `chunk`; the answer is that of the last call. */
static enum smtp_reply_take feed(struct smtp_reply_parser *p, struct span bytes, size_t chunk,
                                 struct smtp_reply *ret_reply)
{
    enum smtp_reply_take taken = SMTP_REPLY_MORE;

    while (bytes.n > 0 && taken == SMTP_REPLY_MORE) {
        struct span piece = span_first(bytes, chunk);

        bytes = span_rest(bytes, piece.n);
        taken = smtp_reply_take(p, &piece, ret_reply);
    }
    return taken;
}

static void replies_are_read_at_every_chunk_size(void **state)
{
    /* clang-format off */
    static const struct {
        const char *wire;
        const char *shown;
    } cases[] = {
        { "250 ok\r\n", "250 ok" },
        { "250\r\n", "250 " },
        { "250 \r\n", "250 " },
        { "250 ok\n", "250 ok" },
        { "250\n", "250 " },
        { "250 ok\r\r\n", "250 ok" },
        { "299 strange\r\n", "299 strange" },
        { "599 strange\r\n", "599 strange" },
        { "550 5.1.1 no such user\r\n", "550 5.1.1 no such user" },
        { "550 5.1.1\r\n", "550 5.1.1 " },
        { "550-5.1.1 no such\r\n550 5.1.1 user\r\n", "550 5.1.1 no such user" },
        { "550-5.1.1 no such\r\n550 user\r\n", "550 5.1.1 no such user" },
        { "550-no such\r\n550 5.1.1 user\r\n", "550 5.1.1 no such user" },
        { "550-5.1.1 no\r\n550 5.7.1 way\r\n", "550 5.1.1 no 5.7.1 way" },
        { "550 4.7.1 contradicts\r\n", "550 4.7.1 contradicts" },
        { "550 5.7.1.2 no status\r\n", "550 5.7.1.2 no status" },
        { "550 5.7777.1 no status\r\n", "550 5.7777.1 no status" },
        { "250-\r\n250 \r\n", "250 " },
        { "250 a\tb\001\033[31mc\r\n", "250 a\\x09b\\x01\\x1B[31mc" },
        { "250 gr\303\274n \377\302\233\r\n", "250 gr\303\274n \\xFF\\xC2\\x9B" },
        { "450 a\rb\r\n", "450 a\\x0Db" },
    };
    /* clang-format on */

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct span wire = span_of(cases[i].wire);

        for (size_t chunk = 1; chunk <= wire.n; chunk++) {
            CLEANUP(buf_fini) struct buf shown;
            struct smtp_reply_parser p;
            struct smtp_reply r;

            buf_init(&shown, 1000);
            smtp_reply_parser_init(&p);
            assert_int_equal(feed(&p, wire, chunk, &r), SMTP_REPLY_TAKEN);
            smtp_reply_put(&shown, &r);
            assert_string_equal(buf_text(&shown), cases[i].shown);
            assert_false(smtp_reply_begun(&p));
        }
    }
}

static void a_status_that_contradicts_the_code_is_no_status(void **state)
{
    struct smtp_reply_parser p;
    struct smtp_reply r;

    (void)state;
    smtp_reply_parser_init(&p);
    assert_int_equal(feed(&p, SPAN("550 4.7.1 later\r\n"), 100, &r), SMTP_REPLY_TAKEN);
    assert_int_equal(r.status.class, 0);
    assert_true(span_equal(smtp_reply_text(&r), SPAN("4.7.1 later")));
}

static void garbage_is_never_a_reply(void **state)
{
    static const char *const wrong[] = {
        "hello\r\n",
        "25 ok\r\n",
        "2500 ok\r\n",
        "250ok\r\n",
        "250\tok\r\n",
        "150 go on\r\n",
        "650 what\r\n",
        "999 what\r\n",
        " 250 ok\r\n",
        "\r\n",
        "250\rx\n",
        "250-ok\r\n550 no\r\n",
        "250-ok\r\n251 ok\r\n",
        "250-ok\r\nok\r\n",
        "HTTP/1.1 400 Bad Request\r\n",
        "\026\003\001\002",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        struct span wire = span_of(wrong[i]);

        for (size_t chunk = 1; chunk <= wire.n; chunk++) {
            struct smtp_reply_parser p;
            struct smtp_reply r;

            smtp_reply_parser_init(&p);
            assert_int_equal(feed(&p, wire, chunk, &r), SMTP_REPLY_BROKEN);
            assert_int_equal(r.code, 0);
            assert_non_null(p.fault);
        }
    }
}

static void nothing_of_a_reply_is_left_for_the_next(void **state)
{
    struct span in = SPAN("550-5.1.1 a\r\n550 b\r\n250 ok\r\n45");
    struct smtp_reply_parser p;
    struct smtp_reply r;

    (void)state;
    smtp_reply_parser_init(&p);
    assert_int_equal(smtp_reply_take(&p, &in, &r), SMTP_REPLY_TAKEN);
    assert_int_equal(r.status.detail, 1);
    assert_int_equal(smtp_reply_take(&p, &in, &r), SMTP_REPLY_TAKEN);
    assert_int_equal(r.code, 250);
    assert_int_equal(r.status.class, 0);
    assert_true(span_equal(smtp_reply_text(&r), SPAN("ok")));
    assert_int_equal(smtp_reply_take(&p, &in, &r), SMTP_REPLY_MORE);
    assert_true(smtp_reply_begun(&p));
    in = SPAN("1 later\r\n");
    assert_int_equal(smtp_reply_take(&p, &in, &r), SMTP_REPLY_TAKEN);
    assert_int_equal(r.code, 451);
}

/* Feeds `line` again and again until the parser has had enough. */
static const char *fault_of_endless(const char *line, size_t *ret_bytes)
{
    struct smtp_reply_parser p;
    struct smtp_reply r;

    smtp_reply_parser_init(&p);
    for (*ret_bytes = 0; *ret_bytes < 1000000; *ret_bytes += strlen(line)) {
        struct span in = span_of(line);

        if (smtp_reply_take(&p, &in, &r) == SMTP_REPLY_BROKEN)
            return p.fault;
    }
    return NULL;
}

static void every_length_has_a_limit(void **state)
{
    size_t bytes;

    (void)state;
    assert_string_equal(fault_of_endless("250-x\r\n", &bytes), "the reply has too many lines");
    assert_true(bytes <= SMTP_REPLY_LINES_MAX * strlen("250-x\r\n"));
    assert_string_equal(fault_of_endless("222 abcdefghijklmnopqrstuvwxyz", &bytes),
                        "a line of the reply is too long");
    assert_true(bytes <= SMTP_REPLY_LINE_MAX + 30);
    assert_string_equal(fault_of_endless("250-........................................"
                                         "........................................"
                                         "........................................"
                                         "........................................\r\n",
                                         &bytes),
                        "the reply is too long");
    assert_true(bytes <= SMTP_REPLY_TOTAL_MAX + 200);
}

static void a_long_text_is_cut_and_says_so(void **state)
{
    struct smtp_reply_parser p;
    struct smtp_reply r;
    char *line = alloc_zeroed(3001);
    struct span in = { line, 3000 };

    (void)state;
    (void)snprintf(line, 3001, "550 %02994d\r\n", 0);
    smtp_reply_parser_init(&p);
    assert_int_equal(smtp_reply_take(&p, &in, &r), SMTP_REPLY_TAKEN);
    assert_int_equal(r.text_n, SMTP_REPLY_TEXT_MAX);
    assert_true(r.text_cut);
    alloc_free(line);
}

static struct smtp_capabilities offers_of(const char *lines)
{
    struct smtp_reply r = smtp_reply_make(250, (struct smtp_status){ 0 }, span_of(lines));

    return smtp_capabilities_read(&r);
}

static void offers_are_read_from_the_second_line_on(void **state)
{
    struct smtp_capabilities caps = offers_of("pipelining starttls\nPIPELINING\nSize 1000\n8bitmime"
                                              "\nLIMITS RCPTMAX=50 MAILMAX=x\nX-STARTTLS\nDSN");

    (void)state;
    assert_true(caps.pipelining && caps.size && caps.eight_bit && caps.limits && caps.dsn);
    assert_false(caps.starttls || caps.smtputf8 || caps.chunking || caps.enhanced_status);
    assert_int_equal(caps.size_limit, 1000);
    assert_int_equal(caps.recipient_limit, 50);
    assert_int_equal(caps.mail_limit, 0);
    caps = offers_of("PIPELINING");
    assert_false(caps.pipelining);
    caps = offers_of("x\nSIZE\nSIZE=5\nSTARTTLS foo");
    assert_true(caps.size && caps.starttls);
    assert_int_equal(caps.size_limit, 0);
    caps = offers_of("x\nSIZE 99999999999999999999");
    assert_int_equal(caps.size_limit, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_are_read_at_every_chunk_size),
        cmocka_unit_test(a_status_that_contradicts_the_code_is_no_status),
        cmocka_unit_test(garbage_is_never_a_reply),
        cmocka_unit_test(nothing_of_a_reply_is_left_for_the_next),
        cmocka_unit_test(every_length_has_a_limit),
        cmocka_unit_test(a_long_text_is_cut_and_says_so),
        cmocka_unit_test(offers_are_read_from_the_second_line_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
