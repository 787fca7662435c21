/*
 * What a site that asks for less is given: nothing for a while, one connection, or no mail of the
 * stream; and what its other domains notice of it.
 */
#include <stdio.h>
#include <string.h>

#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

static const char mx1[] = "192.0.2.1";

enum { CROWD = 30 };

static void open_with(struct road *r, const struct smtp_sink_rule *rule)
{
    struct smtp_sink_options options = exchange_options();

    options.rules = rule;
    options.rule_count = rule != NULL ? 1 : 0;
    exchange_open(r->exchange, mx1, &options);
}

/* A domain whose one exchanger has this name. */
static void domain_behind(struct road *r, const char *domain, const char *host)
{
    char mx[80];

    (void)snprintf(mx, sizeof mx, "10 %s", host);
    sim_dns_set(r->sim, domain, DNS_MX, mx);
    sim_dns_set(r->sim, host, DNS_A, mx1);
}

static void crowd(struct road *r, const char *domain)
{
    for (int i = 0; i < CROWD; i++) {
        char key[60];

        (void)snprintf(key, sizeof key, "p%d-%s", i, domain);
        story_watcher(r, key, domain);
    }
}

static uint64_t connections(const struct road *r)
{
    return exchange_counts(r->exchange, mx1)->connections;
}

static void gmail_gets_nothing_for_ten_minutes_and_then_one_connection(void **state)
{
    const struct smtp_sink_rule unusual = {
        SMTP_ASK_CONTENT, SPAN("*"), 421, { 4, 7, 28 }, "Gmail has detected an unusual rate of mail"
    };
    struct road *r = *state;
    uint64_t before;

    road_open(r, 1);
    road_start(r);
    domain_behind(r, "one.example", "gmail-smtp-in.l.google.com");
    open_with(r, &unusual);
    crowd(r, "one.example");
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, 20 * SECOND);
    before = connections(r);
    assert_true(before >= 1);
    road_run(r, 9 * MINUTE);
    assert_int_equal(connections(r), before);
    open_with(r, NULL);
    for (int i = 0; i < 1200; i++) {
        road_run(r, SECOND);
        assert_true(exchange_counts(r->exchange, mx1)->open <= 1);
    }
    assert_in_range(exchange_count(r->exchange), 10, CROWD);
    road_run(r, 2 * HOUR);
    assert_int_equal(exchange_count(r->exchange), CROWD);
    road_close(r);
}

static int64_t alarms(struct road *r, const char *cause)
{
    return road_number(r, SQL("SELECT count(*) FROM alarm WHERE cause = $1"), db_string(cause));
}

/* Law 7: unknown words are about the domain; the site's other domains go on. */
static void a_block_stops_the_domain_its_words_are_about(void **state)
{
    const struct smtp_sink_rule blocked = {
        SMTP_ASK_RCPT, SPAN("*@one.example"), 550, { 5, 7, 1 }, "You have been blocked"
    };
    struct road *r = *state;

    road_open(r, 2);
    road_start(r);
    domain_behind(r, "one.example", "mx.host.example");
    domain_behind(r, "two.example", "mx.host.example");
    open_with(r, &blocked);
    story_watcher(r, "first", "one.example");
    (void)story_tell_urgently(r, "issue/1", "PLUM");
    road_run(r, MINUTE);
    assert_int_equal(alarms(r, "site-blocks urgent one.example"), 1);
    road_stop(r);
    road_start(r); /* it is remembered */
    crowd(r, "one.example");
    crowd(r, "two.example");
    (void)story_tell_urgently(r, "issue/12", "PEAR");
    road_run(r, 10 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), CROWD); /* of two.example */
    assert_int_equal(
        road_number(r, SQL("SELECT count(*) FROM delivery_state WHERE state = $1"), db_int(0)),
        CROWD + 1); /* nobody else was asked about, and nobody was suppressed */
    assert_int_equal(
        road_number(r, SQL("SELECT count(*) FROM suppression WHERE at > $1"), db_int(0)), 0);
    open_with(r, NULL);
    road_run(r, 2 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 2 * CROWD + 1);
    road_close(r);
}

/* The words are about where we send from: all that the site serves waits. */
static void a_listed_source_stops_the_site(void **state)
{
    const struct smtp_sink_rule listed = { SMTP_ASK_RCPT,
                                           SPAN("*@one.example"),
                                           554,
                                           { 5, 7, 1 },
                                           "Client host blocked using zen.spamhaus.org" };
    struct road *r = *state;

    road_open(r, 3);
    road_start(r);
    domain_behind(r, "one.example", "mx.host.example");
    domain_behind(r, "two.example", "mx.host.example");
    open_with(r, &listed);
    story_watcher(r, "first", "one.example");
    (void)story_tell_urgently(r, "issue/1", "PLUM");
    road_run(r, MINUTE);
    assert_int_equal(alarms(r, "site-blocks urgent mx.host.example"), 1);
    crowd(r, "two.example");
    (void)story_tell_urgently(r, "issue/12", "PEAR");
    road_run(r, 50 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 0);
    open_with(r, NULL);
    road_run(r, 2 * HOUR);
    assert_int_equal(exchange_count(r->exchange), CROWD + 1);
    road_close(r);
}

/* Lessons 39 and 40: one connection looks, then there are a few, then more as they prove good. */
static void after_an_outage_one_probe_then_a_ramp(void **state)
{
    enum { WAITING = 400, LIMIT = 20, TENTH = 100 };
    struct smtp_sink_options slow = exchange_options();
    struct road *r = *state;
    uint64_t open = 0;
    uint64_t most = 0;

    road_open(r, 4);
    r->settings.site_connections = LIMIT;
    road_start(r);
    domain_behind(r, "one.example", "mx.host.example");
    for (int i = 0; i < WAITING; i++) {
        char key[60];

        (void)snprintf(key, sizeof key, "w%d", i);
        story_watcher(r, key, "one.example");
    }
    (void)story_tell(r, "issue/12", "PLUM"); /* nobody listens there */
    road_run(r, HOUR);
    slow.delay_ms = 2 * SECOND;
    exchange_open(r->exchange, mx1, &slow);
    while (open == 0) {
        road_run(r, TENTH);
        open = exchange_counts(r->exchange, mx1)->open;
    }
    for (int tenth = 0; tenth < 15; tenth++) { /* it has not been greeted yet */
        assert_int_equal(exchange_counts(r->exchange, mx1)->open, 1);
        road_run(r, TENTH);
    }
    for (int tenth = 0; tenth < 100; tenth++) {
        road_run(r, TENTH);
        assert_true(exchange_counts(r->exchange, mx1)->open <= 6);
    }
    for (int second = 0; second < 600; second++) {
        road_run(r, SECOND);
        open = exchange_counts(r->exchange, mx1)->open;
        most = open > most ? open : most;
    }
    assert_in_range(most, 10, LIMIT);
    assert_int_equal(exchange_count(r->exchange), WAITING);
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(gmail_gets_nothing_for_ten_minutes_and_then_one_connection),
        ROAD_TEST(a_block_stops_the_domain_its_words_are_about),
        ROAD_TEST(a_listed_source_stops_the_site),
        ROAD_TEST(after_an_outage_one_probe_then_a_ramp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
