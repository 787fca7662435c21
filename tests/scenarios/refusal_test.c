/*
 * What exchangers and the DNS refuse, and what becomes of the mail.
 */
#include <string.h>

#include "services/delivery/queue_orders.h"
#include "services/directory/people.h"
#include "services/directory/watches.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

static const char ann[] = "ann@one.example";
static const char mx1[] = "192.0.2.1";

/* Urgent news for Ann: gives the delivery once it was made. */
static int64_t news_for_ann(struct road *r)
{
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, SECOND);
    assert_int_not_equal(road_delivery(r, ann), 0);
    return road_delivery(r, ann);
}

static void expect_one_mail(struct road *r, int64_t delivery)
{
    road_expect(r, delivery, DELIVERY_DELIVERED,
                road_number(r, SQL("SELECT attempts FROM delivery_state WHERE delivery = $1"),
                            db_int(delivery)));
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_true(story_tells(exchange_last_to(r->exchange, ann), "PLUM"));
    assert_false(exchange_last_to(r->exchange, ann)->violated);
}

static void a_mail_is_delivered_at_once(void **state)
{
    struct road *r = *state;
    int64_t id;
    struct story_attempt attempt;

    story_begin(r, 1);
    id = news_for_ann(r);
    expect_one_mail(r, id);
    road_expect(r, id, DELIVERY_DELIVERED, 1);
    attempt = story_attempt(r, id, 0);
    assert_string_equal(attempt.host, "mx.one.example");
    assert_string_equal(attempt.ip, mx1);
    assert_string_equal(attempt.source, "198.51.100.1");
    assert_int_equal(attempt.code, 250);
    road_run(r, 5 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 1);
    road_close(r);
}

static void greylisting_is_asked_again_at_5_and_15_minutes_from_the_same_source(void **state)
{
    static const char *sources[] = { "203.0.113.1", "203.0.113.2", "203.0.113.3" };
    struct smtp_sink_options options = exchange_options();
    struct road *r = *state;
    int64_t id;
    struct story_attempt first;
    struct story_attempt second;
    struct story_attempt third;

    road_open(r, 1);
    r->settings.sources = (struct text_list){ sources, 3 };
    road_start(r);
    story_domain(r, "one.example", mx1);
    options.greylist_ms = 18 * MINUTE; /* from one source */
    exchange_open(r->exchange, mx1, &options);
    story_watcher(r, "ann", "one.example");
    id = news_for_ann(r);
    road_expect(r, id, DELIVERY_DEFERRED, 1);
    assert_string_equal(story_reason(r, id), "greylisted");
    road_run(r, 10 * MINUTE);
    road_expect(r, id, DELIVERY_DEFERRED, 2);
    road_run(r, 10 * MINUTE + SECOND);
    road_expect(r, id, DELIVERY_DELIVERED, 3);
    expect_one_mail(r, id);
    first = story_attempt(r, id, 0);
    second = story_attempt(r, id, 1);
    third = story_attempt(r, id, 2);
    assert_in_range(second.at - first.at, 5 * MINUTE, 5 * MINUTE + SECOND);
    assert_in_range(third.at - second.at, 15 * MINUTE, 15 * MINUTE + SECOND);
    assert_string_equal(first.source, second.source);
    assert_string_equal(second.source, third.source);
    road_close(r);
}

/* 421 at each step of the dialogue; after it the exchanger is well again. */
/* What is tried by hand is due earlier for a moment; the lane knows what is due now. */
static void the_lane_says_when_it_is_tried_next(void **state)
{
    struct smtp_sink_options options = exchange_options();
    struct road *r = *state;
    int64_t id;

    road_open(r, 30);
    road_start(r);
    story_domain(r, "one.example", mx1);
    options.greylist_ms = HOUR;
    exchange_open(r->exchange, mx1, &options);
    story_watcher(r, "ann", "one.example");
    id = news_for_ann(r);
    road_run(r, 20 * SECOND);
    road_ask(r, queue_orders_now, "{'deliveries': [%lld]}", (long long)id);
    road_run(r, 20 * SECOND);
    road_expect(r, id, DELIVERY_DEFERRED, 2);
    assert_int_equal(
        road_number(r, SQL("SELECT min(next_due) FROM lane WHERE waiting > $1"), db_int(0)),
        road_number(r, SQL("SELECT due_at FROM delivery_state WHERE delivery = $1"), db_int(id)));
    road_close(r);
}

