/*
 * The real HTTP client against small web servers on loopback that say what the test tells them.
 */
#include "net/http_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "crypto/certificate.h"
#include "io/listener.h"
#include "io/loop.h"
#include "io/timer.h"
#include "tests/support/cmocka.h"

enum { PATIENCE_MS = 20000, LIMIT = 1000, HOUR_MS = 3600 * 1000, VISITORS = 4 };

/* A server that gives each connection the same answer once it has a whole head. */
struct web {
    struct listener *listener;
    struct tls_context *tls; /* NULL: in the clear */
    const char *answer;      /* NULL: none */
    struct buf asked;        /* all that came, of all connections */
    struct stream *streams[VISITORS];
    int connections;
};

/* A client with one call, and what came of it. */
struct caller {
    struct loop *loop;
    struct http_client *client;
    struct http_call call;
    char url[128];
    int awaited;
    int status;
    int64_t retry_after_s;
    char problem[256];
    char body[LIMIT + 1];
};

/* One connection: found by its stream being the last that came. */
static struct web *serving;

static void on_received(void *owner, struct span bytes)
{
    struct web *web = serving;

    buf_put(&web->asked, bytes);
    if (web->answer != NULL && span_find(bytes, SPAN("\r\n\r\n")) < bytes.n) {
        stream_write(*(struct stream **)owner, span_of(web->answer));
        stream_end(*(struct stream **)owner);
    }
}

static void on_secured(void *owner, const struct tls_facts *facts)
{
    (void)owner;
    (void)facts;
}

static void on_closed(void *owner, const struct error *why)
{
    (void)owner;
    (void)why;
}

static const struct stream_events stream_events = { .received = on_received,
                                                    .secured = on_secured,
                                                    .closed = on_closed };

static void on_accepted(void *owner, struct stream *stream)
{
    struct web *web = owner;
    struct stream **place = &web->streams[web->connections++];

    assert_in_range(web->connections, 1, VISITORS);
    *place = stream;
    stream_adopt(stream, &stream_events, place);
    if (web->tls != NULL)
        stream_start_tls(stream, web->tls, NULL);
}

static const struct listener_events listener_events = { .accepted = on_accepted };

static void open_web(struct web *web, struct caller *caller, const char *answer)
{
    struct endpoint at = { .ip = { .version = 4, .bytes = { 127, 0, 0, 1 } } };
    struct error err;

    *web = (struct web){ .answer = answer };
    serving = web;
    buf_init(&web->asked, 1 << 20);
    web->listener = listener_open(caller->loop, &at, 0, &listener_events, web, &err);
    assert_non_null(web->listener);
    (void)snprintf(caller->url, sizeof(caller->url), "http://127.0.0.1:%d/hook",
                   listener_endpoint(web->listener).port);
}

static void close_web(struct web *web)
{
    for (int i = 0; i < web->connections; i++)
        stream_close(web->streams[i]);
    listener_close(web->listener);
    buf_fini(&web->asked);
    tls_context_free(web->tls);
}

static void on_done(void *owner, const struct http_answer *answer)
{
    struct caller *caller = owner;

    caller->status = answer->status;
    caller->retry_after_s = answer->retry_after_s;
    span_copy(span_of(answer->problem), caller->problem, sizeof(caller->problem));
    span_copy(answer->body, caller->body, sizeof(caller->body));
    if (--caller->awaited == 0)
        loop_stop(caller->loop);
}

static void open_caller(struct caller *caller, const struct http_client_options *options)
{
    struct http_client_options own = *options;

    *caller = (struct caller){ .loop = loop_new("test") };
    own.loop = caller->loop;
    own.connections = own.host_connections = 1;
    caller->client = http_client_new(&own);
    caller->call = (struct http_call){ .method = "GET",
                                       .url = caller->url,
                                       .timeout_ms = PATIENCE_MS,
                                       .answer_limit = LIMIT,
                                       .done = on_done,
                                       .owner = caller };
}

static void close_caller(struct caller *caller)
{
    http_client_free(caller->client);
    loop_free(caller->loop);
}

