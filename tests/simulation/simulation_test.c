#include "tests/simulation/simulation.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "io/listener.h"
#include "io/mailbox.h"
#include "io/worker.h"
#include "tests/support/cmocka.h"
#include "tests/support/talker.h"

enum { BIG = 1024 * 1024, LETTERS = 50, SERVER_MACHINE = 1 };

static const struct ip server_ip = { 4, { 192, 0, 2, 25 } };

/* A server on a machine of its own, and a client. */
struct pair {
    struct simulation *sim;
    struct loop *server_loop;
    struct loop *client_loop;
    struct listener *listener;
    struct talker server;
    struct talker client;
};

static void open_pair(struct pair *p, uint64_t seed)
{
    struct endpoint at = { .ip = server_ip, .port = 25 };
    struct error err;

    p->sim = sim_new(seed);
    sim_use_machine(p->sim, SERVER_MACHINE);
    p->server_loop = loop_new("server");
    sim_use_machine(p->sim, 0);
    p->client_loop = loop_new("client");
    talker_init(&p->server, p->server_loop);
    talker_init(&p->client, p->client_loop);
    p->listener = listener_open(p->server_loop, &at, 0, &talker_listens, &p->server, &err);
    assert_non_null(p->listener);
}

static void connect_client(struct pair *p)
{
    struct endpoint at = listener_endpoint(p->listener);

    p->client.stream = stream_connect(p->client_loop, NULL, &at, &talker_events, &p->client);
}

static void close_pair(struct pair *p)
{
    talker_fini(&p->client);
    talker_fini(&p->server);
    listener_close(p->listener);
    loop_free(p->client_loop);
    loop_free(p->server_loop);
    sim_free(p->sim);
}

static bool got_enough(void *owner)
{
    const struct talker *t = owner;

    return t->got.n >= t->enough;
}

static bool is_closed(void *owner)
{
    return (((const struct talker *)owner)->seen & TALKER_CLOSED) != 0;
}

static bool is_connected(void *owner)
{
    return (((const struct talker *)owner)->seen & TALKER_CONNECTED) != 0;
}

/* Sends much both ways and gives the run's digest. */
static uint64_t play(uint64_t seed)
{
    struct pair p;
    char *big = alloc_zeroed(BIG);
    uint64_t digest;

    for (size_t i = 0; i < BIG; i++)
        big[i] = (char)(i * 31 + i / 253);
    open_pair(&p, seed);
    connect_client(&p);
    p.server.echo = true;
    p.client.enough = BIG;
    stream_write(p.client.stream, (struct span){ big, BIG });
    assert_true(sim_run_until(p.sim, got_enough, &p.client, 600000));
    assert_true(span_equal(buf_view(&p.client.got), (struct span){ big, BIG }));
    assert_int_equal(stream_unsent(p.client.stream), 0);
    digest = sim_digest(p.sim);
    close_pair(&p);
    alloc_free(big);
    return digest;
}

static void the_same_seed_gives_the_same_run(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++)
        assert_int_equal(play(seed), play(seed));
    assert_int_not_equal(play(1), play(2));
}

static void nobody_listens_refuses(void **state)
{
    struct pair p;
    struct endpoint at = { .ip = server_ip, .port = 26 };

    (void)state;
    open_pair(&p, 1);
    p.client.stream = stream_connect(p.client_loop, NULL, &at, &talker_events, &p.client);
    assert_true(sim_run_until(p.sim, is_closed, &p.client, 1000));
    assert_string_equal(p.client.why, "connecting to: 192.0.2.25:26: Connection refused");
    assert_int_equal(sim_net_connects(p.sim, &server_ip), 1);
    close_pair(&p);
}

static void a_black_hole_says_nothing(void **state)
{
    struct pair p;

    (void)state;
    open_pair(&p, 1);
    sim_net_black_hole(p.sim, &server_ip, true);
    connect_client(&p);
    sim_run_for(p.sim, 3600 * 1000);
    assert_int_equal(p.client.seen, 0);
    assert_int_equal(sim_time_ms(p.sim), 3600 * 1000);
    close_pair(&p);
}

static void latency_takes_its_time(void **state)
{
    struct pair p;

    (void)state;
    open_pair(&p, 1);
    sim_net_latency(p.sim, &server_ip, 150);
    connect_client(&p);
    assert_true(sim_run_until(p.sim, is_connected, &p.client, 1000));
    assert_in_range(sim_time_ms(p.sim), 300, 302);
    close_pair(&p);
}

