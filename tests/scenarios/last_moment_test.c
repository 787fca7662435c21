/*
 * What stops a mail that is on its way already: redaction, mute, unsubscribing, permission, the
 * person, the deadline; while it waits and while the exchanger is being talked to.
 */
#include <string.h>

#include "services/directory/grants.h"
#include "services/directory/people.h"
#include "services/directory/suppressions.h"
#include "services/directory/watches.h"
#include "services/intake/events.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

static const char ann[] = "ann@one.example";
static const char mx1[] = "192.0.2.1";

/* ---- what can come between ---- */

static void redact(struct road *r, int64_t event)
{
    road_ask(r, events_redact, "{'id': %lld}", (long long)event);
}

static void mute_issue(struct road *r, int64_t event)
{
    (void)event;
    road_ask(r, watches_set, "{'person': 'ann', 'topic': 'issue/12', 'mode': 'mute'}");
}

static void stop_watching(struct road *r, int64_t event)
{
    (void)event;
    road_ask(r, watches_remove, "{'person': 'ann', 'topic': 'project/x'}");
}

static void unsubscribe(struct road *r, int64_t event)
{
    (void)event;
    road_ask(r, suppressions_add, "{'target': '%s', 'reason': 'unsubscribed'}", ann);
}

static void leave(struct road *r, int64_t event)
{
    (void)event;
    road_ask(r, people_set, "{'person': 'ann', 'status': 'inactive'}");
}

static void lose_permission(struct road *r, int64_t event)
{
    (void)event;
    road_ask(r, grants_remove, "{'person': 'ann', 'label': 'inner'}");
}

struct stop {
    void (*act)(struct road *r, int64_t event);
    enum delivery_state state;
    const char *reason;
};

static const struct stop stops[] = {
    { redact, DELIVERY_CANCELLED, "redacted" },
    { mute_issue, DELIVERY_CANCELLED, "muted" },
    { stop_watching, DELIVERY_CANCELLED, "not_watching" },
    { unsubscribe, DELIVERY_SUPPRESSED, "suppressed" },
    { leave, DELIVERY_CANCELLED, "inactive" },
    { lose_permission, DELIVERY_CANCELLED, "no_permission" },
};

/* ---- the moments ---- */

static void greylist_for_ever(struct road *r)
{
    struct smtp_sink_options options = exchange_options();

    options.greylist_ms = 1000 * HOUR;
    exchange_open(r->exchange, mx1, &options);
}

static void open_slowly(struct road *r)
{
    struct smtp_sink_options options = exchange_options();

    options.delay_ms = 10 * SECOND;
    exchange_open(r->exchange, mx1, &options);
}

static void open_well(struct road *r)
{
    const struct smtp_sink_options options = exchange_options();

    exchange_open(r->exchange, mx1, &options);
}

/* Something that only those may see who are granted it; Ann is. */
static int64_t tell_inner(struct road *r, const char *more)
{
    json_t *answer =
        road_ask(r, events_add,
                 "{'topic': {'key': 'issue/12', 'title': 'Issue', 'parents': ['project/x']}, "
                 "'kind': 'commented', 'text': 'It says PLUM today.', 'urgent': true, "
                 "'label': 'inner', 'grants': [{'person': 'ann', 'label': 'inner'}]%s}",
                 more);

    return json_integer_value(json_object_get(answer, "event"));
}

static void expect_stopped(struct road *r, const struct stop *stop)
{
    int64_t id = road_delivery(r, ann);

    road_expect(
        r, id, stop->state,
        road_number(r, SQL("SELECT attempts FROM delivery_state WHERE delivery = $1"), db_int(id)));
    assert_string_equal(story_reason(r, id), stop->reason);
    assert_int_equal(exchange_count(r->exchange), 0);
    assert_int_equal(
        road_number(r, SQL("SELECT count(*) FROM intent WHERE delivery = $1"), db_int(id)), 0);
}

static void what_stops_a_mail_stops_it_while_it_waits(void **state)
{
    for (size_t i = 0; i < ARRAY_LENGTH(stops); i++) {
        struct road *r = *state;
        int64_t event;

        story_begin(r, 1 + i);
        greylist_for_ever(r);
        event = tell_inner(r, "");
        road_run(r, MINUTE);
        road_expect(r, road_delivery(r, ann), DELIVERY_DEFERRED, 1);
        stops[i].act(r, event);
        open_well(r);
        road_run(r, 2 * HOUR);
        expect_stopped(r, &stops[i]);
        road_close(r);
    }
}