static void make_call(struct caller *caller)
{
    caller->awaited = 1;
    http_client_call(caller->client, &caller->call);
    assert_int_equal(caller->awaited, 1);
    loop_run(caller->loop);
    assert_null(caller->call.transfer);
}

static const struct http_client_options within = { .internal_allowed = true };

static void a_post_arrives_with_its_fields_and_the_answer_comes_back(void **state)
{
    static const char *const fields[] = { "Content-Type: application/json", "X-Id: 7", NULL };
    struct caller caller;
    struct web web;

    (void)state;
    open_caller(&caller, &within);
    open_web(&web, &caller,
             "HTTP/1.1 503 Later\r\nRetry-After: 40\r\nContent-Length: 4\r\n\r\nbusy");
    caller.call.method = "POST";
    caller.call.fields = fields;
    caller.call.body = SPAN("{\"a\":1}");
    make_call(&caller);
    assert_int_equal(caller.status, 503);
    assert_int_equal(caller.retry_after_s, 40);
    assert_string_equal(caller.body, "busy");
    assert_string_equal(caller.problem, "");
    assert_true(span_starts(buf_view(&web.asked), SPAN("POST /hook HTTP/1.1\r\n")));
    assert_true(span_find(buf_view(&web.asked), SPAN("\r\nX-Id: 7\r\n")) < web.asked.n);
    assert_true(span_find(buf_view(&web.asked), SPAN("\r\nContent-Length: 7\r\n")) < web.asked.n);
    assert_true(span_ends(buf_view(&web.asked), SPAN("\r\n\r\n{\"a\":1}")));
    close_web(&web);
    close_caller(&caller);
}

