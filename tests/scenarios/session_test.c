/*
 * Mails over one session to an exchanger, one after the other or lined up so that commands leave
 * behind content, the connection broken after each byte that arrives at either side, or silent
 * from each moment on: what the session says of a mail is what the exchanger knows of it, or that
 * it is in doubt, and that is never more than one.
 */
#include "net/smtp_session.h"

#include <string.h>

#include "io/loop.h"
#include "tests/scenarios/exchange.h"
#include "tests/simulation/simulation.h"
#include "tests/support/cmocka.h"

enum { MAILS = 3, PATIENCE_MS = 40 * 60 * 1000, NEVER = -1 };

static const char mx[] = "192.0.2.1";

struct scene {
    struct simulation *sim;
    struct exchange *exchange;
    struct loop *loop;
    struct tls_context *tls;
    struct smtp_session *session;
    struct span to[MAILS];
    struct smtp_mail mails[MAILS];
    struct smtp_result results[MAILS];
    int started;
    int doubts;
    bool lines_up;
    bool is_closed;
};

/* How a run goes wrong. */
struct trouble {
    int64_t reset_at_server; /* bytes */
    int64_t reset_at_client;
    int64_t silent_after; /* ms */
};

static const struct trouble no_trouble = { NEVER, NEVER, NEVER };

static void on_ready(void *owner)
{
    struct scene *s = owner;

    if (s->started < MAILS)
        smtp_session_send(s->session, &s->mails[s->started++]);
    else
        smtp_session_quit(s->session);
}

static void on_content_wanted(void *owner)
{
    struct scene *s = owner;

    if (s->lines_up && s->started < MAILS)
        smtp_session_follow(s->session, &s->mails[s->started++]);
    smtp_session_content(s->session, SPAN("Subject: x\r\n\r\n.hello\r\n"));
}

static void on_settled(void *owner, struct smtp_mail *mail)
{
    (void)owner;
    assert_true(smtp_result_settled(&mail->results[0]));
}

static void on_closed(void *owner, const struct smtp_result *ending)
{
    struct scene *s = owner;

    (void)ending;
    s->is_closed = true;
}

static const struct smtp_session_events session_events = {
    .ready = on_ready,
    .content_wanted = on_content_wanted,
    .settled = on_settled,
    .closed = on_closed,
};

static bool is_closed(void *owner)
{
    return ((const struct scene *)owner)->is_closed;
}

static void open_session(struct scene *s, bool tls)
{
    struct smtp_session_options options = {
        .peer = { .ip = exchange_ip(mx), .port = 25 },
        .peer_name = "mx.example",
        .tls = s->tls,
        .client = { .helo = "out.example.org",
                    .tls = tls ? SMTP_TLS_IF_OFFERED : SMTP_TLS_NEVER,
                    .timeouts = smtp_timeouts_default() },
    };

    s->session = smtp_session_open(s->loop, &options, &session_events, s);
}

static void fall_silent(void *owner)
{
    const struct scene *s = owner;
    struct ip ip = exchange_ip(mx);

    sim_net_black_hole(s->sim, &ip, true);
}

static void open_scene(struct scene *s, uint64_t seed, bool tls)
{
    static const char *const names[MAILS] = { "ann@example.net", "ben@example.net",
                                              "cat@example.net" };
    struct smtp_sink_options options = exchange_options();
    struct error err;

    *s = (struct scene){ .sim = sim_new(seed), .lines_up = seed % 4 < 2 };
    s->exchange = exchange_new(s->sim);
    options.offers.starttls = tls;
    exchange_open(s->exchange, mx, &options);
    s->loop = loop_new("sender");
    s->tls = tls_client_context_new(&(struct tls_client_options){ 0 }, &err);
    for (int i = 0; i < MAILS; i++) {
        s->to[i] = span_of(names[i]);
        s->mails[i] = (struct smtp_mail){ .from = SPAN("b@example.org"),
                                          .to = &s->to[i],
                                          .results = &s->results[i],
                                          .to_count = 1,
                                          .size = 22 };
    }
}

