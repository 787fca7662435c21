/*
 * Many mails: what is urgent goes first, one site's trouble stays its own, connections are few and
 * used again.
 */
#include <stdio.h>
#include <string.h>

#include "services/directory/people.h"
#include "services/directory/watches.h"
#include "services/intake/events.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

static const char mx1[] = "192.0.2.1";
static const char mx2[] = "192.0.2.2";
static const char mx3[] = "192.0.2.3";

/* People p0, p1, ... at a domain, who watch project/x. */
static void crowd(struct road *r, const char *domain, int count)
{
    for (int i = 0; i < count; i++) {
        char key[60];

        (void)snprintf(key, sizeof key, "p%d-%s", i, domain);
        story_watcher(r, key, domain);
    }
}

static int64_t in_state(struct road *r, enum delivery_state state)
{
    return road_number(r, SQL("SELECT count(*) FROM delivery_state WHERE state = $1"),
                       db_int(state));
}

static int64_t attempts(struct road *r)
{
    return road_number(r, SQL("SELECT count(*) FROM attempt WHERE id > $1"), db_int(0));
}

/* An exchanger that takes `seconds` for each word. */
static void open_slowly(struct road *r, const char *ip, int seconds)
{
    struct smtp_sink_options options = exchange_options();

    options.delay_ms = seconds * SECOND;
    exchange_open(r->exchange, ip, &options);
}

static void urgent_mails_overtake_the_notices_that_wait(void **state)
{
    enum { CROWD = 90, CONNECTIONS = 2 };
    struct road *r = *state;
    size_t before;
    size_t last = 0;

    road_open(r, 1);
    r->settings.site_connections = CONNECTIONS;
    road_start(r);
    story_domain(r, "one.example", mx1);
    open_slowly(r, mx1, 1);
    crowd(r, "one.example", CROWD);
    road_ask(r, people_add, "{'key': 'boss', 'address': 'boss@one.example'}");
    road_ask(r, watches_set, "{'person': 'boss', 'topic': 'alarm/1'}");
    road_ask(r, people_add, "{'key': 'chief', 'address': 'chief@one.example'}");
    road_ask(r, watches_set, "{'person': 'chief', 'topic': 'alarm/1'}");
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 2 * MINUTE + 30 * SECOND);
    before = exchange_count(r->exchange);
    assert_in_range(before, 4, CROWD - 20);
    road_ask(r, events_add, "{'topic': 'alarm/1', 'kind': 'fire', 'urgent': true}");
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), CROWD + 2);
    for (size_t i = 0; i < CROWD + 2; i++)
        if (exchange_mail(r->exchange, i)->to[0] != 'p') /* boss and chief */
            last = i;
    /* some six words of the exchanger until they are through on the connection that is kept for
     * them: meanwhile the other one gets on by a mail a word */
    assert_in_range(last, before, before + 8);
    road_close(r);
}

/* All other connections may be waiting for a word of the exchanger. */
static void one_connection_of_a_busy_site_is_kept_for_what_is_urgent(void **state)
{
    enum { CROWD = 60, CONNECTIONS = 3 };
    struct road *r = *state;

    road_open(r, 9);
    r->settings.site_connections = CONNECTIONS;
    road_start(r);
    story_domain(r, "one.example", mx1);
    open_slowly(r, mx1, 20);
    crowd(r, "one.example", CROWD);
    road_ask(r, people_add, "{'key': 'boss', 'address': 'boss@one.example'}");
    road_ask(r, watches_set, "{'person': 'boss', 'topic': 'alarm/1'}");
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 6 * MINUTE);
    assert_int_equal(exchange_counts(r->exchange, mx1)->open, CONNECTIONS - 1);
    road_ask(r, events_add, "{'topic': 'alarm/1', 'kind': 'fire', 'urgent': true}");
    road_run(r, 5 * SECOND);
    assert_int_equal(exchange_counts(r->exchange, mx1)->open, CONNECTIONS);
    road_run(r, 2 * MINUTE);
    assert_int_equal(exchange_count_to(r->exchange, "boss@one.example"), 1);
    road_close(r);
}

