#include "protocol/smtp/client.h"

#include <string.h>

#include "base/buf.h"
#include "tests/support/cmocka.h"

enum { CROWD = 100 };

/* A mail to so many that its commands do not go out in one piece. */
struct crowd {
    char addresses[CROWD][80];
    struct span to[CROWD];
    struct smtp_result results[CROWD];
    struct smtp_mail mail;
    struct smtp_client *client;
};

static void client_fini(struct crowd *c)
{
    smtp_client_free(c->client);
}

static enum smtp_want say(struct crowd *c, const char *reply)
{
    return smtp_client_feed(c->client, span_of(reply));
}

/* Hands over all that waits, and more that follows from it. */
static enum smtp_want send_all(struct crowd *c)
{
    enum smtp_want want = SMTP_WANT_READ;
    size_t n;

    while ((n = smtp_client_output(c->client).n) > 0)
        want = smtp_client_sent(c->client, n);
    return want;
}

/* A session that offers pipelining, up to the first mail. */
static void open_crowd(struct crowd *c, size_t count)
{
    const struct smtp_client_options options = { .helo = "me.example",
                                                 .tls = SMTP_TLS_NEVER,
                                                 .timeouts = smtp_timeouts_default() };

    *c = (struct crowd){ 0 };
    for (size_t i = 0; i < CROWD; i++) {
        (void)snprintf(c->addresses[i], sizeof c->addresses[i],
                       "somebody.with.a.rather.long.name.%03zu@example.org", i);
        c->to[i] = span_of(c->addresses[i]);
    }
    c->mail = (struct smtp_mail){
        .from = SPAN("me@y"), .to = c->to, .results = c->results, .to_count = count, .size = 5
    };
    c->client = smtp_client_new(&options);
    assert_int_equal(smtp_client_connected(c->client), SMTP_WANT_READ);
    assert_int_equal(say(c, "220 mx ESMTP\r\n"), SMTP_WANT_READ);
    assert_int_equal(send_all(c), SMTP_WANT_READ);
    assert_int_equal(say(c, "250-mx\r\n250 PIPELINING\r\n"), SMTP_WANT_MAIL);
    assert_int_equal(smtp_client_start(c->client, &c->mail), SMTP_WANT_READ);
    assert_in_range(smtp_client_output(c->client).n, 3000, 5000);
}

/* Where in the output the line after the `lines` first ones begins. */
static size_t length_of_lines(struct span out, int lines)
{
    size_t n = 0;

    for (int i = 0; i < lines; i++)
        n += span_index(span_rest(out, n), '\n') + 1;
    return n;
}

/* What is answered is what was handed over, to the byte. */
static void a_command_half_handed_over_cannot_be_answered(void **state)
{
    CLEANUP(client_fini) struct crowd c;
    size_t two;

    (void)state;
    open_crowd(&c, CROWD);
    two = length_of_lines(smtp_client_output(c.client), 2); /* MAIL and one RCPT */
    assert_int_equal(smtp_client_sent(c.client, two + 5), SMTP_WANT_READ);
    assert_int_equal(say(&c, "250 ok\r\n"), SMTP_WANT_READ);
    assert_int_equal(say(&c, "550 no\r\n"), SMTP_WANT_READ);
    assert_int_equal(c.results[0].reply.code, 550);
    assert_int_equal(say(&c, "550 no\r\n"), SMTP_WANT_CLOSE);
    assert_int_equal(c.results[1].cause, SMTP_CAUSE_PROTOCOL);
    assert_int_equal(c.results[CROWD - 1].cause, SMTP_CAUSE_PROTOCOL);
    assert_true(span_equal(smtp_reply_text(&c.results[1].reply),
                           SPAN("a reply to nothing we asked: 550 no")));
}

/* A server that answers without reading gains nothing, wherever our output was full. */
static void blind_answers_to_all_recipients_end_the_session(void **state)
{
    (void)state;
    for (size_t count = 50; count <= CROWD; count++) {
        CLEANUP(client_fini) struct crowd c;
        enum smtp_want want;

        open_crowd(&c, count);
        want = smtp_client_sent(c.client, 1);
        for (size_t i = 0; i < count + 5 && want == SMTP_WANT_READ; i++)
            want = say(&c, "550 no\r\n");
        assert_int_equal(want, SMTP_WANT_CLOSE);
        for (size_t i = 0; i < count; i++)
            assert_true(smtp_result_settled(&c.results[i]));
        assert_int_equal(send_all(&c), SMTP_WANT_READ); /* there is nothing to send */
    }
}

