/*
 * The client's machine on a stream: bytes go in and out, the one timer follows the machine's
 * waits, TLS is started when it is asked for. What the protocol says is not known here.
 *
 * The machine is told that bytes are sent when the kernel has them, not when they were written to
 * the stream: "the dot may have arrived" is then no more than the truth.
 */
#include "net/smtp_session.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "io/loop.h"
#include "io/stream.h"
#include "io/timer.h"
#include "protocol/smtp/dialogue.h"

struct smtp_session {
    struct loop *loop;
    const struct smtp_session_events *events;
    void *owner;
    struct stream *stream;
    struct tls_context *tls;
    char *peer_name;
    bool must_verify;
    struct tls_tickets *tickets;
    bool is_ticket_bad;

    struct smtp_client *client;
    enum smtp_want want;
    enum smtp_want told;    /* what of it the owner knows already; READ: nothing */
    struct smtp_mail *mail; /* at hand, */
    struct smtp_mail *next; /* and lined up behind it */
    bool is_idle;           /* it was ready and got no mail at once */
    bool is_postponed;      /* `mail` begins when what came meanwhile has been read */
    size_t unhanded; /* at the front of the machine's output: written, not yet with the kernel */

    struct timer wait;
    uint32_t wait_turn;
    struct timer tell; /* fires at once: events from inside a call of the owner's */

    bool handshaking;
    bool secure;
    struct tls_facts facts;
    struct endpoint local;
    int64_t started_ms;
    struct smtp_dialogue dialogue;
    bool is_written_down;
    bool closed;
};

static int64_t elapsed(const struct smtp_session *s)
{
    return loop_monotonic_ms(s->loop) - s->started_ms;
}

static void write_down_output(struct smtp_session *s)
{
    struct smtp_output_parts parts = smtp_client_output_parts(s->client);

    if (parts.before.n > 0)
        smtp_dialogue_client(&s->dialogue, elapsed(s), parts.before);
    smtp_dialogue_content(&s->dialogue, elapsed(s), parts.content);
    if (parts.behind.n > 0)
        smtp_dialogue_client(&s->dialogue, elapsed(s), parts.behind);
}

static void write_down_peer(struct smtp_session *s, const struct endpoint *peer)
{
    CLEANUP(buf_fini) struct buf remark;

    buf_init(&remark, 400);
    buf_printf(&remark, "to %s, ", s->peer_name);
    endpoint_put(&remark, peer);
    smtp_dialogue_remark(&s->dialogue, 0, buf_view(&remark));
}

/* Writes what the machine has to say, as far as the kernel takes it. */
static void flush(struct smtp_session *s)
{
    while (s->unhanded == 0 && !s->closed) {
        struct span out = smtp_client_output(s->client);

        if (out.n == 0)
            return;
        if (s->is_written_down)
            write_down_output(s);
        stream_write(s->stream, out);
        s->unhanded = stream_unsent(s->stream) < out.n ? stream_unsent(s->stream) : out.n;
        s->want = smtp_client_sent(s->client, out.n - s->unhanded);
    }
}

/* The stream tells only when all is gone. Before anything is concluded from what the server said or
 * did, the machine learns how far its output came: a dot may have left though not what stands
 * behind it. When the session ended, the machine forgot its output; there may be less than was
 * written. */
static void note_progress(struct smtp_session *s)
{
    size_t left = stream_unsent(s->stream);
    size_t n = left < s->unhanded ? s->unhanded - left : 0;

    s->unhanded -= n;
    if (n > 0 && n <= smtp_client_output(s->client).n)
        s->want = smtp_client_sent(s->client, n);
}

static void start_tls(struct smtp_session *s)
{
    struct tls_peer peer = { .name = s->peer_name,
                             .must_verify = s->must_verify,
                             .tickets = s->tickets };

    s->handshaking = true;
    stream_start_tls(s->stream, s->tls, &peer);
}

static void follow_wait(struct smtp_session *s)
{
    struct smtp_wait wait = smtp_client_wait(s->client);

    if (wait.turn == s->wait_turn)
        return;
    s->wait_turn = wait.turn;
    if (wait.ms > 0)
        timer_start(&s->wait, wait.ms);
    else
        timer_stop(&s->wait);
}

/* Does what the machine wants of us, but tells the owner nothing. */
static void follow(struct smtp_session *s)
{
    flush(s);
    if (s->want == SMTP_WANT_TLS && !s->handshaking)
        start_tls(s);
    follow_wait(s);
}

static bool mail_is_over(const struct smtp_session *s)
{
    return s->mail != NULL && !s->is_postponed && !smtp_client_holds(s->client, s->mail);
}

