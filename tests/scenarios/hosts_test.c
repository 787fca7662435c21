/*
 * A site with several hosts and addresses, some of which are dead, slow or broken: what is tried,
 * in which order, what is remembered of it, and what stands on record.
 */
#include <stdio.h>
#include <string.h>

#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

static const char mx1[] = "192.0.2.1";
static const char mx2[] = "192.0.2.2";
static const char mx1_v6[] = "2001:db8::1";
static const char ann[] = "ann@one.example";

static uint64_t connects(const struct road *r, const char *at)
{
    struct ip ip = exchange_ip(at);

    return sim_net_connects(r->sim, &ip);
}

static void silence(const struct road *r, const char *at, bool on)
{
    struct ip ip = exchange_ip(at);

    sim_net_black_hole(r->sim, &ip, on);
}

static void slow_down(const struct road *r, const char *at, int64_t ms)
{
    struct ip ip = exchange_ip(at);

    sim_net_latency(r->sim, &ip, ms);
}

static void open_host(struct road *r, const char *at)
{
    const struct smtp_sink_options options = exchange_options();

    exchange_open(r->exchange, at, &options);
}

/* Ann behind two hosts, the first preferred. */
static void begin(struct road *r, uint64_t seed)
{
    story_begin(r, seed);
    sim_dns_set(r->sim, "one.example", DNS_MX, "10 mx1.one.example, 20 mx2.one.example");
    sim_dns_set(r->sim, "mx1.one.example", DNS_A, mx1);
    sim_dns_set(r->sim, "mx2.one.example", DNS_A, mx2);
    open_host(r, mx2);
}

/* Ann behind one host with addresses of both families. */
static void begin_with_both_families(struct road *r, uint64_t seed)
{
    story_begin(r, seed);
    sim_dns_set(r->sim, "mx.one.example", DNS_AAAA, mx1_v6);
    open_host(r, mx1_v6);
}

/* News for Ann, and the time until she has it. */
static int64_t tell_and_wait(struct road *r, const char *issue, int64_t most_ms)
{
    size_t before = exchange_count(r->exchange);
    int64_t start = sim_time_ms(r->sim);

    (void)story_tell_urgently(r, issue, "PLUM");
    while (exchange_count(r->exchange) == before && sim_time_ms(r->sim) < start + most_ms)
        road_run(r, 100);
    assert_int_equal(exchange_count(r->exchange), before + 1);
    return sim_time_ms(r->sim) - start;
}

/* A moment in which connections without work are closed. */
static void let_idle(struct road *r)
{
    road_run(r, 10 * SECOND);
}

static void a_host_that_failed_leaves_a_try_of_its_own_on_record(void **state)
{
    struct road *r = *state;
    int64_t id;

    begin(r, 1);
    exchange_close(r->exchange, mx1);
    (void)tell_and_wait(r, "issue/1", 5 * SECOND);
    let_idle(r);
    id = road_delivery(r, ann);
    road_expect(r, id, DELIVERY_DELIVERED, 1); /* the schedule knows of one try */
    assert_int_equal(story_attempts(r, id), 2);
    assert_string_equal(story_attempt(r, id, 0).ip, mx1);
    assert_string_equal(story_attempt(r, id, 0).host, "mx1.one.example");
    assert_string_equal(story_attempt(r, id, 0).stage, "connect");
    assert_string_equal(story_attempt(r, id, 1).ip, mx2);
    assert_int_equal(story_attempt(r, id, 1).led_to, DELIVERY_DELIVERED);
    road_close(r);
}

static void the_next_connection_does_not_wait_again_for_a_silent_host(void **state)
{
    struct road *r = *state;

    begin(r, 2);
    silence(r, mx1, true);
    assert_in_range(tell_and_wait(r, "issue/1", 2 * MINUTE), 30 * SECOND, 35 * SECOND);
    let_idle(r);
    assert_in_range(tell_and_wait(r, "issue/2", MINUTE), 0, 3 * SECOND);
    assert_int_equal(connects(r, mx1), 1);
    assert_int_equal(story_attempts(r, road_delivery(r, ann)), 1);
    road_close(r);
}