static void a_connection_breaks_after_so_many_bytes(void **state)
{
    struct pair p;

    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        open_pair(&p, seed);
        sim_net_reset_after(p.sim, &server_ip, 7, -1);
        connect_client(&p);
        stream_write(p.client.stream, SPAN("0123456789"));
        assert_true(sim_run_until(p.sim, is_closed, &p.server, 1000));
        assert_true(sim_run_until(p.sim, is_closed, &p.client, 1000));
        assert_true(p.server.failed && p.client.failed);
        assert_true(span_equal(buf_view(&p.server.got), SPAN("0123456")));
        close_pair(&p);
    }
}

static void cut_now(void *owner)
{
    sim_net_cut(owner, &server_ip);
}

static void a_connection_is_cut_at_a_moment(void **state)
{
    struct pair p;

    (void)state;
    open_pair(&p, 1);
    connect_client(&p);
    sim_at(p.sim, 500, cut_now, p.sim);
    assert_true(sim_run_until(p.sim, is_closed, &p.client, 1000));
    assert_true(p.client.failed);
    assert_in_range(sim_time_ms(p.sim), 500, 502);
    close_pair(&p);
}

static void last_words_come_before_the_end(void **state)
{
    struct pair p;

    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        open_pair(&p, seed);
        connect_client(&p);
        stream_write(p.client.stream, SPAN("QUIT\r\n"));
        assert_true(sim_run_until(p.sim, is_connected, &p.client, 1000));
        stream_close(p.client.stream);
        p.client.stream = NULL;
        assert_true(sim_run_until(p.sim, is_closed, &p.server, 1000));
        assert_true(span_equal(buf_view(&p.server.got), SPAN("QUIT\r\n")));
        assert_false(p.server.failed);
        close_pair(&p);
    }
}

static void a_paused_reader_holds_the_writer_back(void **state)
{
    struct pair p;
    char *big = alloc_zeroed(BIG);

    (void)state;
    open_pair(&p, 4);
    connect_client(&p);
    assert_true(sim_run_until(p.sim, is_connected, &p.server, 1000));
    stream_pause(p.server.stream);
    stream_write(p.client.stream, (struct span){ big, BIG });
    sim_run_for(p.sim, 10000);
    assert_int_equal(p.server.got.n, 0);
    assert_true(stream_unsent(p.client.stream) > 0);
    stream_resume(p.server.stream);
    p.server.enough = BIG;
    assert_true(sim_run_until(p.sim, got_enough, &p.server, 600000));
    assert_true(p.client.seen & TALKER_DRAINED);
    close_pair(&p);
    alloc_free(big);
}

/* TLS as scripted: both sides, from "STARTTLS" on. */
static void start_tls(struct pair *p, struct sim_tls script, bool must_verify)
{
    struct tls_client_options options = { 0 };
    struct tls_peer peer = { "mx.example", must_verify };
    struct tls_context *server;
    struct tls_context *client;
    struct error err;

    open_pair(p, 7);
    sim_net_tls(p->sim, &server_ip, script);
    server = tls_server_context_new(SPAN(""), SPAN(""), &err);
    client = tls_client_context_new(&options, &err);
    p->server.tls_after_first = server;
    p->client.enough = strlen("220 go ahead\r\n");
    connect_client(p);
    stream_write(p->client.stream, SPAN("x"));
    assert_true(sim_run_until(p->sim, got_enough, &p->client, 1000));
    stream_start_tls(p->client.stream, client, &peer);
    talker_wait(&p->client, TALKER_SECURED | TALKER_CLOSED);
    tls_context_free(server);
    tls_context_free(client);
}

