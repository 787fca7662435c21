#include "services/delivery/reply_words.h"

#include "services/delivery/wordings_internal.h"
#include "tests/support/cmocka.h"

/* Reads "550 5.1.1 words" as a reply. */
static struct smtp_reply reply_of(const char *line)
{
    struct span rest = span_of(line);
    struct smtp_status status = { 0, 0, 0 };
    int code = (rest.at[0] - '0') * 100 + (rest.at[1] - '0') * 10 + (rest.at[2] - '0');

    rest = span_rest(rest, 4);
    (void)!smtp_status_take(&rest, &status);
    return smtp_reply_make(code, status, rest);
}

/* clang-format off */
static const char *const unknown_users[] = {
    "550 5.1.1 <ann@example.org>: Recipient address rejected: User unknown in virtual alias table",
    "550 5.1.1 <ann@example.org>: Recipient address rejected: User unknown in relay recipient table",
    "550 5.1.1 <spam@example.org>: Recipient address rejected: User unknown in local recipient table",
    "550 <ann@example.org>: Recipient address rejected: User unknown",
    "550 5.1.1 The email account that you tried to reach does not exist. Please try\n"
        "double-checking the recipient's email address for typos or\nunnecessary spaces. For more "
        "information, go to\n https://support.google.com/mail/?p=NoSuchUser 5b1f - gsmtp",
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ann@example.org not found by SMTP address lookup",
    "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found",
    "550 5.1.1 User unknown",
    "550 5.4.1 Recipient address rejected: Access denied. [HE1EUR01FT020.eop-EUR01.prod.protection.outlook.com]",
    "550 5.1.1 unknown or illegal alias: ann@example.org",
    "550 5.1.1 <ann@example.org>... User unknown",
    "550 No such user here",
    "550 No Such User Here\"",
    "550 sorry, no mailbox here by that name. (#5.1.1)",
    "554 delivery error: dd This user doesn't have a yahoo.com account (ann@yahoo.com) [0] - mta1.mail.yahoo.com",
    "554 delivery error: dd Requested mail action aborted, mailbox not found",
    "552 1 Requested mail action aborted, mailbox not found",
    "550 Unrouteable address",
    "550 unknown user",
    "550 Invalid recipient <ann@example.org> (#5.1.1)",
    "550 5.1.0 <ann@example.org>: no such recipient here",
    "550 5.5.1 No such local user",
    "550 5.1.1 Mailbox does not exist",
    "550 5.0.0 User unknown",
    "553 5.1.1 unknown address",
    "550 #5.1.0 Address rejected ann@example.org: no such user",
    "556 5.1.10 Recipient address has a null MX",
    "550 5.1.2 Host unknown",
    "550 5.4.4 Unable to route",
    "551 5.1.6 The mailbox has moved",
    "550 Empf\xc3\xa4nger unbekannt",
    "550 5.1.1 Utilisateur inconnu",
    "550 Postfach existiert nicht",
    "550 5.1.1",
    "550 Account does not exist",
    "550 5.1.1 <policy@example.org> User unknown",
    "550 5.2.1.1 user unknown", /* no enhanced code at all */
};

static const char *const other_refusals[] = {
    "450 4.1.1 <ann@example.org>: Recipient address rejected: User unknown in local recipient table",
    "550 5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus",
    "550 5.7.1 <ann@example.org>: Relay access denied",
    "554 5.7.1 <ann@example.org>: Recipient address rejected: Access denied",
    "550 5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM.",
    "550 5.7.1 [192.0.2.1 12] Our system has detected that this message is likely unsolicited mail.",
    "550 5.7.515 Access denied, sending domain example.com does not meet the required authentication level.",
    "550 5.7.9 This mail has been blocked because authentication failed",
    "552 5.2.2 The email account that you tried to reach is over quota and inactive.",
    "552 5.2.2 Mailbox full",
    "550 5.2.1 The email account that you tried to reach is disabled.",
    "550 Requested action not taken: mailbox unavailable",
    "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).",
    "550 5.1.8 <bounce@example.com>: Sender address rejected: Domain not found",
    "550 5.1.7 <bounce@example.com>: Sender address rejected: User unknown in virtual mailbox table",
    "550 5.1.0 <bounce@example.com>: Sender address rejected: User unknown",
    "550 5.1.1 Sender verify failed: unknown user",
    "550 Verification failed for <bounce@example.com>; callout verification: no such user",
    "554 5.7.1 Message rejected as spam by Content Filtering.",
    "550 5.1.1 Mail rejected: your IP is on a blacklist, user unknown",
    "552 5.3.4 Message size exceeds fixed limit",
    "550 5.1.1 mailbox is full",
    "550 5.1.1 You are not allowed to send to this recipient",
    "550 Administrative prohibition",
    "554 5.7.1 Rejected by local policy",
    "550 5.7.1 Recipient unknown", /* 5.7.1 says policy */
    "550 5.4.6 Routing loop detected",
    "550 5.6.0 Lone CR or LF in body",
    "554 5.7.5 TLS is required, user unknown",
    "550 4.1.1 something odd",
    "550 High probability of spam",
    "521 Server does not accept mail",
    "550 \x01\x02\xff",
    "550",
};

