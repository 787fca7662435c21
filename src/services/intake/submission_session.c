/*
 * One connection of the submission port: the server's machine on a stream. While the ledger has a
 * message, the session waits: what comes behind it is read afterwards. A session that is dropped
 * meanwhile stays until the ledger has answered, for the message may be stored all the same.
 */
#include <stdio.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "io/loop.h"
#include "protocol/smtp/refusal_text.h"
#include "services/intake/submission_port_internal.h"

enum {
    BEHIND_MOST = 1 << 20, /* bytes behind a message; the stream is paused meanwhile */
    ERRORS_MOST = 20,
    FAILURES_MOST = 3,
    LINGER_MS = 2000,
    HELLO_SHOWN = 100
};

/* A message on its way through the ledger. */
struct submission_job {
    struct ledger_job job;
    struct submission_session *session;
    struct arena arena;
    struct submission_ready ready;
    struct submission_taken taken;
};

static const struct settings *settings_of(const struct submission_session *s)
{
    return s->port->options.settings;
}

/* ---- answers ---- */

static enum smtp_server_want refuse(struct submission_session *s, int code,
                                    struct smtp_status status, const char *text)
{
    char line[SMTP_REFUSAL_ROOM];

    smtp_refusal_text(span_of(text), line);
    return smtp_server_answer(s->server, code, status, line);
}

static enum smtp_server_want refuse_error(struct submission_session *s, const struct error *err)
{
    struct smtp_refusal refusal = smtp_refusal_of(err);

    return refuse(s, refusal.code, refusal.status, err->text);
}

static enum smtp_server_want answer_auth(struct submission_session *s)
{
    struct error err;
    bool found;

    if (!submission_port_find(s->port, smtp_server_password(s->server), s->by, &found, &err)) {
        log_warning("submission-unchecked", log_text("problem", err.text));
        return refuse(s, 454, (struct smtp_status){ 4, 7, 0 }, "Cannot be checked now");
    }
    if (found)
        return smtp_server_accept(s->server);
    if (++s->failures >= FAILURES_MOST)
        return refuse(s, 421, (struct smtp_status){ 4, 7, 0 }, "Too many wrong credentials");
    return refuse(s, 535, (struct smtp_status){ 5, 7, 8 },
                  "No token with the scope submit: it is the password");
}

static bool is_welcome(const struct submission_session *s)
{
    return s->is_listed || smtp_server_is_known(s->server);
}

static enum smtp_server_want answer_mail(struct submission_session *s)
{
    struct span from = smtp_server_envelope(s->server)->from;
    struct mail_address address;
    struct error err;

    if (!is_welcome(s))
        return refuse(s, 530, (struct smtp_status){ 5, 7, 0 },
                      smtp_server_is_secure(s->server) ? "Log in first"
                                                       : "Say STARTTLS and log in first");
    if (from.n > 0 && !submission_read_address(from, settings_of(s), &address, &err))
        return refuse(s, 553, (struct smtp_status){ 5, 1, 7 }, err.text);
    if (from.n > 0 && !submission_may_be_from(settings_of(s), span_of(address.domain)))
        return refuse(s, 553, (struct smtp_status){ 5, 7, 1 },
                      "Senders may not be of this domain (submission.domains)");
    if (!submission_port_paces(s->port, s->by))
        return refuse(s, 452, (struct smtp_status){ 4, 7, 1 },
                      "Too many messages: try again in a minute (submission.rate)");
    return smtp_server_accept(s->server);
}

static enum smtp_server_want answer_recipient(struct submission_session *s)
{
    const struct smtp_envelope *envelope = smtp_server_envelope(s->server);
    struct mail_address address;
    struct error err;
    bool barred;

    if (!submission_read_address(envelope->to[envelope->to_count - 1], settings_of(s), &address,
                                 &err))
        return refuse(s, 553, (struct smtp_status){ 5, 1, 3 }, err.text);
    if (!submission_port_is_barred(s->port, &address, &barred, &err))
        return refuse_error(s, &err);
    if (barred)
        return refuse(s, 550, (struct smtp_status){ 5, 7, 1 }, "Mail to it is suppressed");
    return smtp_server_accept(s->server);
}

/* ---- a message ---- */

/* The client's name as it may stand in a header: what it says of itself is anything. */
static void put_hello(struct buf *to, struct span hello)
{
    for (size_t i = 0; i < hello.n && i < HELLO_SHOWN; i++) {
        char c = span_lower(hello.at[i]);
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
                     c == ':' || c == '[' || c == ']';

        buf_put_byte(to, plain ? hello.at[i] : '?');
    }
}

static struct span trace_from(const struct submission_session *s, struct arena *arena)
{
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, 1000);
    buf_put_text(&text, "from ");
    put_hello(&text, smtp_server_hello(s->server));
    buf_put_text(&text, " ([");
    ip_put(&text, &s->peer.ip);
    buf_put_text(&text, "])");
    return arena_copy(arena, buf_view(&text));
}