static void a_dead_site_costs_one_attempt_a_probe_however_much_waits(void **state)
{
    enum { WAITING = 1000, PROBES_MOST = 40 };
    struct ip ip = exchange_ip(mx1);
    struct road *r = *state;

    road_open(r, 2);
    road_start(r);
    story_domain(r, "dead.example", mx1);
    story_domain(r, "two.example", mx2);
    exchange_close(r->exchange, mx1);
    crowd(r, "dead.example", WAITING);
    crowd(r, "two.example", 20);
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 3 * MINUTE);
    assert_int_equal(in_state(r, DELIVERY_DELIVERED), 20);
    road_run(r, 2 * HOUR);
    assert_in_range(sim_net_connects(r->sim, &ip), 5, PROBES_MOST);
    assert_in_range(attempts(r), 25, 20 + PROBES_MOST);
    story_domain(r, "dead.example", mx1);
    road_run(r, HOUR);
    assert_int_equal(in_state(r, DELIVERY_DELIVERED), WAITING + 20);
    assert_in_range(attempts(r), WAITING + 20, WAITING + 20 + PROBES_MOST);
    assert_int_equal(exchange_count(r->exchange), WAITING + 20);
    road_close(r);
}

/* What was handed to a connection comes back when the site turns out to be dead. */
static void a_lone_mail_behind_a_failing_one_is_not_forgotten(void **state)
{
    struct ip ip = exchange_ip(mx1);
    struct road *r = *state;

    road_open(r, 7);
    r->settings.site_connections = 1;
    road_start(r);
    story_domain(r, "one.example", mx1);
    story_watcher(r, "ann", "one.example");
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 2 * MINUTE - 2 * SECOND);
    (void)story_tell_urgently(r, "issue/13", "PEAR");
    road_run(r, SECOND);
    assert_int_equal(exchange_count(r->exchange), 1); /* the site is known to be well */
    exchange_close(r->exchange, mx1);
    sim_net_latency(r->sim, &ip, 5 * SECOND);
    (void)story_tell_urgently(r, "issue/14", "FIG");
    road_run(r, MINUTE);
    story_domain(r, "one.example", mx1);
    sim_net_latency(r->sim, &ip, 1);
    road_run(r, HOUR);
    assert_int_equal(in_state(r, DELIVERY_DELIVERED), 3);
    assert_int_equal(story_times_told(r, "ann@one.example", "PLUM"), 1);
    road_close(r);
}

static void a_silent_site_harms_no_other(void **state)
{
    struct ip ip = exchange_ip(mx1);
    struct road *r = *state;

    road_open(r, 3);
    r->settings.connections = 20;
    road_start(r);
    story_domain(r, "dead.example", mx1);
    story_domain(r, "two.example", mx2);
    sim_net_black_hole(r->sim, &ip, true);
    crowd(r, "dead.example", 100);
    crowd(r, "two.example", 100);
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 2 * MINUTE + 10 * SECOND);
    assert_int_equal(in_state(r, DELIVERY_DELIVERED), 100);
    road_close(r);
}

static void no_limit_of_connections_is_ever_passed(void **state)
{
    enum { SITE = 3, ALL = 5, CROWD = 30 };
    static const char *const addresses[] = { mx1, mx2, mx3 };
    struct road *r = *state;

    for (uint64_t seed = 0; seed < 5; seed++) {
        road_open(r, seed);
        r->settings.site_connections = SITE;
        r->settings.connections = ALL;
        road_start(r);
        for (int i = 0; i < 3; i++) {
            char domain[20];

            (void)snprintf(domain, sizeof domain, "d%d.example", i);
            story_domain(r, domain, addresses[i]);
            open_slowly(r, addresses[i], i);
            crowd(r, domain, CROWD);
        }
        (void)story_tell(r, "issue/12", "PLUM");
        road_run(r, HOUR);
        assert_int_equal(exchange_count(r->exchange), 3 * CROWD);
        for (int i = 0; i < 3; i++)
            assert_in_range(exchange_most_open(r->exchange, addresses[i]), 1, SITE);
        assert_in_range(exchange_most_open(r->exchange, NULL), 2, ALL);
        road_close(r);
    }
}

