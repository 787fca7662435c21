/*
 * Rows that somebody has tampered with behind the daemon's back, one in every state mail or a
 * notice can be left behind in: the watchdog finds each, tells of it once and sets it going. In all
 * other scenarios it must find nothing (road_close looks).
 */
#include <stdarg.h>
#include <stdio.h>

#include "services/delivery/watchdog.h"
#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

static const char ann[] = "ann@one.example";
static const char mx1[] = "192.0.2.1";

enum { NOTICED_MS = 2 * WATCHDOG_SLACK_MS + 2 * WATCHDOG_EVERY_MS };

/* A request that runs statements. */
static bool tamper_request(struct db *db, const struct request *request, json_t **ret_answer,
                           struct error *err)
{
    const char *script = json_string_value(json_object_get(request->args, "script"));

    if (!db_run_script(db, script, err))
        return false;
    *ret_answer = json_object();
    return true;
}

static void tamper(struct road *r, const char *format, ...) PRINTF_LIKE(2, 3);
static void tamper(struct road *r, const char *format, ...)
{
    char script[1000];
    char args[1100];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(script, sizeof script, format, values);
    va_end(values);
    (void)snprintf(args, sizeof args, "{'script': '%s'}", script);
    r->is_tampered_with = true;
    if (!road_try(r, tamper_request, args))
        fail_msg("%s: %s", script, r->err.text);
}

static int64_t alarms(struct road *r, const char *cause)
{
    return road_number(r, SQL("SELECT COUNT(*) FROM alarm WHERE cause = $1"), db_string(cause));
}

static void expect_one_alarm(struct road *r, const char *cause)
{
    assert_int_equal(alarms(r, cause), 1);
    assert_int_equal(road_number(r, SQL("SELECT SUM(times) FROM alarm WHERE cause LIKE $1"),
                                 db_string("overdue%")),
                     1);
}

static int64_t news_for_ann(struct road *r)
{
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, SECOND);
    assert_int_not_equal(road_delivery(r, ann), 0);
    return road_delivery(r, ann);
}

/* One that waits six hours for its next try, at an exchanger that takes it then. */
static int64_t deferred_mail(struct road *r)
{
    struct smtp_sink_options options = exchange_options();
    int64_t id;

    road_open(r, 1);
    r->greylist[0] = 6 * HOUR;
    road_start(r);
    story_domain(r, "one.example", mx1);
    options.greylist_ms = MINUTE;
    exchange_open(r->exchange, mx1, &options);
    story_watcher(r, "ann", "one.example");
    id = news_for_ann(r);
    road_expect(r, id, DELIVERY_DEFERRED, 1);
    road_run(r, 2 * MINUTE);
    return id;
}

static void deferred_mail_past_due_that_no_lane_knows_of_is_found_and_sent(void **state)
{
    struct road *r = *state;
    int64_t id = deferred_mail(r);

    tamper(r,
           "UPDATE retry SET due_at = %lld WHERE delivery = %lld;"
           "UPDATE delivery_state SET due_at = %lld WHERE delivery = %lld",
           (long long)road_now(r), (long long)id, (long long)road_now(r), (long long)id);
    road_run(r, WATCHDOG_SLACK_MS);
    assert_int_equal(alarms(r, "overdue waiting"), 0);
    road_run(r, NOTICED_MS);
    expect_one_alarm(r, "overdue waiting");
    road_expect(r, id, DELIVERY_DELIVERED, 2);
    road_close(r);
}

/* Nothing is on record to make the same mail of, so that it is held. */
static void mail_in_doubt_past_its_resend_time_is_found(void **state)
{
    struct road *r = *state;
    int64_t id = deferred_mail(r);

    tamper(r,
           "UPDATE retry SET due_at = %lld WHERE delivery = %lld;"
           "UPDATE delivery_state SET due_at = %lld, state = 3, doubts = 1 WHERE delivery = %lld",
           (long long)road_now(r), (long long)id, (long long)road_now(r), (long long)id);
    road_run(r, WATCHDOG_SLACK_MS + NOTICED_MS);
    expect_one_alarm(r, "overdue waiting");
    road_expect(r, id, DELIVERY_HELD, 1);
    road_close(r);
}

