#include "services/delivery/outcome_policy.h"

#include "tests/support/cmocka.h"

static struct smtp_result result_of(enum smtp_cause cause, enum smtp_stage stage, const char *line)
{
    struct span rest = span_of(line);
    struct smtp_status status = { 0, 0, 0 };
    int code = 0;

    if (rest.n >= 4) {
        code = (rest.at[0] - '0') * 100 + (rest.at[1] - '0') * 10 + (rest.at[2] - '0');
        rest = span_rest(rest, 4);
        (void)!smtp_status_take(&rest, &status);
    }
    return (struct smtp_result){ .cause = cause,
                                 .stage = stage,
                                 .dot_sent = stage == SMTP_STAGE_DOT,
                                 .reply = smtp_reply_make(code, status, rest) };
}

/* clang-format off */
#define REPLY   SMTP_CAUSE_REPLY
#define LOST    SMTP_CAUSE_LOST
#define TIMEOUT SMTP_CAUSE_TIMEOUT
#define GARBAGE SMTP_CAUSE_PROTOCOL

static const struct {
    enum smtp_cause cause;
    enum smtp_stage stage;
    const char *line;
    bool session_used;
    enum outcome_class class;
    enum outcome_scope scope;
    bool next_host;
    bool suppress;
} cases[] = {
    /* nobody there, or not for us: the next host is asked in the same pass */
    { LOST,    SMTP_STAGE_CONNECT,   "",                          false, OUTCOME_RETRY, SCOPE_HOST, true, false },
    { TIMEOUT, SMTP_STAGE_GREETING,  "",                          false, OUTCOME_RETRY, SCOPE_HOST, true, false },
    { REPLY,   SMTP_STAGE_GREETING,  "421 4.3.2 busy",            false, OUTCOME_RETRY, SCOPE_HOST, true, false },
    { REPLY,   SMTP_STAGE_GREETING,  "554 5.7.1 no SMTP for you", false, OUTCOME_RETRY, SCOPE_HOST, true, false },
    { REPLY,   SMTP_STAGE_GREETING,  "550 5.1.1 user unknown",    false, OUTCOME_RETRY, SCOPE_HOST, true, false },
    { REPLY,   SMTP_STAGE_GREETING,  "521 does not accept mail",  false, OUTCOME_FAILED, SCOPE_HOST, true, false },
    { GARBAGE, SMTP_STAGE_GREETING,  "",                          false, OUTCOME_RETRY, SCOPE_HOST, true, false },
    { REPLY,   SMTP_STAGE_HELO,      "550 go away",               false, OUTCOME_RETRY, SCOPE_HOST, true, false },
    { SMTP_CAUSE_TLS, SMTP_STAGE_STARTTLS, "454 4.7.0 not now",   false, OUTCOME_RETRY, SCOPE_HOST, true, false },
    { SMTP_CAUSE_TLS, SMTP_STAGE_HANDSHAKE, "",                   false, OUTCOME_RETRY, SCOPE_HOST, true, false },
    { SMTP_CAUSE_TLS_MISSING, SMTP_STAGE_EHLO, "",                false, OUTCOME_RETRY, SCOPE_HOST, true, false },

    /* a host that cannot take this mail: another one may */
    { SMTP_CAUSE_TOO_LARGE,  SMTP_STAGE_MAIL, "552 5.3.4 too large", false, OUTCOME_FAILED, SCOPE_HOST, true, false },
    { SMTP_CAUSE_NEEDS_UTF8, SMTP_STAGE_MAIL, "553 5.6.7 no",        false, OUTCOME_FAILED, SCOPE_HOST, true, false },

    /* an end between two mails is no failure of the next one */
    { REPLY, SMTP_STAGE_MAIL,  "421 4.7.0 enough for today", true,  OUTCOME_RETRY, SCOPE_SESSION, false, false },
    { LOST,  SMTP_STAGE_READY, "",                           true,  OUTCOME_RETRY, SCOPE_SESSION, false, false },
    { LOST,  SMTP_STAGE_RSET,  "",                           true,  OUTCOME_RETRY, SCOPE_SESSION, false, false },
    { SMTP_CAUSE_CHUNKING, SMTP_STAGE_CONTENT, "502 5.5.1 what?", false, OUTCOME_RETRY, SCOPE_SESSION, false, false },
    { SMTP_CAUSE_NO_ROOM, SMTP_STAGE_READY, "452 4.5.3 told", true, OUTCOME_RETRY, SCOPE_SESSION, false, false },
    { SMTP_CAUSE_UNTRIED, SMTP_STAGE_READY, "",              true,  OUTCOME_RETRY, SCOPE_SESSION, false, false },
    { REPLY, SMTP_STAGE_MAIL,  "421 4.7.0 enough",           false, OUTCOME_RETRY, SCOPE_HOST, true, false },
    { REPLY, SMTP_STAGE_MAIL,  "451 4.7.1 no",               true,  OUTCOME_RETRY, SCOPE_MESSAGE, false, false },

    /* the envelope */
    { REPLY,   SMTP_STAGE_MAIL, "550 5.7.1 sender refused",      false, OUTCOME_FAILED, SCOPE_MESSAGE, false, false },
    { REPLY,   SMTP_STAGE_MAIL, "550 5.1.1 user unknown",        false, OUTCOME_FAILED, SCOPE_MESSAGE, false, false },
    { REPLY,   SMTP_STAGE_MAIL, "452 4.3.1 disk full",           false, OUTCOME_RETRY, SCOPE_HOST, true, false },
    { REPLY,   SMTP_STAGE_RCPT, "550 5.1.1 user unknown",        false, OUTCOME_FAILED, SCOPE_RECIPIENT, false, true },
    { REPLY,   SMTP_STAGE_RCPT, "550 No such user here",         false, OUTCOME_FAILED, SCOPE_RECIPIENT, false, true },
    { REPLY,   SMTP_STAGE_RCPT, "550 5.7.1 blocked",             false, OUTCOME_FAILED, SCOPE_RECIPIENT, false, false },
    { REPLY,   SMTP_STAGE_RCPT, "552 5.2.2 mailbox full",        false, OUTCOME_RETRY, SCOPE_RECIPIENT, false, false },
    { REPLY,   SMTP_STAGE_RCPT, "452 4.2.2 over quota",          false, OUTCOME_RETRY, SCOPE_RECIPIENT, false, false },
    { REPLY,   SMTP_STAGE_RCPT, "450 4.1.1 user unknown",        false, OUTCOME_RETRY, SCOPE_RECIPIENT, false, false },
    { REPLY,   SMTP_STAGE_RCPT, "421 4.3.2 shutting down",       false, OUTCOME_RETRY, SCOPE_HOST, true, false },
    { REPLY,   SMTP_STAGE_RCPT, "503 5.5.1 MAIL first",          false, OUTCOME_RETRY, SCOPE_HOST, true, false },
    { REPLY,   SMTP_STAGE_RCPT, "354 go ahead",                  false, OUTCOME_RETRY, SCOPE_HOST, true, false },
    { REPLY,   SMTP_STAGE_RCPT, "599 5.0.0 hm",                  false, OUTCOME_FAILED, SCOPE_RECIPIENT, false, false },
    { REPLY,   SMTP_STAGE_RCPT, "459 hm",                        false, OUTCOME_RETRY, SCOPE_RECIPIENT, false, false },
    { LOST,    SMTP_STAGE_RCPT, "",                              false, OUTCOME_RETRY, SCOPE_HOST, true, false },
    { TIMEOUT, SMTP_STAGE_RCPT, "",                              true,  OUTCOME_RETRY, SCOPE_HOST, true, false },
    { SMTP_CAUSE_UNFIT_ADDRESS, SMTP_STAGE_RCPT, "501 5.1.3 no", false, OUTCOME_FAILED, SCOPE_RECIPIENT, false, false },

    /* the content: no other host from here on */
    { REPLY,   SMTP_STAGE_DATA,    "554 5.5.1 no valid recipients", false, OUTCOME_FAILED, SCOPE_MESSAGE, false, false },
    { REPLY,   SMTP_STAGE_DATA,    "421 4.3.2 bye",                 true,  OUTCOME_RETRY, SCOPE_MESSAGE, false, false },
    { LOST,    SMTP_STAGE_CONTENT, "",                              false, OUTCOME_RETRY, SCOPE_MESSAGE, false, false },
    { REPLY,   SMTP_STAGE_CONTENT, "552 5.3.4 too much",            false, OUTCOME_FAILED, SCOPE_MESSAGE, false, false },
    { SMTP_CAUSE_UNFIT_CONTENT, SMTP_STAGE_DATA, "",                false, OUTCOME_FAILED, SCOPE_MESSAGE, false, false },

    /* after the dot */
    { REPLY,   SMTP_STAGE_DOT, "250 2.0.0 queued as 1234",       false, OUTCOME_DELIVERED, SCOPE_MESSAGE, false, false },
    { REPLY,   SMTP_STAGE_DOT, "251 will forward",               false, OUTCOME_DELIVERED, SCOPE_MESSAGE, false, false },
    { REPLY,   SMTP_STAGE_DOT, "299 fine",                       false, OUTCOME_DELIVERED, SCOPE_MESSAGE, false, false },
    { REPLY,   SMTP_STAGE_DOT, "451 4.3.0 try later",            false, OUTCOME_RETRY, SCOPE_MESSAGE, false, false },
    { REPLY,   SMTP_STAGE_DOT, "421 4.3.0 closing",              false, OUTCOME_RETRY, SCOPE_MESSAGE, false, false },
    { REPLY,   SMTP_STAGE_DOT, "554 5.7.1 spam",                 false, OUTCOME_FAILED, SCOPE_MESSAGE, false, false },
    { REPLY,   SMTP_STAGE_DOT, "550 5.1.1 user unknown",         false, OUTCOME_FAILED, SCOPE_MESSAGE, false, true },
    { LOST,    SMTP_STAGE_DOT, "",                               false, OUTCOME_IN_DOUBT, SCOPE_MESSAGE, false, false },
    { TIMEOUT, SMTP_STAGE_DOT, "",                               true,  OUTCOME_IN_DOUBT, SCOPE_MESSAGE, false, false },
    { GARBAGE, SMTP_STAGE_DOT, "",                               false, OUTCOME_IN_DOUBT, SCOPE_MESSAGE, false, false },
};
/* clang-format on */