/* Although one of its connections is kept for what is urgent, and stays closed. */
static void a_site_that_takes_all_gets_more_connections(void **state)
{
    enum { SITE = 12, CROWD = 300 };
    struct road *r = *state;

    road_open(r, 6);
    r->settings.site_connections = SITE;
    road_start(r);
    story_domain(r, "one.example", mx1);
    open_slowly(r, mx1, 1);
    crowd(r, "one.example", CROWD);
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), CROWD);
    assert_in_range(exchange_most_open(r->exchange, mx1), SITE - 1, SITE);
    road_close(r);
}

/* Domains d0, d1, ... with an MX at `ip` and a crowd each. */
static void many_domains(struct road *r, const char *ip, int domains, int of_each)
{
    for (int i = 0; i < domains; i++) {
        char domain[20];

        (void)snprintf(domain, sizeof domain, "d%d.example", i);
        story_domain(r, domain, ip);
        crowd(r, domain, of_each);
    }
}

/* A storm at one topic; what happens at another is told meanwhile. */
/* It is told within `most_ms` of its due time. */
static void tell_small_beside_large(struct road *r, size_t claims_most, int64_t most_ms)
{
    enum { CROWD = 400 };
    size_t before;

    road_open(r, 12);
    r->claims_most = claims_most;
    r->settings.site_connections = 2;
    road_start(r);
    story_domain(r, "one.example", mx1);
    open_slowly(r, mx1, 1);
    crowd(r, "one.example", CROWD);
    road_ask(r, people_add, "{'key': 'ann', 'address': 'ann@one.example'}");
    road_ask(r, watches_set, "{'person': 'ann', 'topic': 'note/1'}");
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 30 * SECOND);
    road_ask(r, events_add, "{'topic': 'note/1', 'kind': 'commented', 'title': 'PEAR'}");
    road_run(r, 2 * MINUTE);
    before = exchange_count(r->exchange);
    assert_in_range(before, 1, CROWD / 2);
    road_run(r, most_ms);
    assert_int_equal(story_times_told(r, "ann@one.example", "PEAR"), 1);
    assert_in_range(exchange_count(r->exchange), before, CROWD * 3 / 4);
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), CROWD + 1);
    road_close(r);
}

static void who_hears_of_a_small_thing_does_not_wait_behind_a_large_one(void **state)
{
    tell_small_beside_large(*state, 0, 20 * SECOND);
}

/* The large one has all of the site's share in memory, and wants more all the time. */
static void nor_does_it_wait_for_room_in_memory(void **state)
{
    tell_small_beside_large(*state, 120, 60 * SECOND);
}

static int64_t most_in_memory(struct road *r, int64_t ms)
{
    int64_t most = 0;

    for (int64_t end = road_now(r) + ms; road_now(r) < end;) {
        int64_t n = road_figure(r, FIGURE_CLAIMS);

        most = n > most ? n : most;
        road_run(r, SECOND / 10);
    }
    return most;
}

static void a_crowd_takes_no_more_memory_than_there_is(void **state)
{
    enum { CROWD = 400, IN_MEMORY = 60 };
    struct road *r = *state;

    road_open(r, 18);
    r->claims_most = IN_MEMORY;
    road_start(r);
    story_domain(r, "one.example", mx1);
    open_slowly(r, mx1, 1);
    crowd(r, "one.example", CROWD);
    (void)story_tell(r, "issue/12", "PLUM");
    assert_in_range(most_in_memory(r, 10 * MINUTE), IN_MEMORY / 2, IN_MEMORY);
    assert_int_equal(exchange_count(r->exchange), CROWD);
    road_close(r);
}

/* More lanes wait to be read than mails fit into memory: each goes when others have gone. */
static void mail_that_does_not_fit_into_memory_goes_later(void **state)
{
    enum { DOMAINS = 40, CROWD = 5, IN_MEMORY = 20 };
    struct road *r = *state;

    road_open(r, 8);
    r->claims_most = IN_MEMORY;
    road_start(r);
    many_domains(r, mx1, DOMAINS, CROWD);
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), DOMAINS * CROWD);
    road_close(r);
}