static void close_scene(struct scene *s)
{
    smtp_session_close(s->session);
    loop_free(s->loop);
    tls_context_free(s->tls);
    exchange_free(s->exchange);
    sim_free(s->sim);
}

static void check_mail(struct scene *s, int i, const char *when, int64_t at)
{
    char address[20];
    size_t taken;
    enum smtp_verdict verdict;

    span_copy(s->to[i], address, sizeof address);
    taken = exchange_count_to(s->exchange, address);
    if (i >= s->started) {
        assert_int_equal(taken, 0);
        return;
    }
    assert_true(smtp_result_settled(&s->results[i]));
    verdict = smtp_result_verdict(&s->results[i]);
    s->doubts += verdict == SMTP_VERDICT_IN_DOUBT ? 1 : 0;
    if (verdict != SMTP_VERDICT_IN_DOUBT && taken != (verdict == SMTP_VERDICT_DELIVERED ? 1 : 0))
        fail_msg("%s %lld: %s is %s, and was taken %zu times", when, (long long)at, address,
                 smtp_verdict_name(verdict), taken);
}

/* Gives how many of the mails were in doubt. */
static int play(uint64_t seed, bool tls, const struct trouble *trouble, const char *when,
                int64_t at)
{
    struct ip ip = exchange_ip(mx);
    struct scene s;

    open_scene(&s, seed, tls);
    sim_net_reset_after(s.sim, &ip, trouble->reset_at_server, trouble->reset_at_client);
    if (trouble->silent_after != NEVER)
        sim_at(s.sim, trouble->silent_after, fall_silent, &s);
    open_session(&s, tls);
    if (!sim_run_until(s.sim, is_closed, &s, PATIENCE_MS))
        fail_msg("%s %lld: the session does not end", when, (long long)at);
    for (int i = 0; i < MAILS; i++)
        check_mail(&s, i, when, at);
    if (s.doubts > 1)
        fail_msg("%s %lld: %d mails are in doubt", when, (long long)at, s.doubts);
    if (trouble->reset_at_server == NEVER && trouble->reset_at_client == NEVER &&
        trouble->silent_after == NEVER)
        assert_int_equal(exchange_count(s.exchange), MAILS);
    close_scene(&s);
    return s.doubts;
}

static void all_mails_come_whatever_the_pieces(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++)
        assert_int_equal(play(seed, seed % 2 == 0, &no_trouble, "seed", (int64_t)seed), 0);
}

/* Some 600 bytes go one way, 800 the other; each is tried with every way of sending. */
static void a_reset_after_any_byte_leaves_no_false_word(void **state)
{
    int doubts = 0;

    (void)state;
    for (int64_t n = 0; n < 1000; n++) {
        struct trouble trouble = no_trouble;
        uint64_t seed = (uint64_t)(n + n / 4);

        trouble.reset_at_server = n;
        doubts += play(seed, n % 2 == 0, &trouble, "reset at the server after", n);
        trouble = no_trouble;
        trouble.reset_at_client = n;
        doubts += play(seed, n % 2 == 0, &trouble, "reset at the client after", n);
    }
    assert_true(doubts > 0);
}

static void silence_from_any_moment_ends_by_patience(void **state)
{
    int doubts = 0;

    (void)state;
    for (int64_t ms = 0; ms < 60; ms++) {
        struct trouble trouble = no_trouble;

        trouble.silent_after = ms;
        for (uint64_t seed = 0; seed < 5; seed++)
            doubts += play(seed, seed % 2 == 0, &trouble, "silent after ms", ms);
    }
    assert_true(doubts > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_mails_come_whatever_the_pieces),
        cmocka_unit_test(a_reset_after_any_byte_leaves_no_false_word),
        cmocka_unit_test(silence_from_any_moment_ends_by_patience),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