static const char *const greylistings[] = {
    "450 4.7.1 <ann@example.org>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.org.html",
    "451 4.7.1 Greylisting in action, please come back in 00:04:59",
    "450 4.2.0 <ann@example.org>: Recipient address rejected: Greylisted for 300 seconds",
    "451 4.7.1 Please try again later",
    "450 4.7.1 Try again",
    "451 Graylisted - please try again in 5 minutes.",
    "421 Greylisted, try again later",
    "450 4.7.1 <ann@example.org>: Recipient address rejected: Grey-listed",
    "451 4.3.0 first-time sender, try again in 180 seconds",
};

static const char *const other_deferrals[] = {
    "450 4.7.1 Client host rejected: cannot find your hostname, [192.0.2.1]",
    "450 4.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
    "451 4.3.0 Temporary lookup failure",
    "450 4.2.1 The user you are trying to contact is receiving mail too quickly.",
    "452 4.2.2 Mailbox full",
    "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints",
    "421 4.7.28 Our system has detected an unusual rate of unsolicited mail",
    "451 4.7.500 Server busy. Please try again later from [192.0.2.1].",
    "452 4.5.3 Too many recipients",
    "550 5.7.1 Greylisted for ever",
    "450 4.7.1 Too many connections, slow down",
    "421 4.3.2 System not accepting network messages, come back later",
    "421 4.3.2 come back later",
    "451 4.3.2 Please try again in 10 minutes",
    "451 5.7.1 odd",
};
/* clang-format on */

static void check(enum refusal_kind kind, const char *const *lines, size_t count, bool expected)
{
    for (size_t i = 0; i < count; i++) {
        struct smtp_reply reply = reply_of(strlen(lines[i]) > 3 ? lines[i] : "550 ");
        struct reply_reading reading = reply_read(&reply);

        if ((reply.code >= 500 || kind == REFUSAL_GREYLISTED) && (reading.kind == kind) != expected)
            fail_msg("%s: %s: %s (%s)", expected ? "not seen" : "wrongly seen", lines[i],
                     refusal_kind_name(reading.kind), reading.why);
    }
}

static void an_unknown_user_is_recognised(void **state)
{
    (void)state;
    check(REFUSAL_UNKNOWN_USER, unknown_users, ARRAY_LENGTH(unknown_users), true);
}

static void no_other_refusal_passes_for_an_unknown_user(void **state)
{
    (void)state;
    check(REFUSAL_UNKNOWN_USER, other_refusals, ARRAY_LENGTH(other_refusals), false);
    check(REFUSAL_UNKNOWN_USER, other_deferrals, ARRAY_LENGTH(other_deferrals), false);
    check(REFUSAL_UNKNOWN_USER, greylistings, ARRAY_LENGTH(greylistings), false);
}

static void greylisting_is_recognised(void **state)
{
    (void)state;
    check(REFUSAL_GREYLISTED, greylistings, ARRAY_LENGTH(greylistings), true);
}

static void no_other_deferral_passes_for_greylisting(void **state)
{
    (void)state;
    check(REFUSAL_GREYLISTED, other_deferrals, ARRAY_LENGTH(other_deferrals), false);
    check(REFUSAL_GREYLISTED, other_refusals, ARRAY_LENGTH(other_refusals), false);
    check(REFUSAL_GREYLISTED, unknown_users, ARRAY_LENGTH(unknown_users), false);
}

static void the_longest_reply_is_read_whole(void **state)
{
    char long_text[SMTP_REPLY_TEXT_MAX];
    struct smtp_reply reply;

    (void)state;
    memset(long_text, 'x', sizeof long_text);
    memcpy(long_text + sizeof long_text - 13, " user unknown", 13);
    reply = smtp_reply_make(550, (struct smtp_status){ 0, 0, 0 },
                            (struct span){ long_text, sizeof long_text });
    assert_int_equal(reply_read(&reply).kind, REFUSAL_UNKNOWN_USER);
}

static void check_heading(struct span line)
{
    enum refusal_kind kind;
    struct span class;

    line = span_trim(span_rest(line, 1));
    assert_true(refusal_kind_find(span_take_until(&line, ' '), &kind));
    class = span_take_until(&line, ' ');
    assert_true(span_equal(class, SPAN("4")) || span_equal(class, SPAN("5")) ||
                span_equal(class, SPAN("any")));
    assert_true(span_equal(line, SPAN("before")) || span_equal(line, SPAN("after")));
    assert_true(refusal_judge(5, kind) != REFUSAL_IS_HARD || span_equal(class, SPAN("5")));
}

static void the_shipped_table_is_sound(void **state)
{
    struct span text = { shipped_wordings[0].bytes, shipped_wordings[0].n };
    size_t words = 0;

    (void)state;
    while (text.n > 0) {
        struct span line = span_take_until(&text, '\n');

        if (line.n == 0 || line.at[0] == '#')
            continue;
        if (line.at[0] == '%')
            check_heading(line);
        else
            words++;
        for (size_t i = 0; line.at[0] != '%' && i < line.n; i++)
            assert_int_equal(line.at[i], span_lower(line.at[i]));
    }
    assert_true(words > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_user_is_recognised),
        cmocka_unit_test(no_other_refusal_passes_for_an_unknown_user),
        cmocka_unit_test(greylisting_is_recognised),
        cmocka_unit_test(no_other_deferral_passes_for_greylisting),
        cmocka_unit_test(the_longest_reply_is_read_whole),
        cmocka_unit_test(the_shipped_table_is_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