static void a_slow_site_of_many_domains_leaves_room_for_others(void **state)
{
    enum { DOMAINS = 30, CROWD = 5, IN_MEMORY = 40 };
    struct road *r = *state;

    road_open(r, 10);
    r->claims_most = IN_MEMORY;
    road_start(r);
    many_domains(r, mx1, DOMAINS, CROWD);
    open_slowly(r, mx1, 100);
    story_domain(r, "two.example", mx2);
    crowd(r, "two.example", 4 * IN_MEMORY);
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 3 * MINUTE);
    assert_int_equal(in_state(r, DELIVERY_DELIVERED), 4 * IN_MEMORY);
    road_run(r, 20 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 4 * IN_MEMORY + DOMAINS * CROWD);
    road_close(r);
}

static void delay_dns(struct road *r, int domains, int64_t ms)
{
    for (int i = 0; i < domains; i++) {
        char domain[20];

        (void)snprintf(domain, sizeof domain, "d%d.example", i);
        sim_dns_delay(r->sim, domain, DNS_MX, ms);
    }
}

/* Their mail waits for an answer of the DNS, and the others' does not. */
static void domains_the_dns_is_silent_about_leave_room_for_others(void **state)
{
    enum { DOMAINS = 60, IN_MEMORY = 40, CROWD = 100 };
    struct road *r = *state;

    road_open(r, 11);
    r->claims_most = IN_MEMORY;
    road_start(r);
    many_domains(r, mx1, DOMAINS, 2);
    delay_dns(r, DOMAINS, 20 * SECOND);
    story_domain(r, "two.example", mx2);
    crowd(r, "two.example", CROWD);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, MINUTE);
    (void)story_tell_urgently(r, "issue/13", "PEAR");
    road_run(r, MINUTE);
    assert_int_equal(story_times_told(r, "p1-two.example@two.example", "PEAR"), 1);
    delay_dns(r, DOMAINS, 5);
    road_run(r, 10 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 2 * (DOMAINS * 2 + CROWD));
    road_close(r);
}

/* The most mails that went over one connection. */
static size_t most_on_a_connection(const struct road *r)
{
    size_t most = 0;

    for (size_t i = 0; i < exchange_count(r->exchange); i++) {
        size_t n = 0;

        for (size_t j = 0; j < exchange_count(r->exchange); j++)
            n += exchange_mail(r->exchange, i)->connection ==
                         exchange_mail(r->exchange, j)->connection
                     ? 1
                     : 0;
        most = n > most ? n : most;
    }
    return most;
}

static void connections_are_used_again_and_not_for_ever(void **state)
{
    enum { CROWD = 100, A_CONNECTION = 10 };
    struct road *r = *state;

    road_open(r, 4);
    r->settings.connection_messages = A_CONNECTION;
    r->settings.site_connections = 2;
    road_start(r);
    story_domain(r, "one.example", mx1);
    crowd(r, "one.example", CROWD);
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 10 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), CROWD);
    assert_int_equal(most_on_a_connection(r), A_CONNECTION);
    assert_in_range(exchange_counts(r->exchange, mx1)->connections, CROWD / A_CONNECTION,
                    CROWD / A_CONNECTION + 4);
    assert_int_equal(exchange_counts(r->exchange, mx1)->open, 0);
    road_close(r);
}

/* By time, too, for the slowest exchanger keeps a connection the longest. */
static void connections_are_used_for_a_bounded_time(void **state)
{
    enum { CROWD = 40, CONNECTION_S = 10 };
    struct road *r = *state;

    road_open(r, 11);
    r->settings.connection_time = CONNECTION_S * SECOND;
    r->settings.site_connections = 1;
    road_start(r);
    story_domain(r, "one.example", mx1);
    open_slowly(r, mx1, 1);
    crowd(r, "one.example", CROWD);
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 10 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), CROWD);
    assert_int_equal(attempts(r), CROWD);
    assert_in_range(most_on_a_connection(r), 4, CONNECTION_S);
    road_close(r);
}

