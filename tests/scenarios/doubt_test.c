/*
 * Replies that never come: a mail that may have arrived is in doubt, is sent again after the whole
 * wait and with the same bytes, at most twice, and then is a person's to decide.
 */
#include <string.h>

#include "services/delivery/queue_orders.h"
#include "services/intake/events.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

static const char ann[] = "ann@one.example";
static const char mx1[] = "192.0.2.1";

static void lose_replies(struct road *r, bool on)
{
    struct smtp_sink_options options = exchange_options();

    options.lose_every = on ? 1 : 0;
    exchange_open(r->exchange, mx1, &options);
}

static void begin(struct road *r, uint64_t seed)
{
    story_begin(r, seed);
    lose_replies(r, true);
}

static void expect_the_same_bytes(const struct road *r)
{
    for (size_t i = 1; i < exchange_count(r->exchange); i++)
        assert_string_equal(exchange_mail(r->exchange, i)->content,
                            exchange_mail(r->exchange, 0)->content);
}

static void a_lost_reply_is_doubt_and_the_mail_goes_again_after_the_whole_wait(void **state)
{
    struct road *r = *state;
    int64_t id;
    const struct exchange_mail *first;
    const struct exchange_mail *second;

    begin(r, 1);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, MINUTE);
    id = road_delivery(r, ann);
    road_expect(r, id, DELIVERY_IN_DOUBT, 1);
    lose_replies(r, false);
    road_run(r, 10 * MINUTE);
    road_expect(r, id, DELIVERY_DELIVERED, 2);
    assert_int_equal(exchange_count(r->exchange), 2);
    first = exchange_mail(r->exchange, 0);
    second = exchange_mail(r->exchange, 1);
    assert_true(second->at_ms - first->at_ms >= 5 * MINUTE);
    expect_the_same_bytes(r);
    road_close(r);
}

/* The second exchanger would deliver what the first may have. */
static void a_mail_in_doubt_goes_to_no_other_exchanger_in_the_same_pass(void **state)
{
    struct road *r = *state;
    const struct smtp_sink_options options = exchange_options();

    begin(r, 1);
    sim_dns_set(r->sim, "one.example", DNS_MX, "10 mx1.one.example, 20 mx2.one.example");
    sim_dns_set(r->sim, "mx1.one.example", DNS_A, mx1);
    sim_dns_set(r->sim, "mx2.one.example", DNS_A, "192.0.2.2");
    exchange_open(r->exchange, "192.0.2.2", &options);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, MINUTE);
    road_expect(r, road_delivery(r, ann), DELIVERY_IN_DOUBT, 1);
    assert_int_equal(exchange_count(r->exchange), 1);
    road_close(r);
}

static void two_resends_and_then_a_person_decides(void **state)
{
    struct road *r = *state;
    int64_t id;

    begin(r, 2);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, 5 * HOUR);
    id = road_delivery(r, ann);
    road_expect(r, id, DELIVERY_HELD, 3);
    assert_string_equal(story_reason(r, id), "in_doubt");
    assert_int_equal(exchange_count(r->exchange), 3);
    assert_true(exchange_mail(r->exchange, 2)->at_ms - exchange_mail(r->exchange, 1)->at_ms >=
                15 * MINUTE);
    expect_the_same_bytes(r);
    road_close(r);
}

/* What happens meanwhile waits for the mail in doubt, and is told by the next one. */
static void news_during_doubt_come_by_a_mail_of_their_own(void **state)
{
    struct road *r = *state;

    begin(r, 3);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, MINUTE);
    (void)story_tell_urgently(r, "issue/12", "PEAR");
    road_run(r, MINUTE);
    assert_int_equal(exchange_count(r->exchange), 1);
    lose_replies(r, false);
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 3);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 2);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    road_close(r);
}

/* A mail in doubt that its stream leaves to the operator, told with PLUM. */
static int64_t hold_plum(struct road *r, uint64_t seed)
{
    int64_t id;

    road_open(r, seed);
    r->settings.streams[STREAM_URGENT].in_doubt = DOUBT_HOLD;
    road_start(r);
    story_domain(r, "one.example", mx1);
    story_watcher(r, "ann", "one.example");
    lose_replies(r, true);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, MINUTE);
    id = road_delivery(r, ann);
    road_expect(r, id, DELIVERY_HELD, 1);
    lose_replies(r, false);
    return id;
}

