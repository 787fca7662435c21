/*
 * The receivers' end of the wires: one listener for the whole internet, a session of the real
 * SMTP server's machine (protocol/smtp/server.h) a connection. Contents are counted, not kept.
 */
#include "base/alloc.h"
#include "io/listener.h"
#include "io/loop.h"
#include "io/timer.h"
#include "tests/internet/internet.h"
#include "tests/support/cmocka.h"

/* What a mail that was granted may take. */
#define ON_ITS_WAY (30 * SECOND)

enum {
    MACHINE = 1,
    PORT = 25,
    CONTENT_MOST = 4 << 20,
    LINGER_MS = 2000,
    IDLE_MS = 300000,
    SWEEP_MS = 60000,
    CALL_MS = 2 /* what a call takes at most besides the latency */
};

struct reception {
    struct list link;
    struct internet *net;
    struct receiver *receiver;
    struct stream *stream;
    struct smtp_server *server;
    struct timer hold; /* before output leaves, or until an ended connection goes */
    uint32_t messages;
    uint32_t life;
    bool is_counted;
    int64_t heard_ms;
    bool has_refused_mail;
    bool is_holding;
    bool has_ended;
    bool is_dumb; /* it stalls: nothing is said any more */
};

static int64_t now_of(const struct internet *net)
{
    return sim_time_ms(net->road->sim);
}

/* ---- the end ---- */

/* A connection whose end the server has said counts no more. */
static void count_out(struct reception *s)
{
    if (s->is_counted && s->life == s->net->life) {
        s->receiver->open--;
        s->net->open--;
    }
    s->is_counted = false;
}

/* What follows a refused MAIL in its group is no fault of the sender (RFC 2920, section 3.1). */
static void note_violations(const struct reception *s)
{
    struct smtp_violations violations = *smtp_server_violations(s->server);

    if (s->has_refused_mail)
        violations.count[SMTP_BAD_SEQUENCE] = 0;
    if (smtp_violations_any(&violations))
        s->net->violations = violations;
}

static void destroy(void *owner)
{
    struct reception *s = owner;

    smtp_server_free(s->server);
    alloc_free(s);
}

static void hang_up(struct reception *s)
{
    if (s->stream == NULL)
        return;
    count_out(s);
    note_violations(s);
    stream_close(s->stream);
    s->stream = NULL;
    timer_stop(&s->hold);
    list_remove(&s->link);
    loop_defer(s->net->loop, destroy, s);
}

static void end(struct reception *s)
{
    s->has_ended = true;
    count_out(s);
    stream_end(s->stream);
    timer_start(&s->hold, LINGER_MS);
}

/* ---- output ---- */

static void flush(struct reception *s, enum smtp_server_want want)
{
    struct span out = smtp_server_output(s->server);

    stream_write(s->stream, out);
    smtp_server_sent(s->server, out.n);
    if (want == SMTP_SERVER_CLOSE)
        end(s);
    else if (want == SMTP_SERVER_TLS)
        stream_start_tls(s->stream, s->net->tls, NULL);
}

static void flush_in_time(struct reception *s, enum smtp_server_want want)
{
    if (s->is_holding)
        return;
    if (s->receiver->delay_ms == 0 || smtp_server_output(s->server).n == 0) {
        flush(s, want);
        return;
    }
    s->is_holding = true;
    timer_start(&s->hold, s->receiver->delay_ms);
}

static void on_held(void *owner)
{
    struct reception *s = owner;
    struct span nothing = { 0 };

    if (s->has_ended) {
        hang_up(s);
        return;
    }
    s->is_holding = false;
    flush(s, smtp_server_feed(s->server, &nothing));
}

/* ---- answers ---- */

static struct recipient *recipient_at_hand(const struct reception *s)
{
    const struct smtp_envelope *envelope = smtp_server_envelope(s->server);
    uint32_t number = 0;

    if (envelope->to_count == 0)
        return NULL;
    if (!internet_recipient_of(s->net, envelope->to[envelope->to_count - 1], &number))
        fail_msg("mail to a stranger: %.*s", SPAN_ARGS(envelope->to[envelope->to_count - 1]));
    return &s->net->recipients[number];
}

static void count_taken(struct reception *s, const struct recipient *to)
{
    struct internet *net = s->net;
    bool is_urgent = (size_t)(to - net->recipients) < net->size.urgent;
    int64_t minute = now_of(net) / MINUTE;

    net->octets += smtp_server_content(s->server).n;
    if (minute < net->taken_minutes)
        net->taken_at[minute]++;
    if (!is_urgent && net->deadline != 0 && sim_utc_ms(net->road->sim) > net->deadline + ON_ITS_WAY)
        net->taken_late++;
}