static void a_crowd_goes_in_pieces_and_each_gets_its_answer(void **state)
{
    CLEANUP(client_fini) struct crowd c;
    enum smtp_want want = SMTP_WANT_READ;
    int said = 0; /* lines that were handed over */
    int answered = 0;

    (void)state;
    open_crowd(&c, CROWD);
    while (want == SMTP_WANT_READ) {
        struct span out = span_first(smtp_client_output(c.client), 1000);

        for (size_t i = 0; i < out.n; i++)
            said += out.at[i] == '\n';
        if (out.n > 0)
            want = smtp_client_sent(c.client, out.n);
        for (; answered < said && want == SMTP_WANT_READ; answered++) {
            char reply[40];

            if (answered <= CROWD) /* the recipients 7, 17, 27, ... are refused */
                (void)snprintf(reply, sizeof reply, "%s %d\r\n", answered % 10 == 8 ? "550" : "250",
                               answered);
            else
                (void)snprintf(reply, sizeof reply, "354 go\r\n");
            want = say(&c, reply);
        }
    }
    assert_int_equal(want, SMTP_WANT_CONTENT);
    assert_int_equal(smtp_client_content(c.client, SPAN("x: y\r\n")), SMTP_WANT_READ);
    assert_int_equal(send_all(&c), SMTP_WANT_READ);
    assert_int_equal(say(&c, "250 taken\r\n"), SMTP_WANT_MAIL);
    for (size_t i = 0; i < CROWD; i++)
        assert_int_equal(smtp_result_verdict(&c.results[i]),
                         i % 10 == 7 ? SMTP_VERDICT_FAILED : SMTP_VERDICT_DELIVERED);
}

/* The ledger tells people these sentences. */
static void a_connection_that_never_came_says_why(void **state)
{
    static const struct {
        enum smtp_cause cause;
        const char *why;
        const char *text;
    } cases[] = {
        { SMTP_CAUSE_LOST, "Connection refused", "Connection refused" },
        { SMTP_CAUSE_LOST, NULL, "cannot connect" },
        { SMTP_CAUSE_TIMEOUT, NULL, "connecting timed out" },
    };
    const struct smtp_client_options options = { .helo = "me.example",
                                                 .timeouts = smtp_timeouts_default() };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct crowd c = { .client = smtp_client_new(&options) };
        const struct smtp_result *ending;

        assert_int_equal(smtp_client_wait(c.client).stage, SMTP_STAGE_CONNECT);
        assert_int_equal(smtp_client_lost(c.client, cases[i].cause, cases[i].why), SMTP_WANT_CLOSE);
        ending = smtp_client_ending(c.client);
        assert_int_equal(ending->stage, SMTP_STAGE_CONNECT);
        assert_true(span_equal(smtp_reply_text(&ending->reply), span_of(cases[i].text)));
        client_fini(&c);
    }
}

/* As long as a byte of the dot is with us, nothing is in doubt. */
static void the_dot_is_sent_with_its_last_byte(void **state)
{
    CLEANUP(client_fini) struct crowd c;
    size_t n;

    (void)state;
    open_crowd(&c, CROWD);
    assert_int_equal(send_all(&c), SMTP_WANT_READ);
    for (int i = 0; i < CROWD + 1; i++)
        assert_int_equal(say(&c, "250 ok\r\n"), SMTP_WANT_READ);
    assert_int_equal(say(&c, "354 go\r\n"), SMTP_WANT_CONTENT);
    assert_int_equal(smtp_client_wait(c.client).ms, 0); /* it is we who are waited for */
    assert_int_equal(smtp_client_content(c.client, SPAN("x: y\r\n")), SMTP_WANT_READ);
    n = smtp_client_output(c.client).n;
    assert_int_equal(smtp_client_sent(c.client, n - 1), SMTP_WANT_READ);
    assert_int_equal(smtp_client_wait(c.client).stage, SMTP_STAGE_CONTENT);
    assert_int_equal(smtp_client_lost(c.client, SMTP_CAUSE_LOST, NULL), SMTP_WANT_CLOSE);
    assert_false(c.results[0].dot_sent);
    assert_int_equal(smtp_result_verdict(&c.results[0]), SMTP_VERDICT_RETRY);
}

/* RFC 5321, section 4.5.3.2: the least it asks for. */
static void waits_are_as_long_as_the_rfc_asks(void **state)
{
    static const struct {
        enum smtp_stage stage;
        int minutes;
    } least[] = {
        { SMTP_STAGE_GREETING, 5 }, { SMTP_STAGE_MAIL, 5 },    { SMTP_STAGE_RCPT, 5 },
        { SMTP_STAGE_DATA, 2 },     { SMTP_STAGE_CONTENT, 3 }, { SMTP_STAGE_DOT, 10 },
    };
    const struct smtp_timeouts waits = smtp_timeouts_default();

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(least); i++)
        assert_true(waits.ms[least[i].stage] >= least[i].minutes * 60000);
}

