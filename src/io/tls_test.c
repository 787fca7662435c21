#include "io/tls.h"

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "crypto/certificate.h"
#include "io/listener.h"
#include "io/tls_tickets.h"
#include "tests/support/cmocka.h"
#include "tests/support/talker.h"

enum { BIG = 12 * 1024 * 1024, DAY_MS = 24 * 60 * 60 * 1000 };

/* A server that starts TLS after the first bytes, and a client, on one loop. */
struct pair {
    struct loop *loop;
    struct tls_tickets *tickets; /* of the client */
    struct listener *listener;
    struct tls_context *server_context;
    struct tls_context *client_context;
    char ca_file[64];
    struct talker server;
    struct talker client;
};

/* Makes the certificate of mx.example, valid from now - 1 day until `until`, and trusts it when
 * told so. */
static void make_contexts(struct pair *p, int64_t until_ms, bool trusted)
{
    CLEANUP(buf_fini) struct buf certificate;
    CLEANUP(buf_fini) struct buf key;
    struct span names[] = { SPAN("mx.example") };
    struct certificate_options options = { names, 1, clock_utc_ms() - 2 * (int64_t)DAY_MS,
                                           clock_utc_ms() + until_ms };
    struct tls_client_options client = { 0 };
    struct error err;
    int fd;

    buf_init(&certificate, 1 << 16);
    buf_init(&key, 1 << 16);
    assert_true(certificate_make_self_signed(&options, &certificate, &key, &err));
    (void)snprintf(p->ca_file, sizeof(p->ca_file), "/tmp/postroom-test-ca-XXXXXX");
    fd = mkstemp(p->ca_file);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, certificate.at, certificate.n), certificate.n);
    (void)close(fd);
    client.extra_ca_file = trusted ? p->ca_file : NULL;
    p->server_context = tls_server_context_new(buf_view(&certificate), buf_view(&key), &err);
    p->client_context = tls_client_context_new(&client, &err);
    assert_non_null(p->server_context);
    assert_non_null(p->client_context);
}

static void connect_pair(struct pair *p)
{
    struct endpoint at = listener_endpoint(p->listener);

    p->client.stream = stream_connect(p->loop, NULL, &at, &talker_events, &p->client);
    talker_wait(&p->client, TALKER_CONNECTED);
    if (p->server.stream == NULL)
        talker_wait(&p->server, TALKER_CONNECTED);
}

static void open_pair(struct pair *p, int64_t until_ms, bool trusted)
{
    struct endpoint at = talker_loopback();
    struct error err;

    make_contexts(p, until_ms, trusted);
    p->loop = loop_new("test");
    p->tickets = tls_tickets_new();
    talker_init(&p->server, p->loop);
    talker_init(&p->client, p->loop);
    p->listener = listener_open(p->loop, &at, 0, &talker_listens, &p->server, &err);
    assert_non_null(p->listener);
    connect_pair(p);
}

static void close_pair(struct pair *p)
{
    talker_fini(&p->client);
    talker_fini(&p->server);
    listener_close(p->listener);
    loop_free(p->loop);
    tls_tickets_free(p->tickets);
    tls_context_free(p->server_context);
    tls_context_free(p->client_context);
    (void)unlink(p->ca_file);
}

/* The SMTP way: a word, an answer, then TLS. */
static void start_tls(struct pair *p, const char *name, bool must_verify)
{
    struct tls_peer peer = { name, must_verify, p->tickets };

    p->server.tls_after_first = p->server_context;
    p->client.enough = strlen("220 go ahead\r\n");
    stream_write(p->client.stream, SPAN("STARTTLS\r\n"));
    talker_wait(&p->client, TALKER_RECEIVED);
    buf_clear(&p->client.got);
    buf_clear(&p->server.got);
    stream_start_tls(p->client.stream, p->client_context, &peer);
}

static void a_trusted_certificate_is_verified(void **state)
{
    struct pair p;

    (void)state;
    open_pair(&p, DAY_MS, true);
    start_tls(&p, "mx.example", true);
    talker_wait(&p.client, TALKER_SECURED | TALKER_CLOSED);
    assert_true(p.client.seen & TALKER_SECURED);
    assert_true(p.client.facts.verified);
    assert_string_equal(p.client.facts.problem, "");
    assert_string_equal(p.client.facts.version, "TLSv1.3");
    assert_string_not_equal(p.client.facts.cipher, "");
    close_pair(&p);
}