static void one_connection_looks_whether_a_dead_host_is_back(void **state)
{
    enum { CROWD = 40 };
    struct road *r = *state;

    begin(r, 3);
    for (int i = 0; i < CROWD; i++) {
        char key[20];

        (void)snprintf(key, sizeof key, "p%d", i);
        story_watcher(r, key, "one.example");
    }
    silence(r, mx1, true);
    (void)story_tell_urgently(r, "issue/1", "PLUM");
    road_run(r, MINUTE);
    assert_int_equal(exchange_count(r->exchange), CROWD + 1);
    assert_int_equal(connects(r, mx1), 1);
    road_run(r, 2 * MINUTE); /* it may be tried again by now */
    (void)story_tell_urgently(r, "issue/2", "PEAR");
    road_run(r, 3 * SECOND);
    /* all but what waits behind the one that looks */
    assert_in_range(exchange_count(r->exchange), 2 * CROWD - 2, 2 * CROWD + 2);
    assert_int_equal(connects(r, mx1), 2);
    road_run(r, MINUTE);
    assert_int_equal(exchange_count(r->exchange), 2 * CROWD + 2);
    assert_int_equal(connects(r, mx1), 2);
    road_close(r);
}

static void a_host_that_is_back_gets_the_mail_again(void **state)
{
    struct road *r = *state;

    begin(r, 4);
    exchange_close(r->exchange, mx1);
    (void)tell_and_wait(r, "issue/1", 5 * SECOND);
    assert_string_equal(exchange_last_to(r->exchange, ann)->exchanger, mx2);
    open_host(r, mx1);
    road_run(r, 3 * MINUTE);
    for (int i = 0; i < 2; i++) {
        char issue[20];

        (void)snprintf(issue, sizeof issue, "issue/2%d", i);
        (void)tell_and_wait(r, issue, 5 * SECOND);
        assert_string_equal(exchange_last_to(r->exchange, ann)->exchanger, mx1);
        let_idle(r);
    }
    road_close(r);
}

static void a_family_that_leads_nowhere_costs_a_quarter_of_a_second(void **state)
{
    static const char *const dead[] = { mx1, mx1_v6 };

    for (uint64_t i = 0; i < 2 * ARRAY_LENGTH(dead); i++) {
        struct road *r = *state;

        begin_with_both_families(r, 10 + i);
        silence(r, dead[i % 2], true);
        assert_in_range(tell_and_wait(r, "issue/1", 5 * SECOND), 0, SECOND);
        let_idle(r);
        assert_int_equal(story_attempts(r, road_delivery(r, ann)), 1);
        road_close(r);
    }
}

static void a_race_leaves_one_connection_and_one_mail(void **state)
{
    for (uint64_t seed = 20; seed < 26; seed++) {
        struct road *r = *state;

        begin_with_both_families(r, seed);
        slow_down(r, mx1, 150 + 40 * ((int64_t)seed % 3));
        slow_down(r, mx1_v6, 200);
        (void)tell_and_wait(r, "issue/1", 10 * SECOND);
        let_idle(r);
        assert_int_equal(exchange_count(r->exchange), 1);
        assert_in_range(connects(r, mx1) + connects(r, mx1_v6), 1, 2);
        road_expect(r, road_delivery(r, ann), DELIVERY_DELIVERED, 1);
        road_close(r);
    }
}

static void a_less_preferred_host_takes_no_part_in_the_race(void **state)
{
    struct road *r = *state;

    begin(r, 30);
    slow_down(r, mx1, 800);
    (void)tell_and_wait(r, "issue/1", 20 * SECOND);
    assert_string_equal(exchange_last_to(r->exchange, ann)->exchanger, mx1);
    assert_int_equal(connects(r, mx2), 0);
    road_close(r);
}

static void hosts_of_equal_preference_race(void **state)
{
    struct road *r = *state;

    begin(r, 31);
    sim_dns_set(r->sim, "one.example", DNS_MX, "10 mx1.one.example, 10 mx2.one.example");
    silence(r, mx1, true);
    assert_in_range(tell_and_wait(r, "issue/1", 5 * SECOND), 0, SECOND);
    road_close(r);
}