static void a_421_at_any_step_only_delays(void **state)
{
    static const enum smtp_question steps[] = { SMTP_ASK_GREETING, SMTP_ASK_MAIL, SMTP_ASK_RCPT,
                                                SMTP_ASK_DATA, SMTP_ASK_CONTENT };

    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
        struct smtp_sink_rule rule = {
            steps[i], SPAN("*"), 421, { 4, 3, 2 }, "Closing for maintenance"
        };
        struct smtp_sink_options options = exchange_options();
        struct road *r = *state;
        int64_t id;

        story_begin(r, 10 + i);
        options.rules = &rule;
        options.rule_count = 1;
        exchange_open(r->exchange, mx1, &options);
        id = news_for_ann(r);
        assert_int_equal(story_attempt(r, id, 0).code, 421);
        assert_int_equal(story_attempt(r, id, 0).led_to, DELIVERY_DEFERRED);
        assert_int_equal(exchange_count(r->exchange), 0);
        options = exchange_options();
        exchange_open(r->exchange, mx1, &options);
        road_run(r, HOUR);
        expect_one_mail(r, id);
        road_close(r);
    }
}

static void two_exchangers(struct road *r)
{
    const struct smtp_sink_options options = exchange_options();

    sim_dns_set(r->sim, "one.example", DNS_MX, "10 mx1.one.example, 20 mx2.one.example");
    sim_dns_set(r->sim, "mx1.one.example", DNS_A, "192.0.2.1");
    sim_dns_set(r->sim, "mx2.one.example", DNS_A, "192.0.2.2");
    exchange_open(r->exchange, "192.0.2.2", &options);
}

static void a_dead_first_mx_is_passed_over(void **state)
{
    struct road *r = *state;
    int64_t id;

    story_begin(r, 2);
    two_exchangers(r);
    exchange_close(r->exchange, mx1);
    id = news_for_ann(r);
    road_run(r, MINUTE);
    expect_one_mail(r, id);
    assert_string_equal(exchange_last_to(r->exchange, ann)->exchanger, "192.0.2.2");
    assert_string_equal(
        road_text(r, SQL("SELECT ip FROM host_trouble WHERE trouble = $1"), db_string("down")),
        mx1);
    road_stop(r);
    road_start(r);
    road_run(r, SECOND);
    assert_int_equal(
        road_number(r, SQL("SELECT count(*) FROM host_trouble WHERE until > $1"), db_int(0)), 0);
    road_close(r);
}

static void a_silent_first_mx_is_passed_over_after_its_time(void **state)
{
    struct ip dead = exchange_ip(mx1);
    struct road *r = *state;
    int64_t id;

    story_begin(r, 3);
    two_exchangers(r);
    sim_net_black_hole(r->sim, &dead, true);
    id = news_for_ann(r);
    road_run(r, 2 * MINUTE);
    expect_one_mail(r, id);
    assert_string_equal(exchange_last_to(r->exchange, ann)->exchanger, "192.0.2.2");
    road_close(r);
}

/* A server's words stand on record, under the name of the server that spoke them. */
static void words_are_on_record_with_the_exchanger_that_spoke_them(void **state)
{
    const struct smtp_sink_rule rule = {
        SMTP_ASK_GREETING, SPAN("*"), 421, { 4, 3, 2 }, "Closing for maintenance"
    };
    struct smtp_sink_options options = exchange_options();
    struct road *r = *state;
    int64_t id;

    story_begin(r, 4);
    two_exchangers(r);
    options.rules = &rule;
    options.rule_count = 1;
    exchange_open(r->exchange, mx1, &options);
    exchange_close(r->exchange, "192.0.2.2");
    id = news_for_ann(r);
    assert_int_equal(story_attempts(r, id), 2);
    assert_string_equal(story_attempt(r, id, 0).ip, "192.0.2.2");
    assert_int_equal(story_attempt(r, id, 1).code, 421);
    assert_string_equal(story_attempt(r, id, 1).ip, mx1);
    road_close(r);
}

/* The DNS says no for now: the mail waits, and no exchanger hears of it. */
static void a_dns_that_fails_delays(void **state)
{
    static const char *const failures[] = { "servfail", "timeout" };
    struct ip ip = exchange_ip(mx1);

    for (size_t i = 0; i < ARRAY_LENGTH(failures); i++) {
        struct road *r = *state;
        int64_t id;

        story_begin(r, 4 + i);
        sim_dns_set(r->sim, "one.example", DNS_MX, failures[i]);
        id = news_for_ann(r);
        road_run(r, HOUR);
        assert_int_equal(exchange_count(r->exchange), 0);
        assert_int_equal(sim_net_connects(r->sim, &ip), 0);
        assert_string_equal(story_attempt(r, id, 0).stage, "dns");
        sim_dns_set(r->sim, "one.example", DNS_MX, "10 mx.one.example");
        road_run(r, 2 * HOUR);
        expect_one_mail(r, id);
        road_close(r);
    }
}

