#include "services/delivery/leave.h"

#include "store/epoch.h"
#include "store/intent.h"
#include "store/person.h"
#include "store/suppression.h"
#include "tests/support/mailroom.h"

static void leave_is_written_before_it_is_given(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);
    struct leave_answer answer;

    mailroom_compose(m, id);
    answer = mailroom_ask(m);
    assert_int_equal(answer.leave, LEAVE_GRANTED);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_SENDING);
    assert_int_equal(mailroom_row(m, id).epoch, answer.row.epoch);
    assert_int_equal(office_count(&m->office, "SELECT count(*) FROM intent WHERE delivery > $1"),
                     1);
}

static void nobody_sends_twice(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);

    mailroom_compose(m, id);
    assert_int_equal(mailroom_ask(m).leave, LEAVE_GRANTED);
    assert_int_equal(mailroom_ask(m).leave, LEAVE_WAITS);
    assert_int_equal(office_count(&m->office, "SELECT count(*) FROM intent WHERE id > $1"), 1);
}

static void a_letter_of_before_a_fold_is_stale(void **state)
{
    struct mailroom *m = *state;
    const struct delivery_part part = { .thread = 7, .from_seq = 3, .to_seq = 4, .why = 1 };
    int64_t id = mailroom_make(m);
    bool folded = false;

    mailroom_compose(m, id);
    MAILROOM_DO(m, delivery_fold(m->office.db, id, &part, &folded, &m->office.err));
    assert_true(folded);
    assert_int_equal(mailroom_ask(m).leave, LEAVE_STALE);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_QUEUED);
}

static void a_letter_of_before_a_redaction_is_stale(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);

    mailroom_compose(m, id);
    MAILROOM_DO(m, epoch_grow(m->office.db, EPOCH_CONTENT, &m->office.err));
    assert_int_equal(mailroom_ask(m).leave, LEAVE_STALE);
}

static void a_letter_of_before_a_mute_is_stale(void **state)
{
    struct mailroom *m = *state;
    struct person person = { .key = SPAN("ann") };
    int64_t id;

    MAILROOM_DO(m, person_save(m->office.db, &person, m->office.now_ms, &m->office.err));
    id =
        mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_NOTICES, .person = person.id });
    mailroom_compose(m, id);
    m->letter.person_version = 1;
    MAILROOM_DO(m, person_touch(m->office.db, person.id, &m->office.err));
    assert_int_equal(mailroom_ask(m).leave, LEAVE_STALE);
    m->letter.person_version = 2;
    assert_int_equal(mailroom_ask(m).leave, LEAVE_GRANTED);
}

static void after_the_deadline_means_leave_after_it(void **state)
{
    struct mailroom *m = *state;
    int64_t deadline = m->office.now_ms + MAILROOM_HOUR;
    int64_t punctual = mailroom_make_as(
        m, (struct delivery_new){ .stream = STREAM_NOTICES, .deadline = deadline });
    int64_t late = mailroom_make_as(
        m, (struct delivery_new){ .stream = STREAM_NOTICES, .deadline = deadline });

    m->office.now_ms = deadline;
    mailroom_compose(m, punctual);
    assert_int_equal(mailroom_ask(m).leave, LEAVE_GRANTED);
    m->office.now_ms = deadline + 1;
    mailroom_compose(m, late);
    assert_int_equal(mailroom_ask(m).leave, LEAVE_ENDED);
    assert_int_equal(mailroom_row(m, late).state, DELIVERY_EXPIRED);
    assert_string_equal(mailroom_row(m, late).reason, "deadline");
}

static void what_is_too_old_expires(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);

    m->office.now_ms += 48 * MAILROOM_HOUR + 1;
    mailroom_compose(m, id);
    assert_int_equal(mailroom_ask(m).leave, LEAVE_ENDED);
    assert_string_equal(mailroom_row(m, id).reason, "too_old");
}