/* The hosts of a domain, all at addresses that refuse or are silent. */
static void open_desert(struct road *r, int hosts, bool silent)
{
    char mx[4000] = "";

    for (int i = 0; i < hosts; i++) {
        char host[40];
        char ip[40];
        size_t n = strlen(mx);

        (void)snprintf(host, sizeof host, "mx%d.one.example", i);
        (void)snprintf(ip, sizeof ip, "192.0.2.%d", 100 + i);
        (void)snprintf(mx + n, sizeof mx - n, "%s%d %s", i > 0 ? ", " : "", 10 + i, host);
        sim_dns_set(r->sim, host, DNS_A, ip);
        if (silent)
            silence(r, ip, true);
    }
    sim_dns_set(r->sim, "one.example", DNS_MX, mx);
}

static uint64_t connects_to_desert(const struct road *r, int hosts)
{
    uint64_t n = 0;

    for (int i = 0; i < hosts; i++) {
        char ip[40];

        (void)snprintf(ip, sizeof ip, "192.0.2.%d", 100 + i);
        n += connects(r, ip);
    }
    return n;
}

static void a_pass_over_many_dead_hosts_is_bounded(void **state)
{
    enum { HOSTS = 16, PASS_MOST = 8 };

    for (int silent = 0; silent < 2; silent++) {
        struct road *r = *state;
        int64_t id;

        story_begin(r, 40 + (uint64_t)silent);
        open_desert(r, HOSTS, silent != 0);
        (void)story_tell_urgently(r, "issue/1", "PLUM");
        road_run(r, silent != 0 ? PASS_MOST * 30 * SECOND + 5 * SECOND : 5 * SECOND);
        id = road_delivery(r, ann);
        road_expect(r, id, DELIVERY_DEFERRED, 1);
        assert_int_equal(connects_to_desert(r, HOSTS), PASS_MOST);
        assert_int_equal(story_attempts(r, id), PASS_MOST);
        road_close(r);
    }
}

/* But for one, to look after it. */
static void the_next_pass_begins_with_hosts_that_were_not_tried(void **state)
{
    enum { HOSTS = 10 };
    struct road *r = *state;

    story_begin(r, 45);
    open_desert(r, HOSTS, false);
    open_host(r, "192.0.2.109");
    (void)tell_and_wait(r, "issue/1", HOUR);
    assert_in_range(connects_to_desert(r, HOSTS), 8 + 2, 8 + 3);
    road_close(r);
}

static void broken_tls_is_remembered_for_a_while(void **state)
{
    struct smtp_sink_options options = exchange_options();
    struct ip ip = exchange_ip(mx1);
    struct road *r = *state;
    int64_t id;

    story_begin(r, 50);
    options.offers.starttls = true;
    exchange_open(r->exchange, mx1, &options);
    sim_net_tls(r->sim, &ip, (struct sim_tls){ .failure = "unsupported protocol" });
    (void)tell_and_wait(r, "issue/1", 5 * SECOND);
    id = road_delivery(r, ann);
    let_idle(r);
    assert_int_equal(connects(r, mx1), 2);
    assert_int_equal(story_attempts(r, id), 2);
    (void)tell_and_wait(r, "issue/2", 5 * SECOND);
    let_idle(r);
    assert_int_equal(connects(r, mx1), 3);
    sim_net_tls(r->sim, &ip, (struct sim_tls){ .failure = NULL });
    road_run(r, HOUR);
    (void)tell_and_wait(r, "issue/3", 5 * SECOND);
    assert_true(exchange_last_to(r->exchange, ann)->secure);
    assert_int_equal(connects(r, mx1), 4);
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(a_host_that_failed_leaves_a_try_of_its_own_on_record),
        ROAD_TEST(the_next_connection_does_not_wait_again_for_a_silent_host),
        ROAD_TEST(one_connection_looks_whether_a_dead_host_is_back),
        ROAD_TEST(a_host_that_is_back_gets_the_mail_again),
        ROAD_TEST(a_family_that_leads_nowhere_costs_a_quarter_of_a_second),
        ROAD_TEST(a_race_leaves_one_connection_and_one_mail),
        ROAD_TEST(a_less_preferred_host_takes_no_part_in_the_race),
        ROAD_TEST(hosts_of_equal_preference_race),
        ROAD_TEST(a_pass_over_many_dead_hosts_is_bounded),
        ROAD_TEST(the_next_pass_begins_with_hosts_that_were_not_tried),
        ROAD_TEST(broken_tls_is_remembered_for_a_while),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