static void an_exchanger_that_ends_sessions_early_costs_no_attempt(void **state)
{
    enum { CROWD = 20 };
    struct smtp_sink_options options = exchange_options();
    struct road *r = *state;

    road_open(r, 5);
    road_start(r);
    story_domain(r, "one.example", mx1);
    options.messages_max = 3;
    exchange_open(r->exchange, mx1, &options);
    crowd(r, "one.example", CROWD);
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 5 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), CROWD);
    assert_int_equal(in_state(r, DELIVERY_DELIVERED), CROWD);
    assert_int_equal(
        road_number(r, SQL("SELECT max(attempts) FROM delivery_state WHERE delivery > $1"),
                    db_int(0)),
        1);
    road_close(r);
}

/* RFC 9422: three mails a session, all to one domain. */
static void told_limits_are_kept_to_and_cost_no_attempt(void **state)
{
    enum { CROWD = 20 };
    struct smtp_sink_options options = exchange_options();
    struct road *r = *state;

    road_open(r, 10);
    road_start(r);
    story_domain(r, "one.example", mx1);
    story_domain(r, "two.example", mx1);
    options.offers.limits = true;
    options.offers.mail_limit = 3;
    options.offers.domain_limit = 1;
    exchange_open(r->exchange, mx1, &options);
    crowd(r, "one.example", CROWD / 2);
    crowd(r, "two.example", CROWD / 2);
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 5 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), CROWD);
    assert_int_equal(attempts(r), CROWD);
    assert_in_range(most_on_a_connection(r), 2, 3);
    assert_int_equal(exchange_counts(r->exchange, mx1)->violations, 0);
    assert_int_equal(
        road_number(r, SQL("SELECT value FROM site_limit WHERE origin = 'server' AND value > $1"),
                    db_int(0)),
        3);
    road_close(r);
}

static void an_exchanger_that_takes_few_connections_gets_all_mails_in_time(void **state)
{
    enum { CROWD = 60 };
    struct smtp_sink_options options = exchange_options();
    struct road *r = *state;

    road_open(r, 6);
    road_start(r);
    story_domain(r, "one.example", mx1);
    options.connections_max = 2;
    exchange_open(r->exchange, mx1, &options);
    crowd(r, "one.example", CROWD);
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 2 * HOUR);
    assert_int_equal(exchange_count(r->exchange), CROWD);
    assert_int_equal(in_state(r, DELIVERY_DELIVERED), CROWD);
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(urgent_mails_overtake_the_notices_that_wait),
        ROAD_TEST(one_connection_of_a_busy_site_is_kept_for_what_is_urgent),
        ROAD_TEST(a_slow_site_of_many_domains_leaves_room_for_others),
        ROAD_TEST(domains_the_dns_is_silent_about_leave_room_for_others),
        ROAD_TEST(who_hears_of_a_small_thing_does_not_wait_behind_a_large_one),
        ROAD_TEST(nor_does_it_wait_for_room_in_memory),
        ROAD_TEST(a_dead_site_costs_one_attempt_a_probe_however_much_waits),
        ROAD_TEST(a_lone_mail_behind_a_failing_one_is_not_forgotten),
        ROAD_TEST(a_silent_site_harms_no_other),
        ROAD_TEST(no_limit_of_connections_is_ever_passed),
        ROAD_TEST(a_site_that_takes_all_gets_more_connections),
        ROAD_TEST(a_crowd_takes_no_more_memory_than_there_is),
        ROAD_TEST(mail_that_does_not_fit_into_memory_goes_later),
        ROAD_TEST(connections_are_used_again_and_not_for_ever),
        ROAD_TEST(connections_are_used_for_a_bounded_time),
        ROAD_TEST(an_exchanger_that_ends_sessions_early_costs_no_attempt),
        ROAD_TEST(told_limits_are_kept_to_and_cost_no_attempt),
        ROAD_TEST(an_exchanger_that_takes_few_connections_gets_all_mails_in_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