/* The letter is composed and the envelope spoken when it is stopped. */
static void what_stops_a_mail_stops_it_until_the_content(void **state)
{
    for (size_t i = 0; i < ARRAY_LENGTH(stops); i++)
        for (int seconds = 1; seconds < 60; seconds += 10) {
            struct road *r = *state;
            int64_t event;

            story_begin(r, 1 + i);
            open_slowly(r);
            event = tell_inner(r, "");
            road_run(r, seconds * SECOND);
            if (road_number(r, SQL("SELECT count(*) FROM intent WHERE 1 > $1"), db_int(0)) > 0) {
                road_close(r);
                break;
            }
            stops[i].act(r, event);
            road_run(r, 2 * HOUR);
            expect_stopped(r, &stops[i]);
            road_close(r);
        }
}

static void a_redacted_event_is_left_out_of_a_mail_with_more(void **state)
{
    struct road *r = *state;
    int64_t event;

    story_begin(r, 20);
    greylist_for_ever(r);
    event = story_tell_urgently(r, "issue/12", "PLUM");
    (void)story_tell_urgently(r, "issue/12", "PEAR");
    road_run(r, MINUTE);
    redact(r, event);
    open_well(r);
    road_run(r, HOUR);
    assert_int_equal(exchange_count_to(r->exchange, ann), 1);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 0);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    road_close(r);
}

/* ---- deadlines ---- */

static void never_mind(struct road *r)
{
    (void)r;
}

static void refuse_connections(struct road *r)
{
    exchange_close(r->exchange, mx1);
}

static void swallow_connections(struct road *r)
{
    struct ip ip = exchange_ip(mx1);

    sim_net_black_hole(r->sim, &ip, true);
}

static void fail_lookups(struct road *r)
{
    sim_dns_set(r->sim, "one.example", DNS_MX, "servfail");
}

static void lose_replies(struct road *r)
{
    struct smtp_sink_options options = exchange_options();

    options.lose_every = 1;
    exchange_open(r->exchange, mx1, &options);
}

/* Ways to keep a mail from being delivered, and how many copies the exchanger may have got. */
struct obstacle {
    void (*raise)(struct road *r);
    void (*clear)(struct road *r);
    size_t copies;
};

static void clear_all(struct road *r)
{
    struct ip ip = exchange_ip(mx1);

    sim_net_black_hole(r->sim, &ip, false);
    sim_dns_set(r->sim, "one.example", DNS_MX, "10 mx.one.example");
    open_well(r);
}

/* RFC 2852: what is passed on is the time that is left; and RFC 3461: our token for reports. */
static void a_host_is_told_the_time_that_is_left(void **state)
{
    struct smtp_sink_options options = exchange_options();
    struct road *r = *state;
    const struct exchange_mail *mail;
    int64_t told_ms;

    story_begin(r, 12);
    told_ms = road_now(r);
    options.offers.dsn = true;
    options.offers.deliver_by = true;
    options.offers.deliver_by_min = 60;
    options.greylist_ms = MINUTE;
    exchange_open(r->exchange, mx1, &options);
    road_ask(r, events_add,
             "{'topic': 'project/x', 'kind': 'released', 'text': 'It says PLUM today.', "
             "'urgent': true, 'deadline': '30m'}");
    road_run(r, HOUR);
    mail = exchange_last_to(r->exchange, ann);
    assert_in_range(mail->deliver_by_s + (mail->at_ms - told_ms) / 1000, 30 * 60 - 10, 30 * 60);
    assert_in_range(mail->at_ms - told_ms, MINUTE, 20 * MINUTE); /* it was not the first try */
    assert_string_not_equal(mail->envid, "");
    assert_memory_equal(mail->envid, mail->from, strlen(mail->envid));
    assert_false(mail->violated);
    road_close(r);
}