static void every_end_of_a_try_has_its_meaning(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct smtp_result result = result_of(cases[i].cause, cases[i].stage, cases[i].line);
        struct outcome outcome = outcome_of_result(
            &result, (struct outcome_situation){ .session_used = cases[i].session_used });

        if (outcome.class != cases[i].class || outcome.scope != cases[i].scope ||
            outcome_tries_next_host(&outcome) != cases[i].next_host ||
            outcome_suppresses(&outcome) != cases[i].suppress)
            fail_msg("case %zu, %s at %s \"%s\": class %d scope %d next %d suppress %d", i,
                     smtp_cause_name(cases[i].cause), smtp_stage_name(cases[i].stage),
                     cases[i].line, outcome.class, outcome.scope, outcome_tries_next_host(&outcome),
                     outcome_suppresses(&outcome));
    }
}

static void the_servers_own_words_are_kept_and_made_safe(void **state)
{
    struct smtp_result result =
        result_of(REPLY, SMTP_STAGE_RCPT, "550 5.7.1 first line\nsecond\x1b[31m \xff line");
    struct outcome outcome = outcome_of_result(&result, (struct outcome_situation){ false });

    (void)state;
    assert_int_equal(outcome.code, 550);
    assert_string_equal(outcome.status, "5.7.1");
    assert_string_equal(outcome.stage, "rcpt");
    assert_string_equal(outcome.text, "first line second\\x1B[31m \\xFF line");
    assert_false(outcome.local);
}