static void what_is_wrong_is_told_but_goes_on_unless_required(void **state)
{
    static const struct {
        const char *name;
        int64_t until_ms;
        bool trusted;
        const char *problem;
    } cases[] = {
        { "mx.example", DAY_MS, false, "self" },
        { "mx.example", -DAY_MS, true, "expired" },
        { "other.example", DAY_MS, true, "mismatch" },
        { "192.0.2.1", DAY_MS, true, "mismatch" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct pair p;

        open_pair(&p, cases[i].until_ms, cases[i].trusted);
        start_tls(&p, cases[i].name, false);
        talker_wait(&p.client, TALKER_SECURED | TALKER_CLOSED);
        assert_true(p.client.seen & TALKER_SECURED);
        assert_false(p.client.facts.verified);
        assert_non_null(strstr(p.client.facts.problem, cases[i].problem));
        close_pair(&p);

        open_pair(&p, cases[i].until_ms, cases[i].trusted);
        start_tls(&p, cases[i].name, true);
        talker_wait(&p.client, TALKER_CLOSED);
        assert_false(p.client.seen & TALKER_SECURED);
        assert_true(p.client.failed);
        assert_non_null(strstr(p.client.why, cases[i].problem));
        close_pair(&p);
    }
}

static void much_goes_both_ways_with_back_pressure(void **state)
{
    struct pair p;
    char *big = alloc_zeroed(BIG);

    (void)state;
    for (size_t i = 0; i < BIG; i++)
        big[i] = (char)(i * 7 + i / 1021);
    open_pair(&p, DAY_MS, false);
    start_tls(&p, "mx.example", false);
    talker_wait(&p.client, TALKER_SECURED);
    p.server.echo = true;
    p.client.enough = BIG;
    stream_pause(p.client.stream);
    stream_write(p.client.stream, (struct span){ big, BIG });
    assert_true(stream_unsent(p.client.stream) > 0);
    talker_wait(&p.client, TALKER_DRAINED);
    assert_int_equal(p.client.got.n, 0);
    stream_resume(p.client.stream);
    talker_wait(&p.client, TALKER_RECEIVED);
    assert_true(span_equal(buf_view(&p.client.got), (struct span){ big, BIG }));
    close_pair(&p);
    alloc_free(big);
}

static void close_notify_is_an_orderly_end(void **state)
{
    struct pair p;

    (void)state;
    open_pair(&p, DAY_MS, false);
    start_tls(&p, "mx.example", false);
    talker_wait(&p.client, TALKER_SECURED);
    stream_write(p.client.stream, SPAN("QUIT\r\n"));
    stream_end(p.client.stream);
    talker_wait(&p.server, TALKER_CLOSED);
    assert_false(p.server.failed);
    assert_true(span_equal(buf_view(&p.server.got), SPAN("QUIT\r\n")));
    close_pair(&p);
}

static void a_peer_that_leaves_in_the_middle_fails_the_handshake(void **state)
{
    struct pair p;
    struct tls_peer peer = { "mx.example", false, NULL };

    (void)state;
    open_pair(&p, DAY_MS, false);
    stream_start_tls(p.client.stream, p.client_context, &peer);
    talker_wait(&p.server, TALKER_RECEIVED); /* the client's hello */
    stream_close(p.server.stream);
    p.server.stream = NULL;
    talker_wait(&p.client, TALKER_CLOSED);
    assert_true(p.client.failed);
    assert_non_null(strstr(p.client.why, "TLS handshake"));
    close_pair(&p);
}

static void garbage_instead_of_a_hello_fails_the_handshake(void **state)
{
    struct pair p;
    struct tls_peer peer = { "mx.example", false, NULL };

    (void)state;
    open_pair(&p, DAY_MS, false);
    stream_start_tls(p.client.stream, p.client_context, &peer);
    talker_wait(&p.server, TALKER_RECEIVED);
    stream_write(p.server.stream, SPAN("500 what do you mean?\r\n"));
    talker_wait(&p.client, TALKER_CLOSED);
    assert_true(p.client.failed);
    assert_non_null(strstr(p.client.why, "TLS handshake"));
    close_pair(&p);
}

static void bad_files_make_no_context(void **state)
{
    struct tls_client_options missing = { .extra_ca_file = "/nowhere/ca.pem" };
    struct error err;

    (void)state;
    assert_null(tls_client_context_new(&missing, &err));
    assert_string_equal(err.text, "opening /nowhere/ca.pem: No such file or directory");
    assert_null(tls_server_context_new(SPAN("no certificate"), SPAN("no key"), &err));
    assert_int_equal(err.kind, ERROR_INVALID);
}

/* Another connection of the same two; gives whether it was resumed. */
static bool resumes(struct pair *p, const char *name, bool must_verify)
{
    talker_fini(&p->client);
    talker_fini(&p->server);
    talker_init(&p->server, p->loop);
    talker_init(&p->client, p->loop);
    connect_pair(p);
    start_tls(p, name, must_verify);
    talker_wait(&p->client, TALKER_SECURED);
    p->client.enough = 0;
    stream_write(p->server.stream, SPAN("250 here are your tickets, too\r\n"));
    talker_wait(&p->client, TALKER_RECEIVED);
    return p->client.facts.resumed;
}

static void the_next_handshake_is_shorter(void **state)
{
    struct pair p;

    (void)state;
    open_pair(&p, DAY_MS, true);
    assert_false(resumes(&p, "mx.example", false));
    assert_true(p.client.facts.verified);
    for (int i = 0; i < 8; i++) {
        assert_true(resumes(&p, "mx.example", false));
        assert_true(p.client.facts.verified);
    }
    close_pair(&p);
}

static void a_ticket_serves_only_for_what_it_was_given_for(void **state)
{
    struct pair p;

    (void)state;
    open_pair(&p, DAY_MS, true);
    assert_false(resumes(&p, "other.example", false));
    assert_false(p.client.facts.verified);
    assert_false(resumes(&p, "mx.example", false)); /* another name */
    assert_false(resumes(&p, "mx.example", true));  /* verified */
    assert_true(resumes(&p, "mx.example", true));
    assert_true(p.client.facts.verified);
    close_pair(&p);
}

/* Whoever asks again asks without it. */
static void after_a_handshake_that_fails_no_ticket_is_left(void **state)
{
    struct tls_peer peer = { "mx.example", false, NULL };
    struct pair p;

    (void)state;
    open_pair(&p, DAY_MS, true);
    assert_false(resumes(&p, "mx.example", false));
    peer.tickets = p.tickets;
    talker_fini(&p.client);
    talker_fini(&p.server);
    talker_init(&p.server, p.loop);
    talker_init(&p.client, p.loop);
    connect_pair(&p);
    stream_start_tls(p.client.stream, p.client_context, &peer);
    talker_wait(&p.server, TALKER_RECEIVED);
    stream_write(p.server.stream, SPAN("500 what do you mean?\r\n"));
    talker_wait(&p.client, TALKER_CLOSED);
    assert_int_equal(p.client.kind, ERROR_TEMPORARY);
    assert_false(resumes(&p, "mx.example", false));
    close_pair(&p);
}

/* A server that started anew knows its tickets no more: the handshake is whole, and goes on. */
static void tickets_that_the_server_forgot_do_no_harm(void **state)
{
    struct pair p;
    struct tls_context *old_server;
    struct tls_context *old_client;

    (void)state;
    open_pair(&p, DAY_MS, true);
    assert_false(resumes(&p, "mx.example", false));
    old_server = p.server_context;
    old_client = p.client_context;
    (void)unlink(p.ca_file);
    make_contexts(&p, DAY_MS, true);
    assert_false(resumes(&p, "mx.example", false));
    assert_true(resumes(&p, "mx.example", false));
    close_pair(&p);
    tls_context_free(old_server);
    tls_context_free(old_client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trusted_certificate_is_verified),
        cmocka_unit_test(what_is_wrong_is_told_but_goes_on_unless_required),
        cmocka_unit_test(much_goes_both_ways_with_back_pressure),
        cmocka_unit_test(close_notify_is_an_orderly_end),
        cmocka_unit_test(a_peer_that_leaves_in_the_middle_fails_the_handshake),
        cmocka_unit_test(garbage_instead_of_a_hello_fails_the_handshake),
        cmocka_unit_test(bad_files_make_no_context),
        cmocka_unit_test(the_next_handshake_is_shorter),
        cmocka_unit_test(a_ticket_serves_only_for_what_it_was_given_for),
        cmocka_unit_test(after_a_handshake_that_fails_no_ticket_is_left),
        cmocka_unit_test(tickets_that_the_server_forgot_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