static void disconnect(struct smtp_session *s)
{
    timer_stop(&s->wait);
    if (s->stream != NULL)
        stream_close(s->stream);
    s->stream = NULL;
}

/* A session that was idle may be over: what lies unread, a 421 perhaps, is read first, so that it
 * is not taken for an answer to the mail. One that ended so leaves the mail untried. */
static void begin(struct smtp_session *s)
{
    s->is_postponed = s->want == SMTP_WANT_MAIL && s->is_idle && stream_has_input(s->stream);
    if (s->is_postponed)
        timer_start(&s->tell, 0);
    else if (s->want == SMTP_WANT_MAIL)
        s->want = smtp_client_start(s->client, s->mail);
    else
        s->want = smtp_client_follow(s->client, s->mail);
    follow(s);
}

static void tell_ready(struct smtp_session *s)
{
    s->is_idle = false;
    s->events->ready(s->owner);
    s->is_idle = s->mail == NULL;
}

/* Tells what the owner does not know yet. In each event the owner may do anything; what follows
 * from it is told by the timer, so one event at a time is enough here. */
static void tell(struct smtp_session *s)
{
    if (!s->closed && s->is_postponed)
        begin(s);
    if (s->closed || s->is_postponed)
        return;
    while (!s->closed && mail_is_over(s)) {
        struct smtp_mail *mail = s->mail;

        s->mail = s->next;
        s->next = NULL;
        s->told = SMTP_WANT_READ;
        s->events->settled(s->owner, mail);
        if (s->mail != NULL) /* it began behind that one */
            smtp_dialogue_turn_behind(&s->dialogue);
    }
    if (s->closed || s->want == s->told)
        return;
    s->told = s->want;
    if (s->want == SMTP_WANT_MAIL)
        tell_ready(s);
    else if (s->want == SMTP_WANT_CONTENT)
        s->events->content_wanted(s->owner);
    else if (s->want == SMTP_WANT_CLOSE) {
        disconnect(s);
        s->events->closed(s->owner, smtp_client_ending(s->client));
    }
}

static void tell_later(struct smtp_session *s)
{
    follow(s);
    if (s->is_postponed || mail_is_over(s) || s->want != s->told)
        timer_start(&s->tell, 0);
}

static void on_tell(void *owner)
{
    tell(owner);
}

static void on_wait_over(void *owner)
{
    struct smtp_session *s = owner;

    note_progress(s);
    smtp_dialogue_remark(&s->dialogue, elapsed(s), SPAN("timed out"));
    s->want = smtp_client_lost(s->client, SMTP_CAUSE_TIMEOUT, NULL);
    tell(s);
}

static void be_connected(struct smtp_session *s)
{
    s->local = stream_local(s->stream);
    smtp_dialogue_remark(&s->dialogue, elapsed(s), SPAN("connected"));
    s->want = smtp_client_connected(s->client);
    follow(s);
}

static void on_connected(void *owner)
{
    be_connected(owner);
}

static void on_received(void *owner, struct span bytes)
{
    struct smtp_session *s = owner;

    note_progress(s);
    smtp_dialogue_server(&s->dialogue, elapsed(s), bytes);
    s->want = smtp_client_feed(s->client, bytes);
    follow(s);
    tell(s);
}

static void on_drained(void *owner)
{
    struct smtp_session *s = owner;

    note_progress(s);
    follow(s);
    tell(s);
}

static void on_secured(void *owner, const struct tls_facts *facts)
{
    struct smtp_session *s = owner;
    char remark[400];

    s->handshaking = false;
    s->secure = true;
    s->facts = *facts;
    (void)snprintf(remark, sizeof(remark), "%s %s%s, certificate %s%s", facts->version,
                   facts->cipher, facts->resumed ? ", resumed" : "",
                   facts->verified ? "good" : "not verified: ", facts->problem);
    smtp_dialogue_remark(&s->dialogue, elapsed(s), span_of(remark));
    s->want = smtp_client_tls_done(s->client);
    follow(s);
    tell(s);
}

static void on_closed(void *owner, const struct error *why)
{
    struct smtp_session *s = owner;
    enum smtp_cause cause = s->handshaking ? SMTP_CAUSE_TLS : SMTP_CAUSE_LOST;
    const char *words = why != NULL ? why->text : "the server closed the connection";

    note_progress(s);
    s->is_ticket_bad = s->handshaking && why != NULL && why->kind == ERROR_TEMPORARY;
    smtp_dialogue_remark(&s->dialogue, elapsed(s), span_of(words));
    s->want = smtp_client_lost(s->client, cause, words);
    tell(s);
}

static const struct stream_events stream_events = {
    .connected = on_connected,
    .received = on_received,
    .drained = on_drained,
    .secured = on_secured,
    .closed = on_closed,
};