static void a_redirect_is_an_answer(void **state)
{
    struct caller caller;
    struct web web;

    (void)state;
    open_caller(&caller, &within);
    open_web(&web, &caller,
             "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    make_call(&caller);
    assert_int_equal(caller.status, 302);
    assert_int_equal(web.connections, 1);
    close_web(&web);
    close_caller(&caller);
}

static void what_is_no_good_answer_is_a_problem(void **state)
{
    static const struct {
        const char *answer;
        const char *problem;
    } cases[] = {
        { "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" /* filled below */, "larger than" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nshort", "transfer closed" },
        { "220 mx.example ESMTP\r\n\r\n", "HTTP/0.9" },
        { NULL, "no answer within 100 ms" },
    };
    char large[LIMIT * 3];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct caller caller;
        struct web web;

        open_caller(&caller, &within);
        open_web(&web, &caller, cases[i].answer);
        if (i == 0) {
            (void)snprintf(large, sizeof(large), "%s%2000d", cases[i].answer, 1);
            web.answer = large;
        }
        if (cases[i].answer == NULL)
            caller.call.timeout_ms = 100;
        make_call(&caller);
        assert_int_equal(caller.status, 0);
        assert_non_null(strstr(caller.problem, cases[i].problem));
        close_web(&web);
        close_caller(&caller);
    }
}

static void where_nobody_is_or_may_go_no_call_goes(void **state)
{
    static const struct {
        const char *url;
        bool internal_allowed;
        const char *problem;
    } cases[] = {
        { "http://127.0.0.1:%d/", false, "127.0.0.1 is no public address" },
        { "http://localhost:%d/", false, "is no public address" },
        { "http://[::ffff:127.0.0.1]:%d/", false, "is no public address" },
        { "http://2130706433:%d/", false, "127.0.0.1 is no public address" },
        { "http://127.0.0.1:1/", true, "onnect" },
        { "file:///etc/passwd", true, "rotocol" },
        { "no url", true, "URL" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct http_client_options options = { .internal_allowed = cases[i].internal_allowed };
        struct span before =
            span_first(span_of(cases[i].url), span_find(span_of(cases[i].url), SPAN("%d")));
        struct caller caller;
        struct web web;

        open_caller(&caller, &options);
        open_web(&web, &caller, "HTTP/1.1 200 OK\r\n\r\n");
        if (before.n < strlen(cases[i].url))
            (void)snprintf(caller.url, sizeof(caller.url), "%.*s%d/", SPAN_ARGS(before),
                           listener_endpoint(web.listener).port);
        else
            (void)snprintf(caller.url, sizeof(caller.url), "%s", cases[i].url);
        make_call(&caller);
        assert_int_equal(caller.status, 0);
        assert_non_null(strstr(caller.problem, cases[i].problem));
        assert_int_equal(web.connections, 0);
        close_web(&web);
        close_caller(&caller);
    }
}

static void calls_beyond_a_hosts_connections_wait(void **state)
{
    struct caller caller;
    struct http_call second;
    struct web web;

    (void)state;
    open_caller(&caller, &within);
    open_web(&web, &caller, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    second = caller.call;
    caller.awaited = 2;
    http_client_call(caller.client, &caller.call);
    http_client_call(caller.client, &second);
    loop_run(caller.loop);
    assert_int_equal(web.connections, 2);
    assert_int_equal(caller.status, 200);
    close_web(&web);
    close_caller(&caller);
}

static void a_cancelled_call_is_forgotten(void **state)
{
    struct caller caller;
    struct http_call other;
    struct web web;

    (void)state;
    open_caller(&caller, &within);
    open_web(&web, &caller, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    other = caller.call;
    other.done = NULL; /* would be called at address zero */
    http_client_call(caller.client, &other);
    http_call_cancel(&other);
    http_call_cancel(&other);
    make_call(&caller);
    assert_int_equal(caller.status, 200);
    http_client_call(caller.client, &other); /* open when the client ends */
    close_web(&web);
    close_caller(&caller);
}

/* Lets the server speak TLS with a certificate for `name`, written to `ca_file`. */
static void secure(struct web *web, const char *name, char *ca_file)
{
    CLEANUP(buf_fini) struct buf certificate;
    CLEANUP(buf_fini) struct buf key;
    struct span names[] = { span_of(name) };
    struct certificate_options options = { names, 1, clock_utc_ms() - HOUR_MS,
                                           clock_utc_ms() + HOUR_MS };
    struct error err;
    int fd = mkstemp(ca_file);

    buf_init(&certificate, 1 << 16);
    buf_init(&key, 1 << 16);
    assert_true(certificate_make_self_signed(&options, &certificate, &key, &err));
    assert_int_equal(write(fd, certificate.at, certificate.n), certificate.n);
    (void)close(fd);
    web->tls = tls_server_context_new(buf_view(&certificate), buf_view(&key), &err);
    assert_non_null(web->tls);
}

static void a_certificate_must_be_trusted_and_of_the_name(void **state)
{
    static const struct {
        const char *name;
        bool trusted;
        int status;
    } cases[] = { { "localhost", true, 200 }, { "localhost", false, 0 }, { "other", true, 0 } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char ca_file[] = "/tmp/postroom-test-ca-XXXXXX";
        struct http_client_options options = { .internal_allowed = true };
        struct caller caller;
        struct web web;

        options.extra_ca_file = cases[i].trusted ? ca_file : NULL;
        open_caller(&caller, &within); /* for its loop */
        open_web(&web, &caller, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        secure(&web, cases[i].name, ca_file);
        http_client_free(caller.client);
        options.loop = caller.loop;
        options.connections = options.host_connections = 1;
        caller.client = http_client_new(&options);
        (void)snprintf(caller.url, sizeof(caller.url), "https://localhost:%d/",
                       listener_endpoint(web.listener).port);
        make_call(&caller);
        assert_int_equal(caller.status, cases[i].status);
        if (cases[i].status == 0)
            assert_non_null(strstr(caller.problem, "SSL"));
        close_web(&web);
        close_caller(&caller);
        (void)unlink(ca_file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_arrives_with_its_fields_and_the_answer_comes_back),
        cmocka_unit_test(a_redirect_is_an_answer),
        cmocka_unit_test(what_is_no_good_answer_is_a_problem),
        cmocka_unit_test(where_nobody_is_or_may_go_no_call_goes),
        cmocka_unit_test(calls_beyond_a_hosts_connections_wait),
        cmocka_unit_test(a_cancelled_call_is_forgotten),
        cmocka_unit_test(a_certificate_must_be_trusted_and_of_the_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
