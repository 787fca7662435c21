/*
 * Orders by hand, on the ledger.
 */
#include "services/delivery/queue_orders.h"

#include "store/domain.h"
#include "store/lane.h"
#include "tests/support/mailroom.h"

static const struct outcome later = { .class = OUTCOME_RETRY,
                                      .scope = SCOPE_RECIPIENT,
                                      .stage = "rcpt",
                                      .code = 452,
                                      .status = "4.2.2",
                                      .text = "mailbox full" };
static const struct outcome accepted = { .class = OUTCOME_DELIVERED,
                                         .scope = SCOPE_MESSAGE,
                                         .stage = "dot",
                                         .code = 250,
                                         .text = "queued" };
static const struct outcome silence = { .class = OUTCOME_IN_DOUBT,
                                        .scope = SCOPE_MESSAGE,
                                        .local = true,
                                        .stage = "dot",
                                        .text = "no answer" };

#define FIRST "{\"deliveries\": [1]}"

static int64_t retries_at(struct mailroom *m, int64_t due_at)
{
    bool found;
    int64_t n = 0;

    assert_true(db_find_int(m->office.db, &m->office.err, &found, &n,
                            SQL("SELECT count(*) FROM retry WHERE due_at = $1"), db_int(due_at)));
    return n;
}

static void now_makes_deferred_mail_due(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t id = mailroom_make(m);
    struct delivery_row row;

    mailroom_send(m, id, later);
    o->now_ms += 1000;
    office_ask(o, queue_orders_now, FIRST);
    assert_true(json_is_true(office_get(o, "deliveries.0.changed")));
    office_expect(o, "deliveries.0.state", "deferred");
    row = mailroom_row(m, id);
    assert_int_equal(row.due_at, o->now_ms);
    assert_int_equal(row.attempts, 1);
    assert_string_equal(row.text, "mailbox full");
    assert_int_equal(retries_at(m, o->now_ms), 1);
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM retry WHERE due_at > $1")), 1);
    office_ask(o, queue_orders_now, FIRST);
    assert_true(json_is_false(office_get(o, "deliveries.0.changed")));
}

static void now_makes_scheduled_mail_due_and_wakes_its_domain(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t id = mailroom_make_as(
        m, (struct delivery_new){ .stream = STREAM_MAILOUTS, .due_at = o->now_ms + MAILROOM_HOUR });
    struct domain_note note = { .name = SPAN("example.net"),
                                .failures = 3,
                                .asleep_until = o->now_ms + MAILROOM_HOUR };
    struct domain_row domain;
    bool found;

    MAILROOM_DO(m, domain_note(o->db, &note, &o->err));
    o->now_ms += 1000;
    office_ask(o, queue_orders_now, FIRST);
    assert_int_equal(mailroom_row(m, id).due_at, o->now_ms);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_QUEUED);
    assert_true(domain_find(o->db, SPAN("example.net"), &domain, &found, &o->err));
    assert_int_equal(domain.asleep_until, 0);
    assert_int_equal(domain.failures, 3);
}

static void held_mail_gets_no_leave_until_it_is_released(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t id = mailroom_make(m);
    struct delivery_row row;

    mailroom_compose(m, id);
    office_ask(o, queue_orders_hold, "{\"deliveries\": [1], \"reason\": \"asked by phone\"}");
    office_expect(o, "deliveries.0.state", "held");
    row = mailroom_row(m, id);
    assert_string_equal(row.reason, "by_hand");
    assert_string_equal(row.text, "by test: asked by phone");
    assert_int_equal(mailroom_ask(m).leave, LEAVE_WAITS);
    office_ask(o, queue_orders_hold, FIRST);
    assert_true(json_is_false(office_get(o, "deliveries.0.changed")));
    o->now_ms += 1000;
    office_ask(o, queue_orders_release, FIRST);
    office_expect(o, "deliveries.0.state", "queued");
    assert_int_equal(retries_at(m, o->now_ms), 1); /* the lane's cursor may have passed it */
    assert_int_equal(mailroom_send(m, id, accepted).state, DELIVERY_DELIVERED);
    assert_int_equal(office_count(o, SQL("SELECT sum(waiting) FROM lane WHERE stream >= $1")), 0);
}

