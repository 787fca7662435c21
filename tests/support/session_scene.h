/*
 * An SMTP session and a sink on one real loop, for neighbour tests: mail is added, the session run
 * to its end, and what happened is there to be looked at.
 */
#ifndef POSTROOM_TESTS_SUPPORT_SESSION_SCENE_H
#define POSTROOM_TESTS_SUPPORT_SESSION_SCENE_H

#include <stdio.h>

#include "base/clock.h"
#include "crypto/certificate.h"
#include "io/loop.h"
#include "io/timer.h"
#include "net/smtp_session.h"
#include "net/smtp_sink.h"
#include "tests/support/cmocka.h"
#include "tests/support/talker.h"

enum { MAILS_MAX = 4, SCENE_CONTENT_MOST = 12 * 1024 * 1024 };

struct scene {
    struct loop *loop;
    struct smtp_sink_options sink_options;
    struct smtp_sink *sink;
    struct smtp_session_options options;
    struct smtp_session *session;
    struct tls_context *server_tls;
    struct tls_context *client_tls;

    struct span to[MAILS_MAX];
    struct smtp_mail mails[MAILS_MAX];
    struct smtp_result results[MAILS_MAX];
    size_t mail_count;
    size_t started;
    struct span content;
    bool withhold;
    struct buf events; /* "ready content settled ready closed " */
    struct smtp_result ending;

    struct buf got; /* the content the sink took last */
    char got_tls[16];
};

UNUSED static void on_ready(void *owner)
{
    struct scene *s = owner;

    buf_put(&s->events, SPAN("ready "));
    if (s->started < s->mail_count)
        smtp_session_send(s->session, &s->mails[s->started++]);
    else
        smtp_session_quit(s->session);
}

UNUSED static void on_content_wanted(void *owner)
{
    struct scene *s = owner;

    buf_put(&s->events, SPAN("content "));
    if (s->withhold)
        smtp_session_withhold(s->session);
    else
        smtp_session_content(s->session, s->content);
}

UNUSED static void on_settled(void *owner, struct smtp_mail *mail)
{
    struct scene *s = owner;

    buf_put(&s->events, SPAN("settled "));
    assert_true(smtp_result_settled(&mail->results[0]));
}

UNUSED static void on_session_closed(void *owner, const struct smtp_result *ending)
{
    struct scene *s = owner;

    buf_put(&s->events, SPAN("closed "));
    s->ending = *ending;
    loop_stop(s->loop);
}

static const struct smtp_session_events session_events = {
    .ready = on_ready,
    .content_wanted = on_content_wanted,
    .settled = on_settled,
    .closed = on_session_closed,
};

UNUSED static void on_taken(void *owner, const struct smtp_sink_message *message)
{
    struct scene *s = owner;

    buf_clear(&s->got);
    buf_put(&s->got, message->content);
    (void)snprintf(s->got_tls, sizeof(s->got_tls), "%s", message->tls ? message->tls->version : "");
}

UNUSED static void scene_init(struct scene *s)
{
    *s = (struct scene){ .loop = loop_new("test"), .sink_options = smtp_sink_options_default() };
    s->sink_options.name = "mx.example";
    s->sink_options.taken = on_taken;
    s->sink_options.owner = s;
    s->content = SPAN("Subject: x\r\n\r\n.hello\r\n");
    s->options.peer_name = "mx.example";
    s->options.dialogue_max = 5000;
    s->options.client.helo = "me.example";
    s->options.client.timeouts = smtp_timeouts_default();
    buf_init(&s->events, 1000);
    buf_init(&s->got, SCENE_CONTENT_MOST);
}

UNUSED static void add_mail(struct scene *s, const char *to)
{
    size_t i = s->mail_count++;

    s->to[i] = span_of(to);
    s->mails[i] = (struct smtp_mail){ .from = SPAN("me@y.example"),
                                      .to = &s->to[i],
                                      .results = &s->results[i],
                                      .to_count = 1,
                                      .size = s->content.n };
}

UNUSED static void open_sink(struct scene *s)
{
    struct endpoint at = talker_loopback();
    struct error err;

    s->sink_options.listen = &at;
    s->sink_options.listen_count = 1;
    s->sink = smtp_sink_open(s->loop, &s->sink_options, &err);
    assert_non_null(s->sink);
    s->options.peer = smtp_sink_endpoint(s->sink, 0);
}

UNUSED static void run_session_with(struct scene *s, const struct smtp_session_events *events)
{
    struct timer guard;

    s->session = smtp_session_open(s->loop, &s->options, events, s);
    timer_init(&guard, s->loop, talker_gives_up, NULL);
    timer_start(&guard, 30000);
    loop_run(s->loop);
    timer_stop(&guard);
}

UNUSED static void run_session(struct scene *s)
{
    run_session_with(s, &session_events);
}

UNUSED static void scene_fini(struct scene *s)
{
    smtp_session_close(s->session);
    if (s->sink != NULL)
        smtp_sink_close(s->sink);
    loop_free(s->loop);
    tls_context_free(s->server_tls);
    tls_context_free(s->client_tls);
    buf_fini(&s->events);
    buf_fini(&s->got);
}

UNUSED static void use_tls(struct scene *s)
{
    CLEANUP(buf_fini) struct buf certificate;
    CLEANUP(buf_fini) struct buf key;
    struct span names[] = { SPAN("mx.example") };
    struct certificate_options options = { names, 1, clock_utc_ms() - 86400000,
                                           clock_utc_ms() + 86400000 };
    struct tls_client_options client = { 0 };
    struct error err;

    buf_init(&certificate, 1 << 16);
    buf_init(&key, 1 << 16);
    assert_true(certificate_make_self_signed(&options, &certificate, &key, &err));
    s->server_tls = tls_server_context_new(buf_view(&certificate), buf_view(&key), &err);
    s->client_tls = tls_client_context_new(&client, &err);
    assert_non_null(s->server_tls);
    assert_non_null(s->client_tls);
    s->sink_options.offers.starttls = true;
    s->sink_options.tls = s->server_tls;
    s->options.tls = s->client_tls;
    s->options.client.tls = SMTP_TLS_IF_OFFERED;
}

UNUSED static void assert_verdict(const struct scene *s, size_t mail, enum smtp_verdict verdict)
{
    assert_string_equal(smtp_verdict_name(smtp_result_verdict(&s->results[mail])),
                        smtp_verdict_name(verdict));
}

#endif