/* A host that would refuse a time so short is not asked for it, and gets the mail. */
static void a_host_that_takes_its_time_is_told_none(void **state)
{
    struct smtp_sink_options options = exchange_options();
    struct road *r = *state;

    story_begin(r, 13);
    options.offers.deliver_by = true;
    options.offers.deliver_by_min = 3600;
    exchange_open(r->exchange, mx1, &options);
    road_ask(r, events_add,
             "{'topic': 'project/x', 'kind': 'released', 'text': 'It says PLUM today.', "
             "'urgent': true, 'deadline': '30m'}");
    road_run(r, HOUR);
    assert_int_equal(exchange_last_to(r->exchange, ann)->deliver_by_s, 0);
    road_expect(r, road_delivery(r, ann), DELIVERY_DELIVERED, 1);
    road_close(r);
}

static void after_the_deadline_nothing_leaves_whatever_the_state(void **state)
{
    static const struct obstacle obstacles[] = {
        { greylist_for_ever, clear_all, 0 },
        { refuse_connections, clear_all, 0 },
        { swallow_connections, clear_all, 0 },
        { fail_lookups, clear_all, 0 },
        { lose_replies, clear_all, 2 },
        { lose_replies, never_mind, 3 }, /* held in doubt by then */
    };

    for (size_t i = 0; i < ARRAY_LENGTH(obstacles); i++) {
        const char *deadline =
            obstacles[i].copies == 3 ? ", 'deadline': '2h'" : ", 'deadline': '12m'";
        struct road *r = *state;
        int64_t id;

        story_begin(r, 30 + i);
        obstacles[i].raise(r);
        (void)tell_inner(r, deadline);
        road_run(r, (obstacles[i].copies == 3 ? 119 : 11) * MINUTE);
        id = road_delivery(r, ann);
        obstacles[i].clear(r);
        road_run(r, 3 * HOUR);
        road_expect(r, id, DELIVERY_EXPIRED,
                    road_number(r, SQL("SELECT attempts FROM delivery_state WHERE delivery = $1"),
                                db_int(id)));
        assert_string_equal(story_reason(r, id), "deadline");
        assert_int_equal(exchange_count(r->exchange), obstacles[i].copies);
        assert_int_equal(
            road_number(r,
                        SQL("SELECT count(*) FROM intent JOIN delivery ON delivery.id = "
                            "intent.delivery WHERE intent.at > delivery.deadline AND 1 > $1"),
                        db_int(0)),
            0);
        road_close(r);
    }
}

static void a_deadline_that_comes_during_the_dialogue_holds(void **state)
{
    struct road *r = *state;
    int64_t id;

    story_begin(r, 40);
    open_slowly(r); /* some forty seconds to the content */
    (void)tell_inner(r, ", 'deadline': '15s'");
    road_run(r, 10 * MINUTE);
    id = road_delivery(r, ann);
    assert_string_equal(story_reason(r, id), "deadline");
    road_expect(
        r, id, DELIVERY_EXPIRED,
        road_number(r, SQL("SELECT attempts FROM delivery_state WHERE delivery = $1"), db_int(id)));
    assert_int_equal(exchange_count(r->exchange), 0);
    road_close(r);
}

static void an_event_past_its_deadline_tells_nobody(void **state)
{
    struct road *r = *state;

    story_begin(r, 41);
    (void)story_tell(r, "issue/12", "PEAR");
    road_ask(r, events_add,
             "{'topic': 'issue/13', 'kind': 'commented', 'scopes': ['project/x'], "
             "'text': 'It says PLUM today.', 'deadline': '1m'}");
    road_run(r, HOUR);
    assert_int_equal(story_times_told(r, ann, "PEAR"), 1);
    assert_int_equal(story_times_told(r, ann, "PLUM"), 0);
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(what_stops_a_mail_stops_it_while_it_waits),
        ROAD_TEST(what_stops_a_mail_stops_it_until_the_content),
        ROAD_TEST(a_redacted_event_is_left_out_of_a_mail_with_more),
        ROAD_TEST(a_host_is_told_the_time_that_is_left),
        ROAD_TEST(a_host_that_takes_its_time_is_told_none),
        ROAD_TEST(after_the_deadline_nothing_leaves_whatever_the_state),
        ROAD_TEST(a_deadline_that_comes_during_the_dialogue_holds),
        ROAD_TEST(an_event_past_its_deadline_tells_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