static void a_long_text_is_cut_between_characters(void **state)
{
    char words[1500];
    struct smtp_result result;
    struct outcome outcome;

    (void)state;
    memcpy(words, "550 x", 5);
    for (size_t i = 5; i + 2 < sizeof words; i += 2)
        memcpy(words + i, "\xc3\xa4", 2);
    words[sizeof words - 1] = '\0';
    words[sizeof words - 2] = '\0';
    result = result_of(REPLY, SMTP_STAGE_DOT, words);
    outcome = outcome_of_result(&result, (struct outcome_situation){ false });
    assert_int_equal(strlen(outcome.text), 1023);
    assert_int_equal((unsigned char)outcome.text[1022], 0xa4);
}

static void greylisting_is_marked_only_while_it_defers(void **state)
{
    struct smtp_result later = result_of(REPLY, SMTP_STAGE_RCPT, "450 4.7.1 Greylisted");
    struct smtp_result never = result_of(REPLY, SMTP_STAGE_RCPT, "550 5.7.1 Greylisted");

    (void)state;
    assert_int_equal(outcome_of_result(&later, (struct outcome_situation){ false }).kind,
                     REFUSAL_GREYLISTED);
    assert_int_not_equal(outcome_of_result(&never, (struct outcome_situation){ false }).kind,
                         REFUSAL_GREYLISTED);
}