/* RFC 3848 and 6531. */
static struct span trace_with(const struct submission_session *s, struct arena *arena)
{
    return span_of(arena_printf(
        arena, "%s%s%s", smtp_server_envelope(s->server)->utf8 ? "UTF8SMTP" : "ESMTP",
        smtp_server_is_secure(s->server) ? "S" : "", smtp_server_is_known(s->server) ? "A" : ""));
}

static int64_t deadline_of(const struct smtp_envelope *envelope, int64_t now_ms)
{
    if (!envelope->by_returns || envelope->deliver_by_s <= 0)
        return 0;
    return now_ms + envelope->deliver_by_s * 1000;
}

static bool prepare(struct submission_session *s, struct submission_job *job, struct error *err)
{
    const struct smtp_envelope *envelope = smtp_server_envelope(s->server);
    int64_t now_ms = loop_now_ms(s->port->options.loop);
    const struct submission_draft draft = { .message = smtp_server_content(s->server),
                                            .sender = envelope->from,
                                            .to = envelope->to,
                                            .to_count = envelope->to_count,
                                            .wishes = envelope->wishes,
                                            .returns = envelope->returns,
                                            .via = SPAN("smtp"),
                                            .by = span_of(s->by),
                                            .trace_from = trace_from(s, &job->arena),
                                            .trace_with = trace_with(s, &job->arena),
                                            .envid = envelope->envid,
                                            .deadline = deadline_of(envelope, now_ms),
                                            .now_ms = now_ms };

    return submission_prepare(&draft, settings_of(s), &job->arena, &job->ready, err);
}

static bool run_job(struct ledger_job *ledger_job, struct db *db, struct error *err)
{
    struct submission_job *job = CONTAINER_OF(ledger_job, struct submission_job, job);

    return submission_store(db, &job->ready, &job->arena, &job->taken, err);
}

static void free_job(struct submission_job *job)
{
    submission_ready_fini(&job->ready);
    arena_fini(&job->arena);
    alloc_free(job);
}

static void submit(struct submission_session *s, struct submission_job *job)
{
    job->session = s;
    job->job = (struct ledger_job){
        .name = "submission", .rank = LEDGER_REQUEST, .run = run_job, .answers = s->port->answers
    };
    s->job = job;
    s->port->jobs++;
    ledger_submit(s->port->options.ledger, &job->job);
}

/* True when the ledger has it; otherwise it is answered. */
static bool take(struct submission_session *s, enum smtp_server_want *ret_want)
{
    struct submission_job *job = NEW(struct submission_job);
    struct error err;

    arena_init(&job->arena);
    if (!prepare(s, job, &err))
        *ret_want = refuse_error(s, &err);
    else if (!submission_may_be_from(settings_of(s), job->ready.from_domain))
        *ret_want = refuse(s, 550, (struct smtp_status){ 5, 7, 1 },
                           "From may not be of this domain (submission.domains)");
    else {
        submit(s, job);
        return true;
    }
    free_job(job);
    return false;
}

/* ---- the talk ---- */

static void end(struct submission_session *s)
{
    s->is_ended = true;
    stream_end(s->stream);
    timer_start(&s->patience, LINGER_MS);
}

static void flush(struct submission_session *s)
{
    struct span out = smtp_server_output(s->server);

    stream_write(s->stream, out);
    smtp_server_sent(s->server, out.n);
}

static void follow(struct submission_session *s, enum smtp_server_want want)
{
    flush(s);
    if (want == SMTP_SERVER_CLOSE)
        end(s);
    else if (want == SMTP_SERVER_TLS)
        stream_start_tls(s->stream, s->port->options.tls, NULL);
}

/* Answers the question at hand; false while the ledger has to. */
static bool answer(struct submission_session *s, enum smtp_server_want *ret_want)
{
    switch (smtp_server_question(s->server)) {
    case SMTP_ASK_AUTH:
        *ret_want = answer_auth(s);
        return true;
    case SMTP_ASK_MAIL:
        *ret_want = answer_mail(s);
        return true;
    case SMTP_ASK_RCPT:
        *ret_want = answer_recipient(s);
        return true;
    case SMTP_ASK_CONTENT:
        return !take(s, ret_want);
    case SMTP_ASK_NOTHING:
    case SMTP_ASK_GREETING:
    case SMTP_ASK_DATA:
        break;
    }
    *ret_want = smtp_server_accept(s->server);
    return true;
}

static void run(struct submission_session *s, struct span bytes)
{
    enum smtp_server_want want = smtp_server_feed(s->server, &bytes);

    while (want == SMTP_SERVER_ANSWER) {
        if (!answer(s, &want)) {
            buf_put(&s->behind, bytes);
            stream_pause(s->stream);
            flush(s);
            return;
        }
        if (want != SMTP_SERVER_CLOSE)
            want = smtp_server_feed(s->server, &bytes);
    }
    follow(s, want);
}

