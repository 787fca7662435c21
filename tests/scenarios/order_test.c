/*
 * Orders by hand while mail is on its way: hold, release, cancel, now.
 */
#include <string.h>

#include "services/delivery/queue_orders.h"
#include "services/intake/events.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

static const char ann[] = "ann@one.example";
static const char mx1[] = "192.0.2.1";

static void open_well(struct road *r)
{
    const struct smtp_sink_options options = exchange_options();

    exchange_open(r->exchange, mx1, &options);
}

static void lose_replies(struct road *r)
{
    struct smtp_sink_options options = exchange_options();

    options.lose_every = 1;
    exchange_open(r->exchange, mx1, &options);
}

static void greylist(struct road *r)
{
    struct smtp_sink_options options = exchange_options();

    options.greylist_attempts = 1;
    exchange_open(r->exchange, mx1, &options);
}

static void open_slowly(struct road *r)
{
    struct smtp_sink_options options = exchange_options();

    options.delay_ms = 10 * SECOND;
    exchange_open(r->exchange, mx1, &options);
}

static void order(struct road *r, request_handler *handler, int64_t delivery)
{
    road_ask(r, handler, "{'deliveries': [%lld], 'reason': 'a test'}", (long long)delivery);
}

/* A mail to Ann that could not leave yet. */
static int64_t a_mail_that_waits(struct road *r, uint64_t seed)
{
    story_begin(r, seed);
    greylist(r);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, MINUTE);
    road_expect(r, road_delivery(r, ann), DELIVERY_DEFERRED, 1);
    return road_delivery(r, ann);
}

static void what_is_held_stays_until_it_is_released(void **state)
{
    struct road *r = *state;
    int64_t id = a_mail_that_waits(r, 1);

    order(r, queue_orders_hold, id);
    road_run(r, 2 * HOUR);
    road_expect(r, id, DELIVERY_HELD, 1);
    order(r, queue_orders_release, id);
    road_run(r, MINUTE);
    road_expect(r, id, DELIVERY_DELIVERED, 2);
    assert_int_equal(exchange_count(r->exchange), 1);
    road_close(r);
}

/* The first connection takes some forty seconds to the content. */
static void an_order_during_the_dialogue_keeps_the_content_back(void **state)
{
    static const struct {
        request_handler *handler;
        enum delivery_state state;
    } orders[] = { { queue_orders_hold, DELIVERY_HELD },
                   { queue_orders_cancel, DELIVERY_CANCELLED } };

    for (size_t i = 0; i < ARRAY_LENGTH(orders); i++)
        for (int seconds = 1; seconds < 30; seconds += 7) {
            struct road *r = *state;
            int64_t id;

            story_begin(r, 2);
            open_slowly(r);
            (void)story_tell_urgently(r, "issue/12", "PLUM");
            road_run(r, seconds * SECOND);
            id = road_delivery(r, ann);
            order(r, orders[i].handler, id);
            road_run(r, 2 * HOUR);
            assert_int_equal(exchange_count(r->exchange), 0);
            road_expect(r, id, orders[i].state,
                        road_number(r,
                                    SQL("SELECT attempts FROM delivery_state WHERE delivery = $1"),
                                    db_int(id)));
            road_close(r);
        }
}

static void what_is_cancelled_is_told_by_the_next_mail(void **state)
{
    struct road *r = *state;
    int64_t id = a_mail_that_waits(r, 3);

    order(r, queue_orders_cancel, id);
    open_well(r);
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 0);
    (void)story_tell_urgently(r, "issue/12", "PEAR");
    road_run(r, MINUTE);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 1);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    road_close(r);
}

static void now_sends_what_waits_at_once_even_to_a_site_that_rests(void **state)
{
    struct road *r = *state;
    int64_t id = a_mail_that_waits(r, 4);

    order(r, queue_orders_now, id);
    road_run(r, 5 * SECOND);
    road_expect(r, id, DELIVERY_DELIVERED, 2);
    exchange_close(r->exchange, mx1);
    (void)story_tell_urgently(r, "issue/13", "PEAR");
    road_run(r, HOUR);
    id = road_delivery(r, ann);
    open_well(r);
    order(r, queue_orders_now, id);
    road_run(r, 5 * SECOND);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    road_close(r);
}

/* Nobody answers at the site; twenty wait there, and one of them is named. */
static int64_t one_of_many_at_a_site_that_sleeps(struct road *r, uint64_t seed)
{
    story_begin(r, seed);
    for (int i = 0; i < 20; i++) {
        char key[20];

        (void)snprintf(key, sizeof key, "person%d", i);
        story_watcher(r, key, "one.example");
    }
    exchange_close(r->exchange, mx1);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, HOUR);
    return road_delivery(r, "person11@one.example");
}

static int64_t due_of(struct road *r, int64_t id)
{
    return road_number(r, SQL("SELECT due_at FROM delivery_state WHERE delivery = $1"), db_int(id));
}

static int64_t tries_of(struct road *r, int64_t id)
{
    return road_number(r, SQL("SELECT attempts FROM delivery_state WHERE delivery = $1"),
                       db_int(id));
}

static void the_mail_that_is_named_is_the_one_that_is_tried(void **state)
{
    struct road *r = *state;
    int64_t id = one_of_many_at_a_site_that_sleeps(r, 8);
    int64_t all = road_number(
        r, SQL("SELECT sum(attempts) FROM delivery_state WHERE delivery > $1"), db_int(0));
    int64_t before = tries_of(r, id);

    order(r, queue_orders_now, id);
    road_run(r, 5 * SECOND);
    assert_int_equal(tries_of(r, id), before + 1);
    assert_int_equal(
        road_number(r, SQL("SELECT sum(attempts) FROM delivery_state WHERE delivery > $1"),
                    db_int(0)),
        all + 1);
    open_well(r);
    order(r, queue_orders_now, id);
    road_run(r, 5 * SECOND);
    assert_string_equal(exchange_mail(r->exchange, 0)->to, "person11@one.example");
    road_run(r, 2 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 21);
    road_close(r);
}

