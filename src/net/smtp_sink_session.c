/*
 * One connection of the sink: the server's machine on a stream, with the waits that the policy
 * asks for between the machine and the wire.
 */
#include "base/alloc.h"
#include "io/loop.h"
#include "net/smtp_sink_internal.h"

enum {
    PENDING_MAX = 1 << 20, /* bytes behind a held question; the stream is paused meanwhile */
    LINGER_MS = 2000       /* how long a client may take to end a connection we have ended */
};

static void end(struct sink_session *s)
{
    s->ended = true;
    s->holding = HOLD_LINGER;
    stream_end(s->stream);
    timer_start(&s->hold, LINGER_MS);
}

/* What the machine wants once its output is on its way. */
static void follow(struct sink_session *s, enum smtp_server_want want)
{
    if (want == SMTP_SERVER_CLOSE)
        end(s);
    else if (want == SMTP_SERVER_TLS)
        stream_start_tls(s->stream, s->sink->options.tls, NULL);
}

static void flush(struct sink_session *s)
{
    struct span out = smtp_server_output(s->server);

    stream_write(s->stream, out);
    smtp_server_sent(s->server, out.n);
}

static void hold(struct sink_session *s, int what, int64_t ms)
{
    s->holding = what;
    timer_start(&s->hold, ms);
}

/* Output leaves at once, or after the sink's delay together with what joins it meanwhile. */
static void flush_and_follow(struct sink_session *s, enum smtp_server_want want)
{
    if (s->holding == HOLD_OUTPUT)
        return;
    if (s->sink->options.delay_ms > 0 && smtp_server_output(s->server).n > 0) {
        hold(s, HOLD_OUTPUT, s->sink->options.delay_ms);
        return;
    }
    flush(s);
    follow(s, want);
}

static enum smtp_server_want refuse(struct sink_session *s, const struct sink_answer *a)
{
    s->sink->counts.refused++;
    sink_record_refusal(s, a);
    return smtp_server_answer(s->server, a->code, a->status, a->text);
}

static enum smtp_server_want give(struct sink_session *s, const struct sink_answer *a)
{
    static const struct sink_answer full = { .code = 452,
                                             .status = { 4, 3, 1 },
                                             .text = "The message cannot be written" };

    if (!a->accept)
        return refuse(s, a);
    if (smtp_server_question(s->server) != SMTP_ASK_CONTENT)
        return smtp_server_accept(s->server);
    if (!sink_record_message(s))
        return refuse(s, &full);
    s->messages++;
    return smtp_server_accept(s->server);
}

/* Answers the question at hand; false when the connection was dropped instead. */
static bool answer(struct sink_session *s, const struct sink_answer *a,
                   enum smtp_server_want *ret_want)
{
    *ret_want = give(s, a);
    if (a->lose)
        sink_session_close(s);
    return !a->lose;
}

static void hold_answer(struct sink_session *s, const struct sink_answer *a, struct span behind)
{
    s->held = *a;
    buf_put(&s->pending, behind);
    stream_pause(s->stream);
    hold(s, HOLD_ANSWER, a->wait_ms);
}

static void run(struct sink_session *s, struct span bytes)
{
    enum smtp_server_want want = smtp_server_feed(s->server, &bytes);

    while (want == SMTP_SERVER_ANSWER) {
        struct sink_answer a = sink_policy_answer(s);

        if (a.wait_ms > 0) {
            hold_answer(s, &a, bytes);
            return;
        }
        if (!answer(s, &a, &want))
            return;
        if (want != SMTP_SERVER_CLOSE)
            want = smtp_server_feed(s->server, &bytes);
    }
    flush_and_follow(s, want);
}

/* The question was held long enough: it is answered, and what came behind it is read. */
static void answer_held(struct sink_session *s)
{
    struct buf pending = s->pending;
    enum smtp_server_want want;

    s->holding = HOLD_NOTHING;
    buf_init(&s->pending, PENDING_MAX);
    if (answer(s, &s->held, &want)) {
        stream_resume(s->stream);
        run(s, buf_view(&pending));
    }
    buf_fini(&pending);
}

static void on_held(void *owner)
{
    struct sink_session *s = owner;
    struct span nothing = { 0 };

    if (s->holding == HOLD_ANSWER) {
        answer_held(s);
    } else if (s->holding == HOLD_LINGER) {
        sink_session_close(s);
    } else {
        s->holding = HOLD_NOTHING;
        flush(s);
        follow(s, smtp_server_feed(s->server, &nothing));
    }
}

static void on_received(void *owner, struct span bytes)
{
    struct sink_session *s = owner;

    if (!s->ended)
        run(s, bytes);
}

static void on_secured(void *owner, const struct tls_facts *facts)
{
    struct sink_session *s = owner;
    enum smtp_server_want want = smtp_server_tls_done(s->server);

    s->secure = true;
    s->facts = *facts;
    follow(s, want);
}

static void on_closed(void *owner, const struct error *why)
{
    (void)why;
    sink_session_close(owner);
}

static const struct stream_events stream_events = {
    .received = on_received,
    .secured = on_secured,
    .closed = on_closed,
};

void sink_session_open(struct smtp_sink *sink, struct stream *stream)
{
    struct sink_session *s = NEW(struct sink_session);
    struct smtp_server_options options = {
        .name = sink->name,
        .offers = sink->options.offers,
        .content_max = sink->options.content_max,
        .recipients_max = sink->options.recipients_max,
        .errors_max = 20,
    };

    s->sink = sink;
    s->stream = stream;
    s->server = smtp_server_new(&options);
    s->number = ++sink->counts.connections;
    s->peer = stream_peer(stream);
    sink->counts.open++;
    timer_init(&s->hold, sink->loop, on_held, s);
    buf_init(&s->pending, PENDING_MAX);
    list_append(&sink->sessions, &s->link);
    stream_adopt(stream, &stream_events, s);
    run(s, SPAN(""));
}

static void destroy(void *owner)
{
    struct sink_session *s = owner;

    smtp_server_free(s->server);
    buf_fini(&s->pending);
    alloc_free(s);
}

void sink_session_close(struct sink_session *s)
{
    if (s->stream == NULL)
        return;
    sink_record_end(s);
    stream_close(s->stream);
    s->stream = NULL;
    s->sink->counts.open--;
    timer_stop(&s->hold);
    list_remove(&s->link);
    loop_defer(s->sink->loop, destroy, s);
}
