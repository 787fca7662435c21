/*
 * The SMTP server against a client that says anything: it never breaks, keeps its limits, and
 * answers and takes the same at every chunk size. The first byte chooses what is offered and how
 * questions are answered.
 */
#include <assert.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "protocol/smtp/server.h"
#include "tests/fuzz/target.h"

enum { CONTENT_MAX = 500, RECIPIENTS_MAX = 5 };

struct talk {
    struct smtp_server *server;
    enum smtp_server_want want;
    struct buf *record;
    bool refuse;
};

static void answer(struct talk *t)
{
    const struct smtp_envelope *e = smtp_server_envelope(t->server);
    enum smtp_question question = smtp_server_question(t->server);

    assert(e->to_count <= RECIPIENTS_MAX);
    if (question == SMTP_ASK_CONTENT) {
        assert(e->to_count > 0 && smtp_server_content(t->server).n <= CONTENT_MAX);
        buf_put(t->record, e->from);
        buf_put(t->record, smtp_server_content(t->server));
    }
    if (t->refuse && question == SMTP_ASK_RCPT && e->to[e->to_count - 1].n % 2 == 1)
        t->want = smtp_server_answer(t->server, 550, (struct smtp_status){ 5, 1, 1 }, "no");
    else
        t->want = smtp_server_accept(t->server);
}

static void drain(struct talk *t)
{
    struct span out = smtp_server_output(t->server);

    buf_put(t->record, out);
    smtp_server_sent(t->server, out.n);
}

static void run(uint8_t setup, struct span in, size_t chunk, struct buf *record)
{
    struct smtp_server_options options = {
        .name = "mx.example",
        .content_max = CONTENT_MAX,
        .recipients_max = RECIPIENTS_MAX,
        .errors_max = 20,
        .any_hello = (setup & 1) != 0,
    };
    struct talk t = { .record = record, .refuse = (setup & 2) != 0 };

    options.offers.pipelining = (setup & 4) != 0;
    options.offers.chunking = (setup & 8) != 0;
    options.offers.size = (setup & 16) != 0;
    options.offers.starttls = (setup & 32) != 0;
    options.offers.dsn = (setup & 64) != 0;
    options.offers.deliver_by = options.offers.dsn;
    options.offers.deliver_by_min = 10;
    options.offers.limits = (setup & 128) != 0;
    options.offers.mail_limit = 3;
    options.offers.domain_limit = 2;
    t.server = smtp_server_new(&options);
    answer(&t);
    while (in.n > 0 && t.want != SMTP_SERVER_CLOSE) {
        struct span piece = span_first(in, chunk);

        in = span_rest(in, piece.n);
        t.want = smtp_server_feed(t.server, &piece);
        while (t.want == SMTP_SERVER_ANSWER) {
            drain(&t);
            answer(&t);
            t.want = smtp_server_feed(t.server, &piece);
        }
        assert(piece.n == 0 || t.want == SMTP_SERVER_CLOSE);
        drain(&t);
    }
    smtp_server_free(t.server);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(buf_fini) struct buf whole, bytes;
    struct span in;

    buf_init(&whole, 1 << 24);
    buf_init(&bytes, 1 << 24);
    if (size < 1)
        return 0;
    in = (struct span){ (const char *)data + 1, size - 1 };
    run(data[0], in, size, &whole);
    run(data[0], in, 1, &bytes);
    assert(span_equal(buf_view(&whole), buf_view(&bytes)));
    return 0;
}