static void queued_mail_that_no_lane_knows_of_is_found(void **state)
{
    struct road *r = *state;
    int64_t id = deferred_mail(r);

    tamper(r,
           "DELETE FROM retry; UPDATE delivery_state SET state = 0, due_at = (SELECT made_at FROM "
           "delivery WHERE id = %lld) WHERE delivery = %lld;"
           "UPDATE lane SET fresh_cursor = %lld",
           (long long)id, (long long)id, (long long)id - 1);
    road_run(r, NOTICED_MS);
    expect_one_alarm(r, "overdue waiting");
    road_close(r);
}

static void mail_that_is_being_sent_by_nobody_is_found_and_is_in_doubt(void **state)
{
    struct road *r = *state;
    int64_t id;

    story_begin(r, 1);
    id = news_for_ann(r);
    road_expect(r, id, DELIVERY_DELIVERED, 1);
    road_run(r, MINUTE);
    tamper(r,
           "UPDATE delivery_state SET state = 2 WHERE delivery = %lld;"
           "UPDATE lane SET waiting = 1; DELETE FROM meta WHERE key = \\u0027intent_mark\\u0027",
           (long long)id);
    road_run(r, NOTICED_MS);
    expect_one_alarm(r, "overdue sending");
    assert_int_equal(
        road_number(r, SQL("SELECT doubts FROM delivery_state WHERE delivery = $1"), db_int(id)),
        1);
    road_close(r);
}

static void mail_past_its_deadline_is_found_and_expires(void **state)
{
    struct road *r = *state;
    int64_t id = deferred_mail(r);

    road_run(r, 20 * MINUTE);
    tamper(r,
           "UPDATE delivery SET deadline = %lld WHERE id = %lld;"
           "INSERT OR REPLACE INTO meta (key, value) VALUES "
           "(\\u0027deadline_mark\\u0027, %lld)",
           (long long)(road_now(r) - 10 * MINUTE), (long long)id,
           (long long)(road_now(r) - 5 * MINUTE));
    road_run(r, NOTICED_MS);
    expect_one_alarm(r, "overdue deadline");
    road_expect(r, id, DELIVERY_EXPIRED, 1);
    road_close(r);
}

static void a_notice_past_due_that_does_not_move_is_found(void **state)
{
    struct road *r = *state;

    story_begin(r, 1);
    (void)news_for_ann(r);
    road_run(r, MINUTE);
    tamper(r,
           "INSERT INTO notice (person, thread, first_seq, due_at, urgent, why) "
           "SELECT 1, thread, seq, %lld, 0, 0 FROM event LIMIT 1",
           (long long)(road_now(r) - HOUR));
    road_run(r, NOTICED_MS);
    expect_one_alarm(r, "overdue notice");
    road_close(r);
}

static void a_backlog_at_a_slow_exchanger_is_not_overdue(void **state)
{
    enum { WATCHERS = 100 };
    struct smtp_sink_options options = exchange_options();
    struct road *r = *state;

    road_open(r, 3);
    r->settings.site_connections = 1;
    road_start(r);
    story_domain(r, "one.example", mx1);
    options.delay_ms = 10 * SECOND;
    exchange_open(r->exchange, mx1, &options);
    for (int i = 0; i < WATCHERS; i++) {
        char key[20];

        (void)snprintf(key, sizeof key, "p%d", i);
        story_watcher(r, key, "one.example");
    }
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, 15 * MINUTE);
    assert_in_range(exchange_count(r->exchange), 10, WATCHERS - 1);
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(deferred_mail_past_due_that_no_lane_knows_of_is_found_and_sent),
        ROAD_TEST(mail_in_doubt_past_its_resend_time_is_found),
        ROAD_TEST(queued_mail_that_no_lane_knows_of_is_found),
        ROAD_TEST(mail_that_is_being_sent_by_nobody_is_found_and_is_in_doubt),
        ROAD_TEST(mail_past_its_deadline_is_found_and_expires),
        ROAD_TEST(a_notice_past_due_that_does_not_move_is_found),
        ROAD_TEST(a_backlog_at_a_slow_exchanger_is_not_overdue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
