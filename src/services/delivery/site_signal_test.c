#include "services/delivery/site_signal.h"

#include "services/delivery/outcome_policy.h"
#include "services/delivery/reactions_internal.h"
#include "tests/support/cmocka.h"

static struct site_request read_reply(const char *host, enum smtp_stage stage, int code,
                                      const char *text)
{
    struct span rest = span_of(text);
    struct smtp_status status = { 0, 0, 0 };
    struct smtp_result result = { .cause = SMTP_CAUSE_REPLY, .stage = stage };
    struct outcome outcome;

    (void)!smtp_status_take(&rest, &status);
    result.reply = smtp_reply_make(code, status, rest);
    outcome = outcome_of_result(&result, (struct outcome_situation){ .session_used = false });
    return site_signal_read(&outcome, span_of(host));
}

static void servers_say_that_they_want_less(void **state)
{
    static const struct {
        const char *host;
        int code;
        const char *text;
        enum site_signal signal;
    } cases[] = {
        { "mx.example.net", 421, "Too many connections from your host", SIGNAL_CONNECTIONS },
        { "mx.example.net", 451, "Rate limit exceeded, try later", SIGNAL_RATE },
        { "mx.example.net", 421, "Service closing", SIGNAL_OVERLOADED },
        { "mx.example.net", 450, "Mailbox is busy", SIGNAL_NONE },
        { "mx.example.net", 550, "No such user", SIGNAL_NONE },
        { "mx.example.net", 550, "blocked using zen.spamhaus.org", SIGNAL_BLOCKED },
        { "gmail-smtp-in.l.google.com", 421,
          "Our system has detected an unusual rate of unsolicited mail", SIGNAL_RATE },
        { "gmail-smtp-in.l.google.com", 450,
          "The user you are trying to contact is receiving mail at a rate that prevents delivery",
          SIGNAL_NONE },
        { "mta7.am0.yahoodns.net", 421, "[TSS04] Messages temporarily deferred", SIGNAL_BLOCKED },
        { "mx.example.net", 421, "Messages temporarily deferred", SIGNAL_OVERLOADED },
        { "x.olc.protection.outlook.com", 451, "Server busy. Please try again later", SIGNAL_RATE },
        { "mx.example.net", 451, "Server busy. Please try again later", SIGNAL_OVERLOADED },
        { "mx.example.net", 250, "too many connections is fine", SIGNAL_NONE },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct site_request got =
            read_reply(cases[i].host, SMTP_STAGE_MAIL, cases[i].code, cases[i].text);

        if (got.signal != cases[i].signal)
            fail_msg("%s: %s", cases[i].text, site_signal_name(got.signal));
    }
}

static void greylisting_and_our_own_words_are_no_signal(void **state)
{
    struct outcome outcome = { .class = OUTCOME_RETRY,
                               .code = 451,
                               .kind = REFUSAL_GREYLISTED,
                               .text = "Greylisted, rate limit" };

    (void)state;
    assert_int_equal(site_signal_read(&outcome, SPAN("mx.example.net")).signal, SIGNAL_NONE);
    outcome.kind = REFUSAL_RATE;
    outcome.local = true;
    assert_int_equal(site_signal_read(&outcome, SPAN("mx.example.net")).signal, SIGNAL_NONE);
    outcome.local = false;
    assert_int_equal(site_signal_read(&outcome, SPAN("mx.example.net")).signal, SIGNAL_RATE);
}

/* Lesson 12: 421 on connect or MAIL speaks of the site; one mail that failed tells nothing. */
static void one_failure_of_one_message_is_no_signal(void **state)
{
    static const enum smtp_stage stages[] = { SMTP_STAGE_RCPT, SMTP_STAGE_DATA, SMTP_STAGE_CONTENT,
                                              SMTP_STAGE_DOT };
    static const char mx[] = "mx.example.net";

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(stages); i++) {
        assert_int_equal(read_reply(mx, stages[i], 421, "closing").signal, SIGNAL_NONE);
        assert_int_equal(read_reply(mx, stages[i], 550, "5.7.1 spam").signal, SIGNAL_NONE);
        assert_int_equal(read_reply(mx, stages[i], 552, "5.2.2 full").signal, SIGNAL_NONE);
        assert_int_equal(read_reply(mx, stages[i], 451, "4.3.0 trouble").signal, SIGNAL_NONE);
    }
    assert_int_equal(read_reply(mx, SMTP_STAGE_GREETING, 421, "closing").signal, SIGNAL_OVERLOADED);
    assert_int_equal(read_reply(mx, SMTP_STAGE_MAIL, 421, "closing").signal, SIGNAL_OVERLOADED);
}

static void gmail_is_left_alone_for_ten_minutes(void **state)
{
    struct site_request r =
        read_reply("gmail-smtp-in.l.google.com", SMTP_STAGE_DOT, 421,
                   "4.7.28 Gmail has detected an unusual rate of unsolicited mail");

    (void)state;
    assert_int_equal(r.signal, SIGNAL_RATE);
    assert_int_equal(r.pause_ms, 10 * 60000);
    assert_int_equal(r.connections, 1);
}

/* Law 7: what the words are about; of unknown ones the domain. */
static void a_block_is_about_the_site_or_the_domain(void **state)
{
    static const struct {
        const char *host;
        const char *text;
        bool about_domain;
    } blocks[] = {
        { "mx.example.net", "5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org", false },
        { "mx.example.net", "5.7.1 poor reputation of your address", false },
        { "mx.example.net", "5.7.1 you have been blocked", true },
        { "mx.example.net", "5.7.1 link found on surbl", true },
        { "eu-smtp-1.mimecast.com", "5.7.1 blocked using zen.spamhaus.org", true },
        { "mx.example.net", "5.7.26 DMARC says no", true },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(blocks); i++) {
        struct site_request r = read_reply(blocks[i].host, SMTP_STAGE_RCPT, 550, blocks[i].text);

        if (r.signal != SIGNAL_BLOCKED || r.about_domain != blocks[i].about_domain)
            fail_msg("%s: %s", blocks[i].text, site_signal_name(r.signal));
    }
}

static void the_shipped_table_is_sound(void **state)
{
    struct span table = { shipped_reactions[0].bytes, shipped_reactions[0].n };
    struct reaction reaction;
    struct site_request request;
    enum refusal_kind kind;
    size_t lines = 0;
    struct error err;

    (void)state;
    for (; reaction_next(&table, &reaction); lines++) {
        if (!reaction_read(&reaction, &request, &err))
            fail_msg("%.*s: %s", SPAN_ARGS(reaction.words), err.text);
        assert_true(reaction.words.n > 0);
        if (reaction.words.at[0] == '<')
            assert_true(refusal_kind_find(
                span_first(span_rest(reaction.words, 1), reaction.words.n - 2), &kind));
        if (request.signal != SIGNAL_NONE && request.signal != SIGNAL_OVERLOADED)
            assert_true(request.for_ms > 0);
    }
    assert_true(lines > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_say_that_they_want_less),
        cmocka_unit_test(greylisting_and_our_own_words_are_no_signal),
        cmocka_unit_test(one_failure_of_one_message_is_no_signal),
        cmocka_unit_test(gmail_is_left_alone_for_ten_minutes),
        cmocka_unit_test(a_block_is_about_the_site_or_the_domain),
        cmocka_unit_test(the_shipped_table_is_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