static void a_suppression_stops_the_mail_at_the_last_moment(void **state)
{
    static const char *const targets[] = { "ann@example.net", "@example.net" };
    struct mailroom *m = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(targets); i++) {
        const struct suppression s = { .target = span_of(targets[i]),
                                       .scope = SPAN("*"),
                                       .reason = SPAN("complaint"),
                                       .origin = SPAN("test"),
                                       .at = m->office.now_ms,
                                       .until = m->office.now_ms + 1 };
        int64_t id = mailroom_make(m);

        MAILROOM_DO(m, suppression_put(m->office.db, &s, &m->office.err));
        mailroom_compose(m, id);
        m->letter.content_epoch =
            office_count(&m->office, "SELECT coalesce(max(CAST(value AS INTEGER)), $1) FROM meta "
                                     "WHERE key = 'content_epoch'");
        assert_int_equal(mailroom_ask(m).leave, LEAVE_ENDED);
        assert_int_equal(mailroom_row(m, id).state, DELIVERY_SUPPRESSED);
        assert_string_equal(mailroom_row(m, id).text, "complaint");
        m->office.now_ms += 10;
    }
}

static void a_held_mail_waits(void **state)
{
    const struct delivery_change hold = { .to = DELIVERY_HELD, .reason = "operator", .now_ms = 1 };
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);
    struct delivery_row row = mailroom_row(m, id);
    bool done;

    MAILROOM_DO(m, delivery_transition(m->office.db, &row, &hold, &done, &m->office.err));
    mailroom_compose(m, id);
    assert_int_equal(mailroom_ask(m).leave, LEAVE_WAITS);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_HELD);
}

static void the_mark_stops_before_the_first_open_intent(void **state)
{
    struct mailroom *m = *state;
    struct outcome accepted = { .class = OUTCOME_DELIVERED, .stage = "dot", .code = 250 };
    int64_t mark;
    int64_t second;
    struct leave_answer open;
    struct intent_open found;

    (void)mailroom_send(m, mailroom_make(m), accepted);
    second = mailroom_make(m);
    mailroom_compose(m, second);
    open = mailroom_ask(m);
    (void)mailroom_send(m, mailroom_make(m), accepted);
    MAILROOM_DO(m, intent_mark_advance(m->office.db, &m->office.err));
    assert_true(intent_mark_read(m->office.db, &mark, &m->office.err));
    assert_int_equal(mark, open.intent - 1);
    assert_true(intent_open_next(m->office.db, mark, &found, &m->office.err));
    assert_int_equal(found.intent, open.intent);
    assert_int_equal(found.delivery, second);

    (void)mailroom_record(m, second, open, accepted);
    MAILROOM_DO(m, intent_mark_advance(m->office.db, &m->office.err));
    assert_true(intent_mark_read(m->office.db, &mark, &m->office.err));
    assert_int_equal(mark, open.intent + 1);
    assert_true(intent_open_next(m->office.db, mark, &found, &m->office.err));
    assert_int_equal(found.intent, 0);
}

static void the_open_intent_is_the_latest_of_its_delivery(void **state)
{
    struct mailroom *m = *state;
    struct outcome later = { .class = OUTCOME_RETRY, .stage = "dot", .code = 451 };
    int64_t id = mailroom_make(m);
    struct leave_answer open;
    struct intent_open found;

    m->office.now_ms = mailroom_send(m, id, later).due_at;
    mailroom_compose(m, id);
    open = mailroom_ask(m);
    assert_int_equal(open.leave, LEAVE_GRANTED);
    assert_true(intent_open_next(m->office.db, 0, &found, &m->office.err));
    assert_int_equal(found.intent, open.intent);
    assert_true(intent_open_next(m->office.db, found.intent, &found, &m->office.err));
    assert_int_equal(found.intent, 0);
}

#define STORY(test) cmocka_unit_test_setup_teardown(test, mailroom_setup, mailroom_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(leave_is_written_before_it_is_given),
        STORY(nobody_sends_twice),
        STORY(a_letter_of_before_a_fold_is_stale),
        STORY(a_letter_of_before_a_redaction_is_stale),
        STORY(a_letter_of_before_a_mute_is_stale),
        STORY(after_the_deadline_means_leave_after_it),
        STORY(what_is_too_old_expires),
        STORY(a_suppression_stops_the_mail_at_the_last_moment),
        STORY(a_held_mail_waits),
        STORY(the_mark_stops_before_the_first_open_intent),
        STORY(the_open_intent_is_the_latest_of_its_delivery),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