/* What was not tried yet has no due time to be hastened, and is found by its lane's cursor. */
static void a_mail_named_twice_is_sent_once_and_none_is_passed_over(void **state)
{
    struct road *r = *state;
    int64_t id = one_of_many_at_a_site_that_sleeps(r, 9);

    for (int i = 0; i < 5; i++) {
        order(r, queue_orders_now, id - i);
        order(r, queue_orders_now, id);
        road_run(r, SECOND);
    }
    open_well(r);
    order(r, queue_orders_now, id);
    road_run(r, 2 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 21);
    assert_int_equal(exchange_count_to(r->exchange, "person11@one.example"), 1);
    road_close(r);
}

static void a_try_by_hand_is_no_step_of_the_schedule(void **state)
{
    struct smtp_sink_options options = exchange_options();
    struct smtp_sink_rule rule = { SMTP_ASK_RCPT, SPAN("*"), 450, { 4, 2, 0 }, "Not now" };
    struct road *r = *state;
    int64_t id;
    int64_t due;

    story_begin(r, 10);
    options.rules = &rule;
    options.rule_count = 1;
    exchange_open(r->exchange, mx1, &options);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, MINUTE);
    id = road_delivery(r, ann);
    due = due_of(r, id);
    for (int i = 0; i < 3; i++) {
        order(r, queue_orders_now, id);
        road_run(r, 10 * SECOND);
        road_expect(r, id, DELIVERY_DEFERRED, 2 + i);
        assert_int_equal(due_of(r, id), due);
    }
    road_run(r, due - road_now(r) + 10 * SECOND);
    road_expect(r, id, DELIVERY_DEFERRED, 5);
    assert_in_range(due_of(r, id) - due, 15 * MINUTE, 15 * MINUTE + 10 * SECOND);
    road_close(r);
}

static void what_is_held_ends_at_its_deadline(void **state)
{
    struct road *r = *state;
    int64_t id;

    story_begin(r, 5);
    greylist(r);
    road_ask(r, events_add,
             "{'topic': 'project/x', 'kind': 'released', 'text': 'It says PLUM today.', "
             "'urgent': true, 'deadline': '30m'}");
    road_run(r, MINUTE);
    id = road_delivery(r, ann);
    order(r, queue_orders_hold, id);
    road_run(r, 28 * MINUTE);
    road_expect(r, id, DELIVERY_HELD, 1);
    road_run(r, 2 * MINUTE);
    road_expect(r, id, DELIVERY_EXPIRED, 1);
    assert_string_equal(story_reason(r, id), "deadline");
    road_close(r);
}

static void doubt_is_a_persons_to_end(void **state)
{
    struct road *r = *state;
    int64_t id;

    story_begin(r, 6);
    lose_replies(r);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, 2 * HOUR);
    id = road_delivery(r, ann);
    road_expect(r, id, DELIVERY_HELD, 3);
    open_well(r);
    road_run(r, HOUR);
    road_expect(r, id, DELIVERY_HELD, 3);
    order(r, queue_orders_release, id);
    road_run(r, 2 * HOUR);
    road_expect(r, id, DELIVERY_DELIVERED, 4);
    assert_int_equal(exchange_count(r->exchange), 4);
    assert_string_equal(exchange_mail(r->exchange, 3)->content,
                        exchange_mail(r->exchange, 0)->content);
    road_close(r);
}

/* What it said is not said otherwise, whoever orders it. */
static void doubt_that_newer_mail_has_overtaken_is_not_resent_in_other_words(void **state)
{
    struct road *r = *state;
    int64_t id;

    story_begin(r, 6);
    lose_replies(r);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, 2 * HOUR);
    id = road_delivery(r, ann);
    (void)story_tell_urgently(r, "issue/12", "PEAR");
    open_well(r);
    road_run(r, HOUR);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    order(r, queue_orders_release, id);
    road_run(r, 2 * HOUR);
    road_expect(r, id, DELIVERY_HELD, 3);
    assert_int_equal(exchange_count(r->exchange), 4);
    road_close(r);
}

static void doubt_is_not_hastened(void **state)
{
    struct road *r = *state;

    story_begin(r, 7);
    lose_replies(r);
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, MINUTE);
    assert_false(road_try(r, queue_orders_now, "{'deliveries': [1]}"));
    assert_non_null(strstr(r->err.text, "may have arrived"));
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(what_is_held_stays_until_it_is_released),
        ROAD_TEST(an_order_during_the_dialogue_keeps_the_content_back),
        ROAD_TEST(what_is_cancelled_is_told_by_the_next_mail),
        ROAD_TEST(now_sends_what_waits_at_once_even_to_a_site_that_rests),
        ROAD_TEST(the_mail_that_is_named_is_the_one_that_is_tried),
        ROAD_TEST(a_mail_named_twice_is_sent_once_and_none_is_passed_over),
        ROAD_TEST(a_try_by_hand_is_no_step_of_the_schedule),
        ROAD_TEST(what_is_held_ends_at_its_deadline),
        ROAD_TEST(doubt_is_a_persons_to_end),
        ROAD_TEST(doubt_that_newer_mail_has_overtaken_is_not_resent_in_other_words),
        ROAD_TEST(doubt_is_not_hastened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
