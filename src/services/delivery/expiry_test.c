#include "services/delivery/expiry.h"

#include "store/deadline.h"
#include "tests/support/mailroom.h"
#include "tests/support/query_plans.h"

#define DEADLINE (OFFICE_START + MAILROOM_HOUR)

static int64_t make_with_deadline(struct mailroom *m)
{
    return mailroom_make_as(
        m, (struct delivery_new){ .stream = STREAM_NOTICES, .deadline = DEADLINE });
}

static void end_due(struct mailroom *m, int64_t id, int64_t now_ms)
{
    bool waits = false;

    MAILROOM_DO(
        m, expiry_end_due(m->office.db, &m->office.settings, id, now_ms, &waits, &m->office.err));
    assert_int_equal(waits, mailroom_row(m, id).state != DELIVERY_EXPIRED);
}

static bool sweep(struct mailroom *m)
{
    bool more = false;

    MAILROOM_DO(m, expiry_sweep(m->office.db, &m->office.settings, m->office.now_ms, &more,
                                &m->office.err));
    return more;
}

static void change(struct mailroom *m, int64_t id, enum delivery_state to)
{
    struct delivery_row row = mailroom_row(m, id);
    const struct delivery_change change = { .to = to, .now_ms = m->office.now_ms };
    bool done = false;

    MAILROOM_DO(m, delivery_transition(m->office.db, &row, &change, &done, &m->office.err));
    assert_true(done);
}

static void a_mail_ends_when_its_deadline_is_over_and_not_before(void **state)
{
    struct mailroom *m = *state;
    int64_t id = make_with_deadline(m);

    m->office.now_ms = DEADLINE;
    assert_false(sweep(m));
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_QUEUED);
    m->office.now_ms = DEADLINE + 1;
    assert_false(sweep(m));
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_EXPIRED);
    assert_string_equal(mailroom_row(m, id).reason, "deadline");
    assert_int_equal(mailroom_row(m, id).ended_at, DEADLINE + 1);
}

static void a_held_mail_ends_too(void **state)
{
    struct mailroom *m = *state;
    int64_t id = make_with_deadline(m);

    change(m, id, DELIVERY_HELD);
    m->office.now_ms = DEADLINE + 1;
    (void)sweep(m);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_EXPIRED);
}

static void a_mail_in_doubt_ends_too(void **state)
{
    struct mailroom *m = *state;
    int64_t id = make_with_deadline(m);

    (void)mailroom_send(m, id, (struct outcome){ .class = OUTCOME_IN_DOUBT, .stage = "dot" });
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_IN_DOUBT);
    m->office.now_ms = DEADLINE + 1;
    (void)sweep(m);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_EXPIRED);
}

static void a_mail_on_its_way_is_left_until_it_is_answered(void **state)
{
    struct mailroom *m = *state;
    int64_t id = make_with_deadline(m);
    struct leave_answer leave;

    mailroom_compose(m, id);
    leave = mailroom_ask(m);
    m->office.now_ms = DEADLINE + 1;
    (void)sweep(m);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_SENDING);
    (void)mailroom_record(m, id, leave, (struct outcome){ .class = OUTCOME_RETRY, .stage = "dot" });
    end_due(m, id, m->office.now_ms);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_EXPIRED);
}

static void a_mail_without_deadline_ends_by_the_age_of_its_stream(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);
    int64_t last = m->office.now_ms + m->office.settings.streams[STREAM_NOTICES].expire_after;

    end_due(m, id, last);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_QUEUED);
    end_due(m, id, last + 1);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_EXPIRED);
    assert_string_equal(mailroom_row(m, id).reason, "too_old");
}

static void many_of_one_deadline_all_end(void **state)
{
    enum { MANY = 450 };
    struct mailroom *m = *state;

    for (int i = 0; i < MANY; i++)
        (void)make_with_deadline(m);
    m->office.now_ms = DEADLINE + 1;
    assert_true(sweep(m));
    assert_true(sweep(m));
    assert_false(sweep(m));
    assert_int_equal(
        office_count(&m->office,
                     "SELECT count(*) FROM delivery_state WHERE state = 12 AND epoch > $1"),
        MANY);
}

static void what_was_swept_is_not_walked_over_again(void **state)
{
    struct mailroom *m = *state;
    struct deadline_walk walk = { 0, 0 };
    int64_t ids[4];
    struct deadline_page page = { .ids = ids, .room = 4, .n = 9 };

    (void)make_with_deadline(m);
    m->office.now_ms = DEADLINE + 1;
    (void)sweep(m);
    assert_true(deadline_mark_read(m->office.db, &walk, &m->office.err));
    assert_true(deadline_each_past(m->office.db, DEADLINE + 2, &walk, &page, &m->office.err));
    assert_int_equal(page.n, 0);
    query_plans_expect_index(m->office.db, "delivery_deadline");
}

static void a_clock_that_was_ahead_hides_no_deadline(void **state)
{
    struct mailroom *m = *state;
    int64_t early = make_with_deadline(m);
    int64_t id;

    m->office.now_ms = DEADLINE + 10 * MAILROOM_HOUR;
    (void)sweep(m);
    assert_int_equal(mailroom_row(m, early).state, DELIVERY_EXPIRED);
    m->office.now_ms = OFFICE_START; /* set right */
    (void)sweep(m);
    id = make_with_deadline(m);
    change(m, id, DELIVERY_HELD);
    m->office.now_ms = DEADLINE + 1;
    (void)sweep(m);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_EXPIRED);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, mailroom_setup, mailroom_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_mail_ends_when_its_deadline_is_over_and_not_before),
        STORY(a_held_mail_ends_too),
        STORY(a_mail_in_doubt_ends_too),
        STORY(a_mail_on_its_way_is_left_until_it_is_answered),
        STORY(a_mail_without_deadline_ends_by_the_age_of_its_stream),
        STORY(many_of_one_deadline_all_end),
        STORY(a_clock_that_was_ahead_hides_no_deadline),
        STORY(what_was_swept_is_not_walked_over_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
