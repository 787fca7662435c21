#include "protocol/smtp/capabilities.h"

#include <string.h>

#include "tests/support/cmocka.h"

static struct smtp_capabilities read_text(struct span text)
{
    const struct smtp_reply ehlo = smtp_reply_make(250, (struct smtp_status){ 0 }, text);

    return smtp_capabilities_read(&ehlo);
}

static void keywords_are_offers_from_the_second_line_on(void **state)
{
    struct smtp_capabilities caps =
        read_text(SPAN("PIPELINING greets you\nsize 1000\n8BitMime\nSTARTTLS\nDSN now\n"
                       "PIPELININGX\nX-SMTPUTF8\n\n CHUNKING \nENHANCEDSTATUSCODES"));

    (void)state;
    assert_false(caps.pipelining);
    assert_true(caps.size && caps.eight_bit && caps.starttls && caps.dsn && caps.chunking);
    assert_true(caps.enhanced_status);
    assert_false(caps.smtputf8 || caps.requiretls || caps.deliver_by || caps.limits);
    assert_true(caps.size_limit == 1000);
    caps = read_text(SPAN("mx SIZE 1000 STARTTLS"));
    assert_false(caps.size || caps.starttls);
}

static void numbers_that_are_none_tell_nothing(void **state)
{
    static const struct {
        const char *lines;
        uint64_t size;
        int64_t by;
        uint32_t mails;
        uint32_t recipients;
        uint32_t domains;
    } cases[] = {
        { "SIZE\nDELIVERBY\nLIMITS", 0, 0, 0, 0, 0 },
        { "SIZE 0\nDELIVERBY 0", 0, 0, 0, 0, 0 },
        { "SIZE -1\nDELIVERBY -1\nLIMITS MAILMAX=-1", 0, 0, 0, 0, 0 },
        { "SIZE 10x\nLIMITS RCPTMAX=", 0, 0, 0, 0, 0 },
        { "SIZE 9223372036854775807\nDELIVERBY 240", INT64_MAX, 240, 0, 0, 0 },
        { "SIZE 9223372036854775808\nDELIVERBY 1000000000", 0, 0, 0, 0, 0 },
        { "LIMITS MAILMAX=20 RCPTMAX=100 RCPTDOMAINMAX=1", 0, 0, 20, 100, 1 },
        { "limits rcptmax=4294967295 mailmax=4294967296", 0, 0, 0, UINT32_MAX, 0 },
        { "SIZE  5 6", 5, 0, 0, 0, 0 },
        { "SIZE=5\nLIMITS=RCPTMAX=5", 0, 0, 0, 0, 0 }, /* an old form, which is no offer */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct smtp_capabilities caps;
        char text[200];

        (void)snprintf(text, sizeof text, "mx.example\n%s", cases[i].lines);
        caps = read_text(span_of(text));
        assert_true(caps.size_limit == cases[i].size);
        assert_int_equal(caps.deliver_by_min, cases[i].by);
        assert_int_equal(caps.mail_limit, cases[i].mails);
        assert_int_equal(caps.recipient_limit, cases[i].recipients);
        assert_int_equal(caps.domain_limit, cases[i].domains);
    }
}

/* A keyword that was cut could be the start of another one. */
static void a_line_that_was_cut_is_not_read(void **state)
{
    char text[SMTP_REPLY_TEXT_MAX + 20];
    struct smtp_capabilities caps;

    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text, "mx\nDSN\n", 7);
    memcpy(text + SMTP_REPLY_TEXT_MAX - 12, "\nSMTPUTF8\nSIZE 10", 17);
    caps = read_text((struct span){ text, sizeof text });
    assert_true(caps.dsn && caps.smtputf8);
    assert_false(caps.size);
    memcpy(text + SMTP_REPLY_TEXT_MAX - 4, "\nDSNX", 5);
    text[3] = 'X';
    caps = read_text((struct span){ text, sizeof text });
    assert_false(caps.dsn);
    caps = read_text((struct span){ text, SMTP_REPLY_TEXT_MAX });
    assert_true(caps.dsn); /* the same, not cut */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keywords_are_offers_from_the_second_line_on),
        cmocka_unit_test(numbers_that_are_none_tell_nothing),
        cmocka_unit_test(a_line_that_was_cut_is_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