/* What came behind the message is read now. */
static void go_on(struct submission_session *s, enum smtp_server_want want)
{
    struct buf behind = s->behind;

    buf_init(&s->behind, BEHIND_MOST);
    stream_resume(s->stream);
    if (want == SMTP_SERVER_CLOSE)
        follow(s, want);
    else
        run(s, buf_view(&behind));
    buf_fini(&behind);
}

static void tell(const struct submission_session *s, const struct submission_job *job)
{
    log_info("submission-taken", log_number("submission", job->taken.id), log_text("by", s->by),
             log_span("message_id", job->ready.message_id),
             log_number("deliveries", job->taken.deliveries));
}

static void destroy(void *owner)
{
    struct submission_session *s = owner;
    struct submission_port *port = s->port;

    list_remove(&s->link);
    port->session_count--;
    smtp_server_free(s->server);
    buf_fini(&s->behind);
    alloc_free(s);
    submission_port_done(port);
}

static void take_answer(struct submission_job *job)
{
    struct submission_session *s = job->session;

    s->job = NULL;
    if (job->job.ok)
        tell(s, job);
    if (s->stream == NULL)
        loop_defer(s->port->options.loop, destroy, s);
    else if (job->job.ok)
        go_on(s, smtp_server_accept(s->server));
    else
        go_on(s, refuse_error(s, &job->job.error));
}

void submission_session_answered(void *owner, struct list *posted)
{
    struct submission_port *port = owner;
    struct list *first;

    while ((first = list_first(posted)) != NULL) {
        struct submission_job *job =
            CONTAINER_OF(CONTAINER_OF(first, struct ledger_job, link), struct submission_job, job);

        list_remove(first);
        port->jobs--;
        take_answer(job);
        free_job(job);
    }
    submission_port_done(port);
}

/* ---- the connection ---- */

static void be_patient(struct submission_session *s)
{
    timer_start(&s->patience, settings_of(s)->submission.patience);
}

static void on_received(void *owner, struct span bytes)
{
    struct submission_session *s = owner;

    if (s->is_ended)
        return;
    be_patient(s);
    run(s, bytes);
}

static void greet(struct submission_session *s)
{
    const struct settings *settings = settings_of(s);
    const struct smtp_server_options options = {
        .name = settings->hostname,
        .offers = { .pipelining = true,
                    .size = true,
                    .size_limit = settings->message_size_limit,
                    .eight_bit = true,
                    .smtputf8 = true,
                    .starttls = s->port->options.tls != NULL,
                    .chunking = true,
                    .dsn = true,
                    .deliver_by = true,
                    .enhanced_status = true },
        .content_max = settings->message_size_limit,
        .recipients_max = (uint32_t)settings->message_recipient_limit,
        .errors_max = ERRORS_MOST,
        .auth = true,
        .secure = s->is_tls_first,
    };

    s->server = smtp_server_new(&options);
    run(s, SPAN(""));
}

static void on_secured(void *owner, const struct tls_facts *facts)
{
    struct submission_session *s = owner;

    (void)facts;
    be_patient(s);
    if (s->server == NULL)
        greet(s);
    else
        follow(s, smtp_server_tls_done(s->server));
}

static void on_closed(void *owner, const struct error *why)
{
    (void)why;
    submission_session_close(owner);
}

static void on_impatient(void *owner)
{
    struct submission_session *s = owner;

    if (s->job != NULL)
        be_patient(s); /* it is us who keep the client waiting */
    else
        submission_session_close(s);
}

static const struct stream_events stream_events = {
    .received = on_received,
    .secured = on_secured,
    .closed = on_closed,
};

static void name_peer(struct submission_session *s)
{
    CLEANUP(buf_fini) struct buf ip;

    buf_init(&ip, 100);
    ip_put(&ip, &s->peer.ip);
    (void)snprintf(s->by, sizeof s->by, "address %s", buf_text(&ip));
}

void submission_session_open(struct submission_port *port, struct stream *stream, bool tls_first)
{
    struct submission_session *s = NEW(struct submission_session);

    s->port = port;
    s->stream = stream;
    s->peer = stream_peer(stream);
    s->is_listed = submission_port_lists(port, &s->peer.ip);
    s->is_tls_first = tls_first;
    name_peer(s);
    buf_init(&s->behind, BEHIND_MOST);
    timer_init(&s->patience, port->options.loop, on_impatient, s);
    list_append(&port->sessions, &s->link);
    port->session_count++;
    be_patient(s);
    stream_adopt(stream, &stream_events, s);
    if (tls_first)
        stream_start_tls(stream, port->options.tls, NULL);
    else
        greet(s);
}

void submission_session_close(struct submission_session *s)
{
    if (s->stream == NULL)
        return;
    stream_close(s->stream);
    s->stream = NULL;
    timer_stop(&s->patience);
    if (s->job == NULL)
        loop_defer(s->port->options.loop, destroy, s);
}