/* Answers the question at hand; false when the connection has gone, or says nothing more. */
static bool answer(struct reception *s, enum smtp_server_want *ret_want)
{
    enum smtp_question question = smtp_server_question(s->server);
    struct recipient *to = recipient_at_hand(s);
    struct receiver_answer a;

    s->messages += question == SMTP_ASK_MAIL ? 1 : 0;
    a = receiver_answer(s->receiver, to, question, s->messages, now_of(s->net));
    if (a.accepts && question == SMTP_ASK_CONTENT)
        count_taken(s, to);
    if (a.end == END_LOSES) {
        hang_up(s);
        return false;
    }
    s->has_refused_mail = s->has_refused_mail || (question == SMTP_ASK_MAIL && !a.accepts);
    s->is_dumb = a.end == END_STALLS;
    *ret_want = a.accepts ? smtp_server_accept(s->server)
                          : smtp_server_answer(s->server, a.code, a.status, a.text);
    return !s->is_dumb;
}

static void run(struct reception *s, struct span bytes)
{
    enum smtp_server_want want = smtp_server_feed(s->server, &bytes);

    while (want == SMTP_SERVER_ANSWER) {
        if (!answer(s, &want))
            return;
        if (want != SMTP_SERVER_CLOSE)
            want = smtp_server_feed(s->server, &bytes);
    }
    flush_in_time(s, want);
}

static void on_received(void *owner, struct span bytes)
{
    struct reception *s = owner;

    s->heard_ms = now_of(s->net);
    if (!s->has_ended && !s->is_dumb)
        run(s, bytes);
}

static void on_secured(void *owner, const struct tls_facts *facts)
{
    struct reception *s = owner;

    (void)facts;
    flush_in_time(s, smtp_server_tls_done(s->server));
}

static void on_closed(void *owner, const struct error *why)
{
    (void)why;
    hang_up(owner);
}

static const struct stream_events stream_events = {
    .received = on_received,
    .secured = on_secured,
    .closed = on_closed,
};

/* ---- the beginning ---- */

/* Its sender died while the call was on its way. */
static bool is_of_the_dead(const struct internet *net)
{
    return net->life > 0 && now_of(net) - net->died_at <= net->size.latency_ms + CALL_MS;
}

static void count_in(struct reception *s)
{
    struct receiver *r = s->receiver;
    struct internet *net = s->net;

    r->connections++;
    net->connections++;
    if (is_of_the_dead(net))
        return;
    s->life = net->life;
    s->is_counted = true;
    if (++r->open > r->most_open)
        r->most_open = r->open;
    if (++net->open > net->most_open)
        net->most_open = net->open;
}

static struct receiver *receiver_at(const struct internet *net, const struct endpoint *at)
{
    const uint8_t *b = at->ip.bytes;
    uint32_t place = (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];

    return &net->receivers[place / 4];
}

static void on_accepted(void *owner, struct stream *stream)
{
    struct internet *net = owner;
    struct endpoint at = stream_local(stream);
    struct reception *s = NEW(struct reception);
    struct smtp_server_options options = {
        .name = "mx.example",
        .offers = { .pipelining = true, .size = true, .eight_bit = true, .enhanced_status = true },
        .content_max = CONTENT_MOST,
        .recipients_max = 100,
    };

    s->net = net;
    s->receiver = receiver_at(net, &at);
    s->stream = stream;
    options.offers.starttls = s->receiver->offers_tls;
    s->server = smtp_server_new(&options);
    s->heard_ms = now_of(net);
    timer_init(&s->hold, net->loop, on_held, s);
    list_init(&s->link);
    list_append(&net->sessions, &s->link);
    count_in(s);
    stream_adopt(stream, &stream_events, s);
    run(s, SPAN(""));
}

static const struct listener_events listener_events = { .accepted = on_accepted };

/* Who says nothing for long is sent away, as the dead are. */
static void sweep(void *owner)
{
    struct internet *net = owner;

    LIST_EACH (&net->sessions, link) {
        struct reception *s = CONTAINER_OF(link, struct reception, link);

        if (!s->has_ended && !s->is_dumb && now_of(net) - s->heard_ms > IDLE_MS)
            hang_up(s);
    }
    timer_start(&net->sweep, SWEEP_MS);
}

void internet_listen(struct internet *net)
{
    struct endpoint any = { .ip = { .version = 4 }, .port = PORT };
    struct error err;

    list_init(&net->sessions);
    sim_use_machine(net->road->sim, MACHINE);
    net->loop = loop_new("internet");
    sim_use_machine(net->road->sim, 0);
    net->tls = tls_server_context_new(SPAN(""), SPAN(""), &err);
    net->listener = listener_open(net->loop, &any, 0600, &listener_events, net, &err);
    if (net->listener == NULL)
        fail_msg("%s", err.text);
    timer_init(&net->sweep, net->loop, sweep, net);
    timer_start(&net->sweep, SWEEP_MS);
}

void internet_hang_up(struct internet *net)
{
    timer_stop(&net->sweep);
    LIST_EACH (&net->sessions, link) {
        hang_up(CONTAINER_OF(link, struct reception, link));
    }
    listener_close(net->listener);
    loop_free(net->loop);
    tls_context_free(net->tls);
}
