/*
 * The SMTP client against a server that says anything: it never breaks, every recipient ends
 * with one result, nobody is delivered or in doubt before the whole message has left, and what
 * leaves is lines that end in CR LF. The first byte of the input chooses the set-up (among others
 * a mail to a crowd whose commands leave in pieces), the second how the server's bytes are cut.
 */
#include <assert.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "protocol/smtp/client.h"
#include "tests/fuzz/target.h"

enum { RECIPIENTS = 3, CROWD = 60, MAILS = 3 };

#define LONG "a.rather.long.address.of.which.sixty.are.more.than.the.output.takes@long.example.org"

static const struct span to[RECIPIENTS] = { { "a@x", 3 }, { "j\303\266@x", 5 }, { "b@x", 3 } };

struct talk {
    struct smtp_client *client;
    enum smtp_want want;
    struct smtp_result results[CROWD];
    struct span crowd[CROWD];
    struct smtp_mail mail;
    size_t piece; /* what leaves at once; 0: all */
    bool open;    /* a mail is started and not settled */
    bool given;   /* its content was given */
    int mails_left;
    bool withhold;
    char last; /* byte that left */
};

static void check_result(const struct talk *t, const struct smtp_result *r)
{
    enum smtp_verdict verdict;

    assert(smtp_result_settled(r) && r->reply.code >= 200);
    verdict = smtp_result_verdict(r);
    if (verdict == SMTP_VERDICT_DELIVERED || verdict == SMTP_VERDICT_IN_DOUBT)
        assert(t->given && r->dot_sent);
}

static void check_settled(struct talk *t)
{
    if (!t->open)
        return;
    for (size_t i = 0; i < t->mail.to_count; i++)
        check_result(t, &t->results[i]);
    t->open = false;
}

static void drain(struct talk *t)
{
    struct span out;

    while ((out = smtp_client_output(t->client)).n > 0) {
        if (t->piece > 0)
            out = span_first(out, t->piece);
        for (size_t i = 0; i < out.n; i++) {
            assert((out.at[i] == '\n') == (t->last == '\r'));
            t->last = out.at[i];
        }
        t->want = smtp_client_sent(t->client, out.n);
        if (t->piece > 0)
            return;
    }
}

static void start(struct talk *t)
{
    if (t->mails_left-- <= 0) {
        t->want = smtp_client_quit(t->client);
        return;
    }
    t->open = true;
    t->given = false;
    t->want = smtp_client_start(t->client, &t->mail);
}

static void serve(struct talk *t)
{
    drain(t);
    while (t->want == SMTP_WANT_MAIL || t->want == SMTP_WANT_CONTENT || t->want == SMTP_WANT_TLS) {
        if (t->want == SMTP_WANT_MAIL) {
            check_settled(t);
            start(t);
        } else if (t->want == SMTP_WANT_TLS) {
            return;
        } else if (t->withhold) {
            t->want = smtp_client_withhold(t->client);
        } else {
            t->given = true;
            t->want = smtp_client_content(t->client, SPAN("S: x\r\n\r\n.\r\nhello\r\n"));
        }
        drain(t);
    }
}

static void talk_to(struct talk *t, struct span in, size_t chunk)
{
    while (in.n > 0 && t->want != SMTP_WANT_CLOSE) {
        struct span piece = span_first(in, chunk);

        /* Every other handshake comes at the moment it is wanted, else the bytes are injected. */
        if (t->want == SMTP_WANT_TLS && chunk % 2 == 0)
            t->want = smtp_client_tls_done(t->client);
        serve(t);
        in = span_rest(in, piece.n);
        t->want = smtp_client_feed(t->client, piece);
        serve(t);
    }
    t->want = smtp_client_lost(t->client, SMTP_CAUSE_LOST, NULL);
    assert(t->want == SMTP_WANT_CLOSE);
    check_settled(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smtp_client_options options = { .helo = "me.example", .timeouts = { { 0 } } };
    struct talk t = { .mails_left = MAILS };

    if (size < 2)
        return 0;
    options.tls = (enum smtp_tls_policy)(data[0] % 3);
    t.withhold = (data[0] & 64) != 0;
    t.mail = (struct smtp_mail){
        .from = SPAN("me@y"), .to = to, .results = t.results, .to_count = RECIPIENTS, .size = 21
    };
    if ((data[0] & 128) != 0) {
        t.piece = 1 + (size_t)data[1] * 8;
        for (size_t i = 0; i < CROWD; i++)
            t.crowd[i] = SPAN(LONG);
        t.mail.to = t.crowd;
        t.mail.to_count = 35 + data[0] % 26;
    }
    t.client = smtp_client_new(&options);
    t.want = smtp_client_connected(t.client);
    talk_to(&t, (struct span){ (const char *)data + 2, size - 2 }, (size_t)data[1] + 1);
    smtp_client_free(t.client);
    return 0;
}