static void tls_goes_as_scripted(void **state)
{
    static const struct {
        struct sim_tls script;
        bool must_verify;
        bool secured;
        bool verified;
    } cases[] = {
        { { NULL, NULL }, true, true, true },
        { { NULL, "expired" }, false, true, false },
        { { NULL, "expired" }, true, false, false },
        { { "no shared cipher", NULL }, false, false, false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct pair p;

        start_tls(&p, cases[i].script, cases[i].must_verify);
        assert_int_equal((p.client.seen & TALKER_SECURED) != 0, cases[i].secured);
        assert_int_equal(p.client.facts.verified, cases[i].verified);
        if (!cases[i].secured) {
            assert_true(p.client.failed);
            assert_non_null(strstr(p.client.why, "TLS handshake"));
        }
        close_pair(&p);
    }
}

static void clocks_step_and_monotonic_time_does_not(void **state)
{
    struct simulation *sim = sim_new(1);
    int64_t utc = clock_utc_ms();
    int64_t monotonic = clock_monotonic_us();

    (void)state;
    sim_step_clock(sim, -3600 * 1000);
    assert_int_equal(clock_utc_ms(), utc - 3600 * 1000);
    assert_int_equal(clock_monotonic_us(), monotonic);
    sim_run_for(sim, 5);
    assert_int_equal(clock_monotonic_us(), monotonic + 5000);
    sim_free(sim);
}

struct letter {
    struct list link;
    int number;
};

struct desk {
    int next;
    int misplaced;
};

static void receive_letters(void *owner, struct list *posted)
{
    struct desk *desk = owner;

    LIST_EACH (posted, link) {
        list_remove(link);
        desk->misplaced += CONTAINER_OF(link, struct letter, link)->number != desk->next++;
    }
}

static void letters_arrive_in_order(void **state)
{
    struct simulation *sim = sim_new(3);
    struct loop *loop = loop_new("desk");
    struct letter letters[LETTERS];
    struct desk desk = { 0 };
    struct mailbox *box = mailbox_new(loop, receive_letters, &desk);

    (void)state;
    for (int i = 0; i < LETTERS; i++) {
        letters[i].number = i;
        mailbox_post(box, &letters[i].link);
        if (i % 7 == 0)
            sim_run_for(sim, 1);
    }
    sim_run_for(sim, 10);
    assert_int_equal(desk.next, LETTERS);
    assert_int_equal(desk.misplaced, 0);
    mailbox_free(box);
    loop_free(loop);
    sim_free(sim);
}

/* A machine that dies: what its client notices. */
static void crash_server(enum sim_death death, bool noticed)
{
    struct pair p;

    open_pair(&p, 5);
    connect_client(&p);
    assert_true(sim_run_until(p.sim, is_connected, &p.server, 1000));
    stream_write(p.server.stream, SPAN("never arrives"));
    sim_crash(p.sim, SERVER_MACHINE, death);
    sim_run_for(p.sim, 60000);
    assert_int_equal((p.client.seen & TALKER_CLOSED) != 0, noticed);
    assert_int_equal(p.server.seen & TALKER_CLOSED, 0);
    talker_fini(&p.client);
    connect_client(&p); /* nobody listens there now */
    p.client.seen = 0;
    buf_init(&p.client.got, 100);
    assert_true(sim_run_until(p.sim, is_closed, &p.client, 1000));
    talker_fini(&p.client);
    buf_fini(&p.server.got);
    loop_free(p.client_loop);
    sim_free(p.sim);
}

static void a_killed_machine_resets_its_connections(void **state)
{
    (void)state;
    crash_server(SIM_KILLED, true);
}

static void a_machine_without_power_is_silent(void **state)
{
    (void)state;
    crash_server(SIM_POWER_CUT, false);
}

static void never(void *owner)
{
    (void)owner;
    fail_msg("a dead machine's timer fires");
}

static void dead_timers_and_letters_do_nothing(void **state)
{
    struct simulation *sim = sim_new(6);
    struct loop *loop;
    struct timer *timer = NEW(struct timer);
    struct desk desk = { 0 };
    struct letter letter = { .number = 7 };
    struct mailbox *box;

    (void)state;
    loop = loop_new("doomed");
    box = mailbox_new(loop, receive_letters, &desk);
    timer_init(timer, loop, never, NULL);
    timer_start(timer, 5);
    mailbox_post(box, &letter.link);
    sim_crash(sim, 0, SIM_POWER_CUT);
    loop = loop_new("reborn");
    sim_run_for(sim, 100);
    assert_int_equal(desk.next, 0);
    loop_free(loop);
    sim_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_run),
        cmocka_unit_test(nobody_listens_refuses),
        cmocka_unit_test(a_black_hole_says_nothing),
        cmocka_unit_test(latency_takes_its_time),
        cmocka_unit_test(a_connection_breaks_after_so_many_bytes),
        cmocka_unit_test(a_connection_is_cut_at_a_moment),
        cmocka_unit_test(last_words_come_before_the_end),
        cmocka_unit_test(a_paused_reader_holds_the_writer_back),
        cmocka_unit_test(tls_goes_as_scripted),
        cmocka_unit_test(clocks_step_and_monotonic_time_does_not),
        cmocka_unit_test(letters_arrive_in_order),
        cmocka_unit_test(a_killed_machine_resets_its_connections),
        cmocka_unit_test(a_machine_without_power_is_silent),
        cmocka_unit_test(dead_timers_and_letters_do_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