static void a_domain_that_takes_no_mail_fails_at_once(void **state)
{
    static const char *const answers[] = { "0 .", "nxdomain" };
    struct ip ip = exchange_ip(mx1);

    for (size_t i = 0; i < ARRAY_LENGTH(answers); i++) {
        struct road *r = *state;
        int64_t id;

        story_begin(r, 6 + i);
        sim_dns_set(r->sim, "one.example", DNS_MX, answers[i]);
        id = news_for_ann(r);
        road_expect(r, id, DELIVERY_FAILED, 1);
        assert_string_equal(story_reason(r, id), "no_host");
        road_run(r, 5 * HOUR);
        assert_int_equal(sim_net_connects(r->sim, &ip), 0);
        road_close(r);
    }
}

static void an_unknown_user_fails_and_is_not_asked_for_again(void **state)
{
    struct smtp_sink_rule rule = {
        SMTP_ASK_RCPT, SPAN("ann@*"), 550, { 5, 1, 1 }, "No such user here"
    };
    struct smtp_sink_options options = exchange_options();
    struct ip ip = exchange_ip(mx1);
    struct road *r = *state;
    int64_t id;

    story_begin(r, 8);
    options.rules = &rule;
    options.rule_count = 1;
    exchange_open(r->exchange, mx1, &options);
    id = news_for_ann(r);
    road_expect(r, id, DELIVERY_FAILED, 1);
    assert_string_equal(story_reason(r, id), "unknown_user");
    assert_int_equal(sim_net_connects(r->sim, &ip), 1);
    (void)story_tell_urgently(r, "issue/12", "PEAR");
    road_run(r, 5 * HOUR);
    assert_int_equal(sim_net_connects(r->sim, &ip), 1);
    road_close(r);
}

static void a_mailbox_that_stays_full_is_given_up_after_two_days(void **state)
{
    struct smtp_sink_rule rule = { SMTP_ASK_RCPT, SPAN("ann@*"), 452, { 4, 2, 2 }, "Mailbox full" };
    struct smtp_sink_options options = exchange_options();
    struct road *r = *state;
    int64_t id;

    story_begin(r, 9);
    options.rules = &rule;
    options.rule_count = 1;
    exchange_open(r->exchange, mx1, &options);
    id = news_for_ann(r);
    road_run(r, 47 * HOUR);
    assert_int_equal(
        road_number(r, SQL("SELECT state FROM delivery_state WHERE delivery = $1"), db_int(id)),
        DELIVERY_DEFERRED);
    road_run(r, 2 * HOUR);
    assert_int_equal(
        road_number(r, SQL("SELECT state FROM delivery_state WHERE delivery = $1"), db_int(id)),
        DELIVERY_EXPIRED);
    road_close(r);
}

static void a_certificate_that_is_not_good_still_serves_for_opportunistic_tls(void **state)
{
    struct smtp_sink_options options = exchange_options();
    struct ip ip = exchange_ip(mx1);
    struct road *r = *state;
    int64_t id;

    story_begin(r, 9);
    options.offers.starttls = true;
    exchange_open(r->exchange, mx1, &options);
    sim_net_tls(r->sim, &ip, (struct sim_tls){ .problem = "certificate has expired" });
    id = news_for_ann(r);
    expect_one_mail(r, id);
    assert_true(exchange_last_to(r->exchange, ann)->secure);
    road_close(r);
}

static void a_handshake_that_fails_is_followed_by_clear_text(void **state)
{
    struct smtp_sink_options options = exchange_options();
    struct ip ip = exchange_ip(mx1);
    struct road *r = *state;
    int64_t id;

    story_begin(r, 11);
    options.offers.starttls = true;
    exchange_open(r->exchange, mx1, &options);
    sim_net_tls(r->sim, &ip, (struct sim_tls){ .failure = "unsupported protocol" });
    id = news_for_ann(r);
    road_run(r, HOUR);
    expect_one_mail(r, id);
    assert_false(exchange_last_to(r->exchange, ann)->secure);
    assert_int_equal(sim_net_connects(r->sim, &ip), 2);
    road_close(r);
}