/* Nobody may ever decide. */
static void a_mail_held_in_doubt_keeps_no_news_back(void **state)
{
    struct road *r = *state;
    int64_t id = hold_plum(r, 11);

    (void)story_tell_urgently(r, "issue/12", "PEAR");
    road_run(r, HOUR);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    road_expect(r, id, DELIVERY_HELD, 1);
    road_ask(r, queue_orders_cancel, "{'deliveries': [%lld]}", (long long)id);
    (void)story_tell_urgently(r, "issue/12", "FIG");
    road_run(r, HOUR);
    assert_int_equal(story_times_told(r, ann, "FIG"), 1);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1); /* not again, as what is owed would be */
    road_close(r);
}

static void news_that_waited_for_the_end_go_when_it_is_held(void **state)
{
    struct road *r = *state;

    begin(r, 12);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, MINUTE);
    (void)story_tell_urgently(r, "issue/12", "PEAR");
    road_run(r, 5 * HOUR);
    assert_string_equal(story_reason(r, 1), "in_doubt");
    assert_int_equal(story_times_told(r, ann, "PLUM"), 3);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 3);
    road_close(r);
}

/* The mail with the news waits, so it tells both. */
static void what_a_mail_held_in_doubt_was_to_tell_is_owed_when_it_is_cancelled(void **state)
{
    struct road *r = *state;
    int64_t id = hold_plum(r, 13);

    exchange_close(r->exchange, mx1);
    (void)story_tell_urgently(r, "issue/12", "PEAR");
    road_run(r, 2 * MINUTE);
    road_ask(r, queue_orders_cancel, "{'deliveries': [%lld]}", (long long)id);
    lose_replies(r, false);
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 2);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 2);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    road_close(r);
}

static void what_is_left_of_a_mail_redacted_in_doubt_is_told_by_another(void **state)
{
    struct road *r = *state;
    int64_t plum;

    begin(r, 14);
    plum = story_tell(r, "issue/12", "PLUM");
    (void)story_tell(r, "issue/12", "PEAR");
    road_run(r, 3 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 1);
    road_ask(r, events_redact, "{'id': %lld}", (long long)plum);
    lose_replies(r, false);
    road_run(r, HOUR);
    road_expect(r, 1, DELIVERY_CANCELLED, 1);
    assert_string_equal(story_reason(r, 1), "redacted_in_doubt");
    assert_int_equal(exchange_count(r->exchange), 2);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 2);
    road_close(r);
}

static int64_t in_state(struct road *r, enum delivery_state state)
{
    return road_number(r, SQL("SELECT count(*) FROM delivery_state WHERE state = $1"),
                       db_int(state));
}

static void silence_after_the_dot_is_doubt_when_patience_ends(void **state)
{
    struct smtp_sink_options options = exchange_options();
    struct ip ip = exchange_ip(mx1);
    struct road *r = *state;
    int64_t id;

    story_begin(r, 4);
    options.delay_ms = 10 * SECOND;
    exchange_open(r->exchange, mx1, &options);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    for (int i = 0; i < 100 && exchange_count(r->exchange) == 0; i++)
        road_run(r, SECOND);
    assert_int_equal(exchange_count(r->exchange), 1);
    sim_net_black_hole(r->sim, &ip, true);
    id = road_delivery(r, ann);
    road_run(r, 9 * MINUTE);
    road_expect(r, id, DELIVERY_SENDING, 0);
    road_run(r, 2 * MINUTE);
    road_expect(r, id, DELIVERY_IN_DOUBT, 1);
    road_close(r);
}

/* The exchanger takes the mail and is silent until patience has ended; gives when it is well. */
static void stall_at_the_dot(struct road *r, size_t copy)
{
    struct ip ip = exchange_ip(mx1);

    for (int i = 0; i < 7200 && exchange_count(r->exchange) < copy; i++)
        road_run(r, SECOND);
    assert_int_equal(exchange_count(r->exchange), copy);
    sim_net_black_hole(r->sim, &ip, true);
    road_run(r, 11 * MINUTE);
    sim_net_black_hole(r->sim, &ip, false);
}

/* Two mails and one connection, on which the reply to the final dot is lost. The wait is as long as
 * ever; the other mail gets a connection of its own. */