static void released_mail_is_not_due_before_its_time(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t id = mailroom_make(m);
    int64_t due;

    mailroom_send(m, id, later);
    due = mailroom_row(m, id).due_at;
    office_ask(o, queue_orders_hold, FIRST);
    assert_int_equal(retries_at(m, due), 0);
    office_ask(o, queue_orders_release, FIRST);
    office_expect(o, "deliveries.0.state", "deferred");
    assert_int_equal(retries_at(m, due), 1);
}

static void mail_in_doubt_stays_in_doubt_and_is_not_hastened(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t id = mailroom_make(m);
    int64_t due;

    mailroom_send(m, id, silence);
    due = mailroom_row(m, id).due_at;
    office_refuse(o, queue_orders_now, FIRST, "may have arrived");
    office_ask(o, queue_orders_hold, FIRST);
    office_ask(o, queue_orders_release, FIRST);
    office_expect(o, "deliveries.0.state", "in_doubt");
    assert_int_equal(mailroom_row(m, id).due_at, due);
    assert_int_equal(mailroom_row(m, id).doubts, 1);
}

/* That the copy was put off settles nothing of the one before it. */
static void a_copy_that_was_put_off_is_not_hastened(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t id = mailroom_make(m);

    mailroom_send(m, id, silence);
    o->now_ms = mailroom_row(m, id).due_at;
    mailroom_send(m, id, later);
    o->now_ms += 1000;
    office_refuse(o, queue_orders_now, FIRST, "may have arrived");
    assert_true(mailroom_row(m, id).due_at > o->now_ms + MAILROOM_MINUTE);
}

/* A mail in doubt may be held for another reason: it cannot be composed as it was. */
static void mail_held_for_another_reason_is_in_doubt_still(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t id = mailroom_make(m);
    int64_t due;
    struct outcome_recorded recorded;
    bool stale;

    mailroom_send(m, id, silence);
    due = mailroom_row(m, id).due_at;
    mailroom_compose(m, id);
    m->letter.verdict = LETTER_BROKEN;
    (void)snprintf(m->letter.reason, sizeof m->letter.reason, "broken");
    MAILROOM_DO(m, outcome_record_end(o->db,
                                      &(struct outcome_end){ &m->letter, &o->settings, o->now_ms },
                                      &recorded, &stale, &o->err));
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_HELD);
    office_ask(o, queue_orders_release, FIRST);
    office_expect(o, "deliveries.0.state", "in_doubt");
    assert_int_equal(mailroom_row(m, id).due_at, due);
    office_ask(o, queue_orders_hold, FIRST);
    assert_string_equal(mailroom_row(m, id).reason, "by_hand");
    office_ask(o, queue_orders_resolve, "{\"deliveries\": [1], \"as\": \"delivered\"}");
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_DELIVERED);
}

static void mail_in_doubt_is_taken_for_delivered_by_hand(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t id = mailroom_make(m);

    mailroom_send(m, id, silence);
    office_ask(o, queue_orders_resolve,
               "{\"deliveries\": [1], \"as\": \"delivered\", \"reason\": \"they have it\"}");
    office_expect(o, "deliveries.0.state", "delivered");
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_DELIVERED);
    assert_string_equal(mailroom_row(m, id).reason, "by_hand");
    assert_string_equal(mailroom_row(m, id).text, "by test: they have it");
    assert_int_equal(office_count(o, SQL("SELECT waiting FROM lane WHERE waiting >= $1")), 0);
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM retry WHERE due_at > $1")), 0);
    assert_int_equal(office_count(o, SQL("SELECT sum(n) FROM counter WHERE scope = 'all' AND "
                                         "state = 'in_doubt' AND n >= $1")),
                     0);
}

static void mail_in_doubt_is_sent_once_more_by_hand(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t id = mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_MAILOUTS });
    struct delivery_row row;

    mailroom_send(m, id, silence);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_HELD); /* as its stream wants */
    o->now_ms += 1000;
    office_ask(o, queue_orders_resolve, "{\"deliveries\": [1], \"as\": \"resend\"}");
    row = mailroom_row(m, id);
    assert_int_equal(row.state, DELIVERY_IN_DOUBT);
    assert_int_equal(row.due_at, o->now_ms);
    assert_int_equal(row.doubts, 1);
    assert_int_equal(retries_at(m, o->now_ms), 1);
    mailroom_send(m, id, accepted);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_DELIVERED);
}