/* A reply that drips has one deadline; blocks of content have one each. */
static void a_wait_ends_with_a_whole_reply(void **state)
{
    CLEANUP(client_fini) struct crowd c;
    uint32_t turn;

    (void)state;
    open_crowd(&c, CROWD);
    assert_int_equal(send_all(&c), SMTP_WANT_READ);
    turn = smtp_client_wait(c.client).turn;
    assert_int_equal(say(&c, "250-o"), SMTP_WANT_READ);
    assert_int_equal(say(&c, "k\r\n250"), SMTP_WANT_READ);
    assert_int_equal(smtp_client_wait(c.client).turn, turn);
    assert_int_equal(say(&c, " ok\r\n"), SMTP_WANT_READ);
    assert_int_not_equal(smtp_client_wait(c.client).turn, turn);
    assert_int_equal(smtp_client_wait(c.client).stage, SMTP_STAGE_RCPT);
    assert_int_equal(smtp_client_wait(c.client).ms, 5 * 60000);
}

/* What was settled belongs to its owner again. */
static void a_settled_mail_is_not_touched_any_more(void **state)
{
    CLEANUP(client_fini) struct crowd c;

    (void)state;
    open_crowd(&c, 50);
    assert_int_equal(send_all(&c), SMTP_WANT_READ);
    assert_int_equal(say(&c, "550 no\r\n"), SMTP_WANT_READ);
    for (int i = 0; i < 50; i++)
        assert_int_equal(say(&c, "503 no\r\n"), SMTP_WANT_READ);
    assert_int_equal(say(&c, "503 no\r\n"), SMTP_WANT_MAIL);
    assert_int_equal(c.results[7].reply.code, 550);
    memset(c.results, 0, sizeof c.results);
    assert_int_equal(smtp_client_wait(c.client).ms, 0);
    assert_int_equal(smtp_client_lost(c.client, SMTP_CAUSE_LOST, NULL), SMTP_WANT_CLOSE);
    assert_int_equal(c.results[7].cause, SMTP_CAUSE_NONE);
}

static void each_block_of_content_has_its_wait_and_then_the_dot(void **state)
{
    static char content[100000];
    CLEANUP(client_fini) struct crowd c;
    uint32_t turn;

    (void)state;
    for (size_t i = 0; i < sizeof content; i += 50)
        memcpy(content + i, "a line of fifty octets, and its line end with it\r\n", 50);
    open_crowd(&c, 50);
    assert_int_equal(send_all(&c), SMTP_WANT_READ);
    for (int i = 0; i < 51; i++)
        assert_int_equal(say(&c, "250 ok\r\n"), SMTP_WANT_READ);
    assert_int_equal(say(&c, "354 go\r\n"), SMTP_WANT_CONTENT);
    assert_int_equal(smtp_client_content(c.client, (struct span){ content, sizeof content }),
                     SMTP_WANT_READ);
    turn = smtp_client_wait(c.client).turn;
    assert_int_equal(smtp_client_sent(c.client, 1000), SMTP_WANT_READ);
    assert_int_not_equal(smtp_client_wait(c.client).turn, turn);
    assert_int_equal(smtp_client_wait(c.client).stage, SMTP_STAGE_CONTENT);
    assert_int_equal(smtp_client_wait(c.client).ms, 3 * 60000);
    assert_int_equal(send_all(&c), SMTP_WANT_READ);
    assert_int_equal(smtp_client_wait(c.client).stage, SMTP_STAGE_DOT);
    assert_int_equal(smtp_client_wait(c.client).ms, 10 * 60000);
    assert_int_equal(smtp_client_lost(c.client, SMTP_CAUSE_TIMEOUT, NULL), SMTP_WANT_CLOSE);
    assert_int_equal(smtp_result_verdict(&c.results[0]), SMTP_VERDICT_IN_DOUBT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_half_handed_over_cannot_be_answered),
        cmocka_unit_test(blind_answers_to_all_recipients_end_the_session),
        cmocka_unit_test(a_crowd_goes_in_pieces_and_each_gets_its_answer),
        cmocka_unit_test(a_connection_that_never_came_says_why),
        cmocka_unit_test(the_dot_is_sent_with_its_last_byte),
        cmocka_unit_test(waits_are_as_long_as_the_rfc_asks),
        cmocka_unit_test(a_wait_ends_with_a_whole_reply),
        cmocka_unit_test(a_settled_mail_is_not_touched_any_more),
        cmocka_unit_test(each_block_of_content_has_its_wait_and_then_the_dot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
