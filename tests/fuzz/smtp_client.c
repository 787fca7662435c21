/*
 * The SMTP client against a server that says anything: it never breaks, every recipient ends
 * with one result, nobody is delivered or in doubt before the whole message has left, never two
 * mails are in doubt, and what leaves is lines that end in CR LF. The first byte of the input
 * chooses the set-up (among others a mail to a crowd whose commands leave in pieces), the second
 * how the server's bytes are cut.
 */
#include <assert.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "protocol/smtp/client.h"
#include "tests/fuzz/target.h"

enum { RECIPIENTS = 3, CROWD = 60, MAILS = 5 };

#define LONG "a.rather.long.address.of.which.sixty.are.more.than.the.output.takes@long.example.org"

static const struct span to[RECIPIENTS] = { { "a@x", 3 }, { "j\303\266@x", 5 }, { "b@x", 3 } };

/* A mail on its way: two take turns, one of them lined up behind the other. */
struct errand {
    struct smtp_mail mail;
    struct smtp_result results[CROWD];
    bool open;  /* started or lined up, and not over */
    bool given; /* its content was given */
};

struct talk {
    struct smtp_client *client;
    enum smtp_want want;
    struct errand errands[2];
    int at_hand; /* which of them */
    struct span crowd[CROWD];
    size_t piece; /* what leaves at once; 0: all */
    int mails_left;
    bool lines_up;
    bool withhold;
    char last; /* byte that left */
};

static bool check_result(const struct errand *e, const struct smtp_result *r)
{
    enum smtp_verdict verdict;

    assert(smtp_result_settled(r) && r->reply.code >= 200);
    verdict = smtp_result_verdict(r);
    if (verdict == SMTP_VERDICT_DELIVERED || verdict == SMTP_VERDICT_IN_DOUBT)
        assert(e->given && r->dot_sent);
    return verdict == SMTP_VERDICT_IN_DOUBT;
}

/* Gives whether the mail is over and in doubt. */
static bool check_errand(struct talk *t, struct errand *e)
{
    bool doubt = false;

    if (!e->open || smtp_client_holds(t->client, &e->mail))
        return false;
    for (size_t i = 0; i < e->mail.to_count; i++)
        doubt = check_result(e, &e->results[i]) || doubt;
    e->open = false;
    return doubt;
}

static void check_settled(struct talk *t)
{
    bool first = check_errand(t, &t->errands[t->at_hand]);
    bool second;

    if (t->errands[t->at_hand].open)
        return;
    t->at_hand = 1 - t->at_hand;
    second = check_errand(t, &t->errands[t->at_hand]);
    assert(!first || !second);
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

static struct smtp_mail *next_errand(struct talk *t, int which)
{
    struct errand *e = &t->errands[which];

    t->mails_left--;
    assert(!e->open);
    e->open = true;
    e->given = false;
    return &e->mail;
}

static void start(struct talk *t)
{
    if (t->mails_left <= 0)
        t->want = smtp_client_quit(t->client);
    else
        t->want = smtp_client_start(t->client, next_errand(t, t->at_hand));
}

static void line_up(struct talk *t)
{
    int next = 1 - t->at_hand;

    if (t->lines_up && t->mails_left > 0 && t->errands[t->at_hand].open && !t->errands[next].open)
        t->want = smtp_client_follow(t->client, next_errand(t, next));
}

static void give_content(struct talk *t)
{
    if (t->withhold) {
        t->want = smtp_client_withhold(t->client);
        return;
    }
    t->errands[t->at_hand].given = true;
    t->want = smtp_client_content(t->client, SPAN("S: x\r\n\r\n.\r\nhello\r\n"));
}

static void serve(struct talk *t)
{
    drain(t);
    check_settled(t);
    while (t->want == SMTP_WANT_MAIL || t->want == SMTP_WANT_CONTENT) {
        if (t->want == SMTP_WANT_MAIL)
            start(t);
        else
            give_content(t);
        line_up(t);
        drain(t);
        check_settled(t);
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
    assert(!t->errands[0].open && !t->errands[1].open);
}

static void set_up(struct talk *t, const uint8_t *data)
{
    t->withhold = (data[0] & 64) != 0;
    t->lines_up = (data[0] & 32) != 0;
    for (size_t i = 0; i < CROWD; i++)
        t->crowd[i] = SPAN(LONG);
    for (int i = 0; i < 2; i++) {
        t->errands[i].mail = (struct smtp_mail){ .from = SPAN("me@y"),
                                                 .to = to,
                                                 .results = t->errands[i].results,
                                                 .to_count = RECIPIENTS,
                                                 .size = 21,
                                                 .envid = SPAN("b.x+y"),
                                                 .deliver_by_s = 60 };
        if ((data[0] & 128) == 0)
            continue;
        t->piece = 1 + (size_t)data[1] * 8;
        t->errands[i].mail.to = t->crowd;
        t->errands[i].mail.to_count = 35 + data[0] % 26;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smtp_client_options options = { .helo = "me.example", .timeouts = { { 0 } } };
    struct talk t = { .mails_left = MAILS };

    if (size < 2)
        return 0;
    options.tls = (enum smtp_tls_policy)(data[0] % 3);
    options.chunk_above = (data[0] & 16) != 0 ? 1 : 0;
    set_up(&t, data);
    t.client = smtp_client_new(&options);
    t.want = smtp_client_connected(t.client);
    talk_to(&t, (struct span){ (const char *)data + 2, size - 2 }, (size_t)data[1] + 1);
    smtp_client_free(t.client);
    return 0;
}