static void only_what_is_in_doubt_is_resolved(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;

    (void)mailroom_make(m);
    office_refuse(o, queue_orders_resolve, "{\"deliveries\": [1], \"as\": \"resend\"}",
                  "delivery 1 is not in doubt");
    office_ask(o, queue_orders_hold, FIRST);
    office_refuse(o, queue_orders_resolve, "{\"deliveries\": [1], \"as\": \"delivered\"}",
                  "delivery 1 is not in doubt");
    office_refuse(o, queue_orders_resolve, "{\"deliveries\": [1], \"as\": \"lost\"}",
                  "must be delivered or resend");
    office_refuse(o, queue_orders_resolve, FIRST, "as");
}

static void cancelled_mail_has_ended_for_good(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t id = mailroom_make(m);

    office_ask(o, queue_orders_hold, FIRST);
    office_ask(o, queue_orders_cancel, "{\"deliveries\": [1], \"reason\": \"wrong list\"}");
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_CANCELLED);
    assert_string_equal(mailroom_row(m, id).reason, "cancelled");
    assert_string_equal(mailroom_row(m, id).text, "by test: wrong list");
    assert_int_equal(office_count(o, SQL("SELECT count(*) FROM retry WHERE due_at > $1")), 0);
    office_refuse(o, queue_orders_release, FIRST, "delivery 1 is cancelled already, since 2026-");
    office_refuse(o, queue_orders_cancel, FIRST, "already");
}

static void orders_that_come_too_late_change_nothing(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t sent = mailroom_make(m);
    int64_t under_way;
    int64_t waits;

    mailroom_send(m, sent, accepted);
    under_way = mailroom_make(m);
    waits = mailroom_make(m);
    mailroom_compose(m, under_way);
    assert_int_equal(mailroom_ask(m).leave, LEAVE_GRANTED);
    office_refuse(o, queue_orders_hold, "{\"deliveries\": [3, 1]}", "delivery 1 is delivered");
    office_refuse(o, queue_orders_cancel, "{\"deliveries\": [3, 2]}", "is being sent");
    office_refuse(o, queue_orders_now, "{\"deliveries\": [3, 4]}", "there is no delivery 4");
    office_refuse(o, queue_orders_release, "{\"deliveries\": [3]}", "delivery 3 is not held");
    assert_int_equal(mailroom_row(m, waits).state, DELIVERY_QUEUED);
    assert_int_equal(mailroom_row(m, waits).epoch, 0);
}

static void wrong_orders_are_refused_by_field(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;

    office_refuse(o, queue_orders_hold, "{}", "deliveries");
    office_refuse(o, queue_orders_hold, "{\"deliveries\": []}", "deliveries");
    office_refuse(o, queue_orders_hold, "{\"deliveries\": [\"1\"]}", "deliveries");
    office_refuse(o, queue_orders_hold, "{\"deliveries\": [0]}", "deliveries");
    office_refuse(o, queue_orders_hold, "{\"deliveries\": [1], \"reason\": \"a\\nb\"}", "reason");
    office_refuse(o, queue_orders_hold, "{\"deliveries\": [1], \"until\": \"2h\"}", "until");
}

#define STORY(test) cmocka_unit_test_setup_teardown(test, mailroom_setup, mailroom_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(now_makes_deferred_mail_due),
        STORY(now_makes_scheduled_mail_due_and_wakes_its_domain),
        STORY(held_mail_gets_no_leave_until_it_is_released),
        STORY(released_mail_is_not_due_before_its_time),
        STORY(mail_in_doubt_stays_in_doubt_and_is_not_hastened),
        STORY(a_copy_that_was_put_off_is_not_hastened),
        STORY(mail_held_for_another_reason_is_in_doubt_still),
        STORY(mail_in_doubt_is_taken_for_delivered_by_hand),
        STORY(mail_in_doubt_is_sent_once_more_by_hand),
        STORY(only_what_is_in_doubt_is_resolved),
        STORY(cancelled_mail_has_ended_for_good),
        STORY(orders_that_come_too_late_change_nothing),
        STORY(wrong_orders_are_refused_by_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