static void waits_for_the_final_dot_do_not_starve_a_site(void **state)
{
    struct smtp_sink_options options = exchange_options();
    struct ip ip = exchange_ip(mx1);
    struct road *r = *state;

    road_open(r, 10);
    r->settings.site_connections = 1;
    road_start(r);
    story_domain(r, "one.example", mx1);
    story_watcher(r, "ann", "one.example");
    options.delay_ms = 10 * SECOND;
    exchange_open(r->exchange, mx1, &options);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    for (int i = 0; i < 100 && exchange_count(r->exchange) == 0; i++)
        road_run(r, SECOND);
    story_watcher(r, "bea", "one.example");
    (void)story_tell_urgently(r, "issue/13", "PEAR");
    sim_net_black_hole(r->sim, &ip, true);
    road_run(r, 15 * SECOND);
    sim_net_black_hole(r->sim, &ip, false);
    road_run(r, 5 * MINUTE);
    road_expect(r, road_delivery(r, "bea@one.example"), DELIVERY_DELIVERED, 1);
    assert_int_equal(in_state(r, DELIVERY_SENDING), 1);
    road_run(r, 6 * MINUTE);
    assert_int_equal(in_state(r, DELIVERY_IN_DOUBT), 1);
    road_close(r);
}

static void a_server_that_always_stalls_at_the_dot_costs_two_copies_at_most(void **state)
{
    struct smtp_sink_options options = exchange_options();
    struct road *r = *state;
    int64_t id;

    story_begin(r, 9);
    options.delay_ms = 10 * SECOND;
    exchange_open(r->exchange, mx1, &options);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    stall_at_the_dot(r, 1);
    id = road_delivery(r, ann);
    road_expect(r, id, DELIVERY_IN_DOUBT, 1);
    stall_at_the_dot(r, 2);
    road_expect(r, id, DELIVERY_HELD, 2);
    assert_string_equal(story_reason(r, id), "in_doubt");
    road_run(r, 24 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 2);
    expect_the_same_bytes(r);
    road_close(r);
}

static bool is_taken(struct road *r)
{
    return exchange_count(r->exchange) == 1;
}

static void a_daemon_that_dies_after_the_dot_leaves_doubt(void **state)
{
    static const enum sim_death deaths[] = { SIM_KILLED, SIM_POWER_CUT };

    for (size_t i = 0; i < ARRAY_LENGTH(deaths); i++) {
        struct road *r = *state;
        int64_t id;

        road_open(r, 5 + i);
        road_start(r);
        story_domain(r, "one.example", mx1);
        story_watcher(r, "ann", "one.example");
        (void)story_tell_urgently(r, "issue/12", "PLUM");
        assert_true(road_run_until(r, is_taken, MINUTE));
        road_crash(r, deaths[i]);
        road_start(r);
        road_run(r, MINUTE);
        id = road_delivery(r, ann);
        road_expect(r, id, DELIVERY_IN_DOUBT, 1);
        assert_int_equal(exchange_count(r->exchange), 1);
        road_run(r, 10 * MINUTE);
        road_expect(r, id, DELIVERY_DELIVERED, 2);
        assert_int_equal(exchange_count(r->exchange), 2);
        expect_the_same_bytes(r);
        road_close(r);
    }
}

static void an_orderly_end_leaves_no_doubt(void **state)
{
    struct road *r = *state;

    story_begin(r, 7);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    assert_true(road_run_until(r, is_taken, MINUTE));
    road_stop(r);
    road_start(r);
    road_run(r, HOUR);
    road_expect(r, road_delivery(r, ann), DELIVERY_DELIVERED, 1);
    assert_int_equal(exchange_count(r->exchange), 1);
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(a_lost_reply_is_doubt_and_the_mail_goes_again_after_the_whole_wait),
        ROAD_TEST(a_mail_in_doubt_goes_to_no_other_exchanger_in_the_same_pass),
        ROAD_TEST(two_resends_and_then_a_person_decides),
        ROAD_TEST(news_during_doubt_come_by_a_mail_of_their_own),
        ROAD_TEST(a_mail_held_in_doubt_keeps_no_news_back),
        ROAD_TEST(news_that_waited_for_the_end_go_when_it_is_held),
        ROAD_TEST(what_a_mail_held_in_doubt_was_to_tell_is_owed_when_it_is_cancelled),
        ROAD_TEST(what_is_left_of_a_mail_redacted_in_doubt_is_told_by_another),
        ROAD_TEST(silence_after_the_dot_is_doubt_when_patience_ends),
        ROAD_TEST(waits_for_the_final_dot_do_not_starve_a_site),
        ROAD_TEST(a_server_that_always_stalls_at_the_dot_costs_two_copies_at_most),
        ROAD_TEST(a_daemon_that_dies_after_the_dot_leaves_doubt),
        ROAD_TEST(an_orderly_end_leaves_no_doubt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
