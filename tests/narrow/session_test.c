/*
 * What the client believes when the kernel took its output up to behind a dot and not the commands
 * that follow in the same block. How much the kernel takes is said here: a real one decides by its
 * own measure.
 */
#include "net/smtp_session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "io/listener.h"
#include "io/loop.h"
#include "io/timer.h"
#include "tests/support/cmocka.h"
#include "tests/support/talker.h"

enum { MAILS = 3, NARROW = 1 }; /* the mail whose dot leaves without what is behind it */

static const char content[] = "Subject: x\r\n\r\nhello\r\n";

/* What the kernel takes of the client's at each send, 0: nothing now; behind the last: never. */
static struct {
    uint16_t server_port; /* 0: no limit */
    size_t takes[4];
    size_t next;
} kernel;

struct scene {
    struct loop *loop;
    struct smtp_session *session;
    struct span to[MAILS];
    struct smtp_mail mails[MAILS];
    struct smtp_result results[MAILS];
    size_t started;

    struct listener *listener;
    struct stream *server;
    size_t answered;
    const char *last_word; /* after the dot; then the connection ends; NULL: silence */
    struct buf heard;
};

static bool goes_to_the_server(int fd)
{
    struct sockaddr_in peer = { 0 };
    socklen_t n = sizeof(peer);

    return kernel.server_port != 0 && getpeername(fd, (struct sockaddr *)&peer, &n) == 0 &&
           ntohs(peer.sin_port) == kernel.server_port;
}

/* Stands in for the C library's in the whole program. */
ssize_t send(int fd, const void *bytes, size_t n, int flags)
{
    if (goes_to_the_server(fd)) {
        size_t room = kernel.next < ARRAY_LENGTH(kernel.takes) ? kernel.takes[kernel.next++] : 0;

        if (room == 0) {
            errno = EAGAIN;
            return -1;
        }
        n = n < room ? n : room;
    }
    return sendto(fd, bytes, n, flags, NULL, 0);
}

static void narrow_the_kernel(struct scene *s)
{
    size_t with_dot = sizeof(content) - 1 + 3;

    kernel.takes[0] = 5;
    kernel.takes[1] = 0;
    kernel.takes[2] = with_dot - 5 + 10; /* and the first word of MAIL */
    kernel.takes[3] = 0;
    kernel.next = 0;
    kernel.server_port = listener_endpoint(s->listener).port;
}

static void server_hears(void *owner, struct span bytes)
{
    static const char *const replies[] = { "250-mx\r\n250 PIPELINING\r\n",
                                           "250 ok\r\n250 ok\r\n354 go\r\n", "250 queued\r\n",
                                           "250 ok\r\n250 ok\r\n354 go\r\n" };
    struct scene *s = owner;

    if (s->answered < ARRAY_LENGTH(replies)) {
        stream_write(s->server, span_of(replies[s->answered++]));
        return;
    }
    buf_put(&s->heard, bytes);
    if (span_find(buf_view(&s->heard), SPAN("\r\n.\r\nMAIL FROM:")) == s->heard.n ||
        s->last_word == NULL)
        return;
    stream_write(s->server, span_of(s->last_word));
    stream_close(s->server);
    s->server = NULL;
}

static void server_closed(void *owner, const struct error *why)
{
    struct scene *s = owner;

    (void)why;
    stream_close(s->server);
    s->server = NULL;
}

static void server_accepts(void *owner, struct stream *stream)
{
    static const struct stream_events events = { .received = server_hears,
                                                 .closed = server_closed };
    struct scene *s = owner;

    s->server = stream;
    stream_adopt(stream, &events, s);
    stream_write(stream, SPAN("220 mx\r\n"));
}

static void on_ready(void *owner)
{
    struct scene *s = owner;

    smtp_session_send(s->session, &s->mails[s->started++]);
}

static void on_content_wanted(void *owner)
{
    struct scene *s = owner;

    if (s->started == NARROW + 1) {
        narrow_the_kernel(s);
        smtp_session_follow(s->session, &s->mails[s->started++]);
    }
    smtp_session_content(s->session, span_of(content));
}

static void on_settled(void *owner, struct smtp_mail *mail)
{
    (void)owner;
    (void)mail;
}

static void on_closed(void *owner, const struct smtp_result *ending)
{
    struct scene *s = owner;

    (void)ending;
    loop_stop(s->loop);
}

static void open_scene(struct scene *s)
{
    static const struct listener_events events = { .accepted = server_accepts };
    static const struct smtp_session_events session_events = { .ready = on_ready,
                                                               .content_wanted = on_content_wanted,
                                                               .settled = on_settled,
                                                               .closed = on_closed };
    struct smtp_session_options options = { .peer_name = "mx", .client = { .helo = "me.example" } };
    struct endpoint at = talker_loopback();
    struct error err;

    for (size_t i = 0; i < MAILS; i++) {
        s->to[i] = SPAN("a@x.example");
        s->mails[i] = (struct smtp_mail){ .from = SPAN("me@y.example"),
                                          .to = &s->to[i],
                                          .results = &s->results[i],
                                          .to_count = 1,
                                          .size = sizeof(content) - 1 };
    }
    buf_init(&s->heard, 10000);
    s->loop = loop_new("test");
    s->listener = listener_open(s->loop, &at, 0, &events, s, &err);
    assert_non_null(s->listener);
    options.peer = listener_endpoint(s->listener);
    options.client.timeouts = smtp_timeouts_default();
    options.client.timeouts.ms[SMTP_STAGE_CONTENT] = 50;
    options.client.timeouts.ms[SMTP_STAGE_DOT] = 50;
    s->session = smtp_session_open(s->loop, &options, &session_events, s);
}

static void close_scene(struct scene *s)
{
    kernel.server_port = 0;
    smtp_session_close(s->session);
    if (s->server != NULL)
        stream_close(s->server);
    listener_close(s->listener);
    loop_free(s->loop);
    buf_fini(&s->heard);
}

/* How the mail ends whose dot left alone, when the server then says this, or nothing. */
static enum smtp_verdict verdict_after(const char *last_word)
{
    struct scene s = { .last_word = last_word };
    struct timer guard;

    open_scene(&s);
    timer_init(&guard, s.loop, talker_gives_up, NULL);
    timer_start(&guard, 30000);
    loop_run(s.loop);
    timer_stop(&guard);
    assert_true(span_find(buf_view(&s.heard), SPAN("\r\n.\r\nMAIL FROM:")) < s.heard.n);
    assert_true(span_find(buf_view(&s.heard), SPAN("RCPT")) == s.heard.n);
    assert_false(s.results[NARROW + 1].dot_sent);
    close_scene(&s);
    return smtp_result_verdict(&s.results[NARROW]);
}

static void a_mail_that_was_taken_is_delivered_though_commands_behind_it_wait(void **state)
{
    (void)state;
    assert_int_equal(verdict_after("250 queued\r\n"), SMTP_VERDICT_DELIVERED);
}

static void a_connection_that_breaks_behind_the_dot_leaves_it_in_doubt(void **state)
{
    (void)state;
    assert_int_equal(verdict_after(""), SMTP_VERDICT_IN_DOUBT);
}

static void silence_behind_the_dot_leaves_it_in_doubt(void **state)
{
    (void)state;
    assert_int_equal(verdict_after(NULL), SMTP_VERDICT_IN_DOUBT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mail_that_was_taken_is_delivered_though_commands_behind_it_wait),
        cmocka_unit_test(a_connection_that_breaks_behind_the_dot_leaves_it_in_doubt),
        cmocka_unit_test(silence_behind_the_dot_leaves_it_in_doubt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