/* ---- addresses in other letters (RFC 6531) ---- */

static void open_without_utf8(struct road *r, const char *ip)
{
    struct smtp_sink_options options = exchange_options();

    options.offers.smtputf8 = false;
    exchange_open(r->exchange, ip, &options);
}

static void add_watcher(struct road *r, const char *address)
{
    road_ask(r, people_add, "{'key': 'jo', 'address': '%s'}", address);
    road_ask(r, watches_set, "{'person': 'jo', 'topic': 'project/x'}");
}

/* Statement 190: another exchanger may take what the first one cannot. */
static void an_address_in_other_letters_goes_to_the_host_that_takes_it(void **state)
{
    static const char jo[] = "j\xc3\xb8@one.example";
    const struct smtp_sink_options well = exchange_options();
    struct road *r = *state;

    story_begin(r, 21);
    sim_dns_set(r->sim, "one.example", DNS_MX, "10 mx.one.example, 20 mx2.one.example");
    sim_dns_set(r->sim, "mx2.one.example", DNS_A, "192.0.2.2");
    open_without_utf8(r, "192.0.2.1");
    exchange_open(r->exchange, "192.0.2.2", &well);
    add_watcher(r, "j\xc3\xb8@one.example");
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 5 * MINUTE);
    assert_int_equal(exchange_count_to(r->exchange, "ann@one.example"), 1);
    assert_string_equal(exchange_last_to(r->exchange, "ann@one.example")->exchanger, "192.0.2.1");
    assert_int_equal(exchange_count_to(r->exchange, jo), 1);
    assert_string_equal(exchange_last_to(r->exchange, jo)->exchanger, "192.0.2.2");
    road_close(r);
}

/* ... and where none does, it fails by 5.6.7, for that recipient alone. */
static void an_address_in_other_letters_that_no_host_takes_fails_alone(void **state)
{
    struct road *r = *state;

    story_begin(r, 22);
    open_without_utf8(r, "192.0.2.1");
    add_watcher(r, "j\xc3\xb8@one.example");
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 5 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(exchange_count_to(r->exchange, "ann@one.example"), 1);
    assert_int_equal(road_number(r,
                                 SQL("SELECT count(*) FROM attempt WHERE status = '5.6.7' AND "
                                     "id > $1"),
                                 db_int(0)),
                     1);
    assert_int_equal(road_number(r, SQL("SELECT count(*) FROM delivery_state WHERE state = $1"),
                                 db_int(DELIVERY_FAILED)),
                     1);
    road_close(r);
}

/* Statement 16: a domain in other letters is no reason for SMTPUTF8. */
static void a_domain_in_other_letters_goes_anywhere_in_ascii(void **state)
{
    struct road *r = *state;

    story_begin(r, 23);
    story_domain(r, "xn--bcher-kva.example", "192.0.2.1");
    open_without_utf8(r, "192.0.2.1");
    add_watcher(r, "jo@b\xc3\xbc"
                   "cher.example");
    (void)story_tell(r, "issue/12", "PLUM");
    road_run(r, 5 * MINUTE);
    assert_int_equal(exchange_count_to(r->exchange, "jo@xn--bcher-kva.example"), 1);
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(a_mail_is_delivered_at_once),
        ROAD_TEST(greylisting_is_asked_again_at_5_and_15_minutes_from_the_same_source),
        ROAD_TEST(the_lane_says_when_it_is_tried_next),
        ROAD_TEST(a_421_at_any_step_only_delays),
        ROAD_TEST(a_dead_first_mx_is_passed_over),
        ROAD_TEST(a_silent_first_mx_is_passed_over_after_its_time),
        ROAD_TEST(words_are_on_record_with_the_exchanger_that_spoke_them),
        ROAD_TEST(a_dns_that_fails_delays),
        ROAD_TEST(a_domain_that_takes_no_mail_fails_at_once),
        ROAD_TEST(an_unknown_user_fails_and_is_not_asked_for_again),
        ROAD_TEST(a_mailbox_that_stays_full_is_given_up_after_two_days),
        ROAD_TEST(a_certificate_that_is_not_good_still_serves_for_opportunistic_tls),
        ROAD_TEST(a_handshake_that_fails_is_followed_by_clear_text),
        ROAD_TEST(an_address_in_other_letters_goes_to_the_host_that_takes_it),
        ROAD_TEST(an_address_in_other_letters_that_no_host_takes_fails_alone),
        ROAD_TEST(a_domain_in_other_letters_goes_anywhere_in_ascii),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