static void a_pass_over_all_hosts_fails_only_when_every_host_refused_for_good(void **state)
{
    struct smtp_result never = result_of(REPLY, SMTP_STAGE_GREETING, "521 no mail here");
    struct smtp_result dead = result_of(LOST, SMTP_STAGE_CONNECT, "");
    struct smtp_result busy = result_of(REPLY, SMTP_STAGE_GREETING, "421 busy");
    struct smtp_result unknown = result_of(REPLY, SMTP_STAGE_RCPT, "550 5.1.1 unknown");
    struct outcome_situation first = { false };
    struct outcome refused = outcome_of_result(&never, first);
    struct outcome nobody = outcome_of_result(&dead, first);
    struct outcome later = outcome_of_result(&busy, first);
    struct outcome answer = outcome_of_result(&unknown, first);

    (void)state;
    assert_false(outcome_outlasts(&refused, &refused));
    assert_false(outcome_outlasts(&refused, &nobody)); /* "later" says more than "never" */
    assert_true(outcome_outlasts(&nobody, &refused));
    assert_true(outcome_outlasts(&later, &nobody)); /* a server's words more than ours */
    assert_false(outcome_outlasts(&nobody, &later));
    assert_false(outcome_outlasts(&later, &answer)); /* an answer about the mail most of all */
}

static void a_domain_without_hosts_says_why(void **state)
{
    struct outcome gone = outcome_of_lookup(true, "5.1.2", "example.org does not exist");
    struct outcome silent = outcome_of_lookup(false, "4.4.3", "no answer about example.org");

    (void)state;
    assert_int_equal(gone.class, OUTCOME_FAILED);
    assert_int_equal(silent.class, OUTCOME_RETRY);
    assert_string_equal(gone.stage, "dns");
    assert_true(gone.local);
    assert_false(outcome_suppresses(&gone));
    assert_false(outcome_tries_next_host(&gone));
}

/* RFC 5321, section 4.5.3.1.10 */
static void by_its_place_452_is_about_the_mailbox_or_the_size(void **state)
{
    static const struct {
        enum smtp_stage stage;
        const char *line;
        enum refusal_kind kind;
        enum outcome_class class;
    } places[] = {
        { SMTP_STAGE_RCPT, "452 no", REFUSAL_MAILBOX_FULL, OUTCOME_RETRY },
        { SMTP_STAGE_RCPT, "552 no", REFUSAL_MAILBOX_FULL, OUTCOME_RETRY },
        { SMTP_STAGE_RCPT, "452 4.3.1 no", REFUSAL_SYSTEM, OUTCOME_RETRY },
        { SMTP_STAGE_RCPT, "552 5.3.4 too large", REFUSAL_TOO_LARGE, OUTCOME_FAILED },
        { SMTP_STAGE_MAIL, "552 no", REFUSAL_TOO_LARGE, OUTCOME_FAILED },
        { SMTP_STAGE_DOT, "552 5.2.2 full", REFUSAL_MAILBOX_FULL, OUTCOME_RETRY },
        { SMTP_STAGE_MAIL, "550 5.1.1 unknown user", REFUSAL_POLICY, OUTCOME_FAILED },
        { SMTP_STAGE_DOT, "550 5.7.1 sending rate: rate limit", REFUSAL_RATE, OUTCOME_RETRY },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        struct smtp_result result = result_of(REPLY, places[i].stage, places[i].line);
        struct outcome outcome =
            outcome_of_result(&result, (struct outcome_situation){ .session_used = false });

        if (outcome.kind != places[i].kind || outcome.class != places[i].class)
            fail_msg("\"%s\": %s, class %d", places[i].line, refusal_kind_name(outcome.kind),
                     outcome.class);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_end_of_a_try_has_its_meaning),
        cmocka_unit_test(the_servers_own_words_are_kept_and_made_safe),
        cmocka_unit_test(a_long_text_is_cut_between_characters),
        cmocka_unit_test(greylisting_is_marked_only_while_it_defers),
        cmocka_unit_test(a_pass_over_all_hosts_fails_only_when_every_host_refused_for_good),
        cmocka_unit_test(a_domain_without_hosts_says_why),
        cmocka_unit_test(by_its_place_452_is_about_the_mailbox_or_the_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