static void take_stream(struct smtp_session *s, const struct smtp_session_options *options)
{
    if (options->stream != NULL) {
        s->stream = options->stream;
        stream_give(s->stream, &stream_events, s);
        be_connected(s);
        return;
    }
    if (smtp_client_wait(s->client).ms > 0)
        timer_start(&s->wait, smtp_client_wait(s->client).ms);
    s->stream = stream_connect(s->loop, options->source, &options->peer, &stream_events, s);
}

struct smtp_session *smtp_session_open(struct loop *loop,
                                       const struct smtp_session_options *options,
                                       const struct smtp_session_events *events, void *owner)
{
    struct smtp_session *s = NEW(struct smtp_session);
    struct smtp_client_options client = options->client;

    assert(options->tls != NULL || options->client.tls != SMTP_TLS_REQUIRED);
    if (options->tls == NULL)
        client.tls = SMTP_TLS_NEVER;
    s->loop = loop;
    s->events = events;
    s->owner = owner;
    s->tls = options->tls;
    s->peer_name = alloc_text(options->peer_name);
    s->must_verify = options->must_verify;
    s->tickets = options->tickets;
    s->client = smtp_client_new(&client);
    s->want = SMTP_WANT_READ;
    s->told = SMTP_WANT_READ;
    s->started_ms = loop_monotonic_ms(loop);
    s->is_written_down = options->dialogue_max > 0;
    smtp_dialogue_init(&s->dialogue, options->dialogue_max);
    s->dialogue.listen = events->recorded;
    s->dialogue.listener = owner;
    if (s->is_written_down)
        write_down_peer(s, &options->peer);
    timer_init(&s->wait, loop, on_wait_over, s);
    timer_init(&s->tell, loop, on_tell, s);
    take_stream(s, options);
    return s;
}

void smtp_session_send(struct smtp_session *s, struct smtp_mail *mail)
{
    assert(!s->closed && s->mail == NULL && s->want == SMTP_WANT_MAIL);
    s->told = SMTP_WANT_READ;
    s->mail = mail;
    smtp_dialogue_turn(&s->dialogue);
    begin(s);
    tell_later(s);
}

void smtp_session_follow(struct smtp_session *s, struct smtp_mail *mail)
{
    assert(!s->closed && s->mail != NULL && s->next == NULL);
    s->next = mail;
    s->want = smtp_client_follow(s->client, mail);
    tell_later(s);
}

bool smtp_session_withdraw(struct smtp_session *s)
{
    if (s->closed || !smtp_client_withdraw(s->client))
        return false;
    s->next = NULL;
    return true;
}

void smtp_session_content(struct smtp_session *s, struct span content)
{
    if (s->closed || s->want != SMTP_WANT_CONTENT)
        return;
    s->told = SMTP_WANT_READ;
    s->want = smtp_client_content(s->client, content);
    tell_later(s);
}

void smtp_session_withhold(struct smtp_session *s)
{
    if (s->closed || s->want == SMTP_WANT_CLOSE)
        return;
    s->want = smtp_client_withhold(s->client);
    tell_later(s);
}

void smtp_session_quit(struct smtp_session *s)
{
    if (s->closed || s->want != SMTP_WANT_MAIL)
        return;
    s->told = SMTP_WANT_READ;
    s->want = smtp_client_quit(s->client);
    tell_later(s);
}

static void destroy(void *owner)
{
    struct smtp_session *s = owner;

    smtp_client_free(s->client);
    smtp_dialogue_fini(&s->dialogue);
    alloc_free(s->peer_name);
    alloc_free(s);
}

void smtp_session_close(struct smtp_session *s)
{
    if (s == NULL || s->closed)
        return;
    s->closed = true;
    disconnect(s);
    timer_stop(&s->tell);
    loop_defer(s->loop, destroy, s);
}

const struct tls_facts *smtp_session_tls(const struct smtp_session *s)
{
    return s->secure ? &s->facts : NULL;
}

const struct smtp_capabilities *smtp_session_offers(const struct smtp_session *s)
{
    return smtp_client_offers(s->client);
}

bool smtp_session_is_ticket_bad(const struct smtp_session *s)
{
    return s->is_ticket_bad;
}

const struct smtp_result *smtp_session_ending(const struct smtp_session *s)
{
    return smtp_client_ending(s->client);
}

struct smtp_avoid smtp_session_avoid(const struct smtp_session *s)
{
    return smtp_client_avoid(s->client);
}

struct endpoint smtp_session_local(const struct smtp_session *s)
{
    return s->local;
}

struct span smtp_session_dialogue(const struct smtp_session *s)
{
    return smtp_dialogue_view(&s->dialogue);
}
