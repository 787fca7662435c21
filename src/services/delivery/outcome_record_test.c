#include "services/delivery/outcome_record.h"

#include <sys/wait.h>
#include <unistd.h>

#include "protocol/mail/message_id.h"
#include "store/intent.h"
#include "tests/support/mailroom.h"

/* clang-format off */
static const struct outcome accepted = { .class = OUTCOME_DELIVERED, .scope = SCOPE_MESSAGE, .stage = "dot", .code = 250, .status = "2.0.0", .text = "queued as 17" };
static const struct outcome later = { .class = OUTCOME_RETRY, .scope = SCOPE_RECIPIENT, .stage = "rcpt", .code = 452, .status = "4.2.2", .text = "mailbox full" };
static const struct outcome greylisted = { .class = OUTCOME_RETRY, .scope = SCOPE_RECIPIENT, .kind = REFUSAL_GREYLISTED, .stage = "rcpt", .code = 450, .status = "4.7.1", .text = "greylisted" };
static const struct outcome unknown_user = { .class = OUTCOME_FAILED, .scope = SCOPE_RECIPIENT, .kind = REFUSAL_UNKNOWN_USER, .stage = "rcpt", .code = 550, .status = "5.1.1", .text = "user unknown" };
static const struct outcome refused = { .class = OUTCOME_FAILED, .scope = SCOPE_MESSAGE, .stage = "dot", .code = 554, .status = "5.7.1", .text = "spam" };
static const struct outcome silence = { .class = OUTCOME_IN_DOUBT, .scope = SCOPE_MESSAGE, .local = true, .stage = "dot", .text = "no answer within 10m" };
/* clang-format on */

static const struct leave_answer no_leave = { .leave = LEAVE_STALE };

static int64_t waiting(struct mailroom *m)
{
    return office_count(&m->office, "SELECT sum(waiting) FROM lane WHERE stream >= $1");
}

static int64_t retries(struct mailroom *m)
{
    return office_count(&m->office, "SELECT count(*) FROM retry WHERE stream >= $1");
}

/* What the counters say of a state, summed over streams. */
static int64_t counted(struct mailroom *m, const char *state)
{
    bool found;
    int64_t n = 0;

    assert_true(db_find_int(m->office.db, &m->office.err, &found, &n,
                            "SELECT coalesce(sum(n), 0) FROM counter WHERE scope = 'stream' "
                            "AND state = $1",
                            db_string(state)));
    return n;
}

static void a_delivered_mail_leaves_lane_and_queue(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);
    struct delivery_row row;

    assert_int_equal(waiting(m), 1);
    assert_int_equal(counted(m, "queued"), 1);
    assert_int_equal(mailroom_send(m, id, accepted).state, DELIVERY_DELIVERED);
    row = mailroom_row(m, id);
    assert_int_equal(row.attempts, 1);
    assert_int_equal(row.ended_at, m->office.now_ms);
    assert_string_equal(row.reason, "accepted");
    assert_string_equal(row.text, "queued as 17");
    assert_int_equal(waiting(m), 0);
    assert_int_equal(retries(m), 0);
    assert_int_equal(counted(m, "queued"), 0);
    assert_int_equal(counted(m, "sending"), 0);
    assert_int_equal(counted(m, "delivered"), 1);
    assert_int_equal(office_count(&m->office, "SELECT count(*) FROM attempt WHERE intent > $1"), 1);
}

static void a_deferred_mail_waits_by_the_schedule(void **state)
{
    struct mailroom *m = *state;
    int64_t start = m->office.now_ms;
    int64_t id = mailroom_make(m);
    struct outcome_recorded recorded = mailroom_record(m, id, no_leave, later);

    assert_int_equal(recorded.state, DELIVERY_DEFERRED);
    assert_int_equal(recorded.due_at, start + 5 * MAILROOM_MINUTE);
    assert_int_equal(retries(m), 1);
    assert_int_equal(office_count(&m->office, "SELECT next_due FROM lane WHERE stream > $1"),
                     recorded.due_at);
    m->office.now_ms = recorded.due_at;
    recorded = mailroom_send(m, id, later);
    assert_int_equal(recorded.due_at, m->office.now_ms + 15 * MAILROOM_MINUTE);
    assert_int_equal(retries(m), 1);
    assert_int_equal(counted(m, "deferred"), 1);
    assert_int_equal(waiting(m), 1);
    (void)mailroom_send(m, id, accepted);
    assert_int_equal(retries(m), 0);
    assert_int_equal(waiting(m), 0);
    assert_int_equal(counted(m, "deferred"), 0);
}

static void greylisting_has_a_schedule_of_its_own(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);
    struct outcome_recorded recorded;

    m->retry[0] = MAILROOM_HOUR;
    recorded = mailroom_record(m, id, no_leave, greylisted);
    assert_int_equal(recorded.due_at, m->office.now_ms + 5 * MAILROOM_MINUTE);
    recorded = mailroom_record(m, id, no_leave, greylisted);
    assert_int_equal(recorded.due_at, m->office.now_ms + 15 * MAILROOM_MINUTE);
}

static void only_an_unknown_user_suppresses(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);

    (void)mailroom_send(m, id, refused);
    assert_string_equal(mailroom_row(m, id).reason, "refused");
    assert_int_equal(office_count(&m->office, "SELECT count(*) FROM suppression WHERE at > $1"), 0);
    id = mailroom_make(m);
    (void)mailroom_record(m, id, no_leave, unknown_user);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_FAILED);
    assert_string_equal(mailroom_row(m, id).reason, "unknown_user");
    assert_int_equal(office_count(&m->office, "SELECT count(*) FROM suppression WHERE at > $1 "
                                              "AND target = 'ann@example.net' AND origin = 'smtp' "
                                              "AND reason = 'unknown user'"),
                     1);
}

static void a_full_mailbox_has_a_schedule_of_its_own_whatever_its_code(void **state)
{
    static const struct outcome full = { .class = OUTCOME_RETRY,
                                         .scope = SCOPE_RECIPIENT,
                                         .kind = REFUSAL_MAILBOX_FULL,
                                         .stage = "rcpt",
                                         .code = 552 };
    struct mailroom *m = *state;
    int64_t schedule[] = { 2 * MAILROOM_HOUR, 12 * MAILROOM_HOUR };
    int64_t id = mailroom_make(m);

    m->office.settings.full_retry = (struct duration_list){ schedule, 2 };
    assert_int_equal(mailroom_record(m, id, no_leave, full).due_at,
                     m->office.now_ms + 2 * MAILROOM_HOUR);
    assert_string_equal(mailroom_row(m, id).reason, "mailbox_full");
    assert_int_equal(mailroom_record(m, id, no_leave, full).due_at,
                     m->office.now_ms + 12 * MAILROOM_HOUR);
}

static void where_no_host_is_reached_a_mail_waits_by_a_schedule_of_its_own(void **state)
{
    static const struct outcome nobody = {
        .class = OUTCOME_RETRY, .scope = SCOPE_HOST, .local = true, .stage = "connect"
    };
    struct mailroom *m = *state;
    int64_t schedule[] = { 3 * MAILROOM_MINUTE };

    m->office.settings.unreachable_retry = (struct duration_list){ schedule, 1 };
    assert_int_equal(mailroom_record(m, mailroom_make(m), no_leave, nobody).due_at,
                     m->office.now_ms + 3 * MAILROOM_MINUTE);
}

static int64_t suppressions(struct mailroom *m)
{
    return office_count(&m->office, "SELECT count(*) FROM suppression WHERE at > $1 "
                                    "AND target = 'ann@example.net' AND reason = 'bounced'");
}

static void other_refusals_of_the_address_suppress_by_their_number(void **state)
{
    static const struct outcome disabled = { .class = OUTCOME_FAILED,
                                             .scope = SCOPE_RECIPIENT,
                                             .kind = REFUSAL_MAILBOX_DISABLED,
                                             .stage = "rcpt",
                                             .code = 550 };
    struct mailroom *m = *state;

    m->office.settings.hard_refusals = 3;
    m->office.settings.hard_refusal_time = 24 * MAILROOM_HOUR;
    (void)mailroom_record(m, mailroom_make(m), no_leave, disabled);
    m->office.now_ms += 25 * MAILROOM_HOUR; /* too long ago to count */
    for (int i = 0; i < 2; i++)
        (void)mailroom_record(m, mailroom_make(m), no_leave, disabled);
    assert_int_equal(suppressions(m), 0);
    (void)mailroom_record(m, mailroom_make(m), no_leave, disabled);
    assert_int_equal(suppressions(m), 1);
}

static void refusals_of_ours_never_count_against_the_address(void **state)
{
    static const enum refusal_kind ours[] = { REFUSAL_BLOCKED,        REFUSAL_REPUTATION,
                                              REFUSAL_AUTHENTICATION, REFUSAL_CONTENT,
                                              REFUSAL_POLICY,         REFUSAL_RELAYING,
                                              REFUSAL_TOO_LARGE,      REFUSAL_NONE };
    struct mailroom *m = *state;

    m->office.settings.hard_refusals = 1;
    m->office.settings.hard_refusal_time = 24 * MAILROOM_HOUR;
    for (size_t i = 0; i < ARRAY_LENGTH(ours); i++) {
        struct outcome outcome = refused;

        outcome.kind = ours[i];
        (void)mailroom_record(m, mailroom_make(m), no_leave, outcome);
    }
    assert_int_equal(office_count(&m->office, "SELECT count(*) FROM suppression WHERE at > $1"), 0);
}

static void what_came_of_an_erased_delivery_is_let_go(void **state)
{
    struct mailroom *m = *state;
    struct outcome_recorded recorded = mailroom_record(m, 4711, no_leave, unknown_user);

    assert_int_equal(recorded.state, DELIVERY_CANCELLED);
    assert_int_equal(office_count(&m->office, "SELECT count(*) FROM attempt WHERE at > $1"), 0);
    assert_int_equal(office_count(&m->office, "SELECT count(*) FROM suppression WHERE at > $1"), 0);
}

static void a_redirected_mail_suppresses_nobody(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);

    m->office.settings.deliver = DELIVER_REDIRECT;
    (void)mailroom_record(m, id, no_leave, unknown_user);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_FAILED);
    assert_int_equal(office_count(&m->office, "SELECT count(*) FROM suppression WHERE at > $1"), 0);
}

static void doubt_is_resolved_by_two_resends_and_then_by_hand(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);
    struct outcome_recorded recorded;

    for (int i = 0; i < OUTCOME_RESENDS_MOST; i++) {
        recorded = mailroom_send(m, id, silence);
        assert_int_equal(recorded.state, DELIVERY_IN_DOUBT);
        assert_true(recorded.due_at >= m->office.now_ms + 5 * MAILROOM_MINUTE);
        assert_int_equal(retries(m), 1);
        m->office.now_ms = recorded.due_at;
    }
    recorded = mailroom_send(m, id, silence);
    assert_int_equal(recorded.state, DELIVERY_HELD);
    assert_string_equal(mailroom_row(m, id).reason, "in_doubt");
    assert_int_equal(mailroom_row(m, id).doubts, 3);
    assert_int_equal(retries(m), 0);
    assert_int_equal(waiting(m), 1);
    assert_int_equal(counted(m, "held"), 1);
    assert_int_equal(counted(m, "in_doubt"), 0);
}

static void a_mailout_in_doubt_is_left_to_the_operator_at_once(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_MAILOUTS });

    assert_int_equal(mailroom_send(m, id, silence).state, DELIVERY_HELD);
}

static void a_copy_that_is_put_off_leaves_an_earlier_doubt(void **state)
{
    struct mailroom *m = *state;
    const struct delivery_part part = { .thread = 7, .from_seq = 3, .to_seq = 4, .why = 1 };
    int64_t id = mailroom_make(m);
    bool folded = true;

    (void)mailroom_send(m, id, silence);
    assert_int_equal(mailroom_record(m, id, no_leave, later).state, DELIVERY_IN_DOUBT);
    assert_int_equal(mailroom_row(m, id).doubts, 1);
    MAILROOM_DO(m, delivery_fold(m->office.db, id, &part, &folded, &m->office.err));
    assert_false(folded);
    assert_int_equal(mailroom_send(m, id, later).state, DELIVERY_IN_DOUBT);
    assert_int_equal(mailroom_row(m, id).doubts, 1);
    MAILROOM_DO(m, delivery_fold(m->office.db, id, &part, &folded, &m->office.err));
    assert_false(folded);
    (void)mailroom_send(m, id, silence);
    assert_int_equal(mailroom_row(m, id).doubts, 2);
}

static void what_an_order_resends_goes_on_by_itself_when_put_off(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_MAILOUTS });
    const struct delivery_change order = { .to = DELIVERY_IN_DOUBT, .due_at = m->office.now_ms };
    struct delivery_row row;
    bool done;

    (void)mailroom_send(m, id, silence);
    row = mailroom_row(m, id);
    MAILROOM_DO(m, delivery_transition(m->office.db, &row, &order, &done, &m->office.err));
    assert_int_equal(mailroom_record(m, id, no_leave, later).state, DELIVERY_IN_DOUBT);
    assert_int_equal(mailroom_send(m, id, later).state, DELIVERY_IN_DOUBT);
    assert_int_equal(mailroom_send(m, id, silence).state, DELIVERY_HELD);
    assert_int_equal(mailroom_row(m, id).doubts, 2);
}

static void what_was_ended_meanwhile_stays_ended(void **state)
{
    const struct delivery_change cancel = { .to = DELIVERY_CANCELLED, .reason = "by hand" };
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);
    struct delivery_row row = mailroom_row(m, id);
    bool done;

    MAILROOM_DO(m, delivery_transition(m->office.db, &row, &cancel, &done, &m->office.err));
    assert_int_equal(mailroom_record(m, id, no_leave, later).state, DELIVERY_CANCELLED);
    assert_int_equal(office_count(&m->office, "SELECT count(*) FROM attempt WHERE id > $1"), 1);
    assert_int_equal(retries(m), 0);
}

static void a_fold_during_the_envelope_does_not_lose_the_answer(void **state)
{
    struct mailroom *m = *state;
    const struct delivery_part part = { .thread = 7, .from_seq = 3, .to_seq = 4, .why = 1 };
    int64_t id = mailroom_make(m);
    bool folded;

    MAILROOM_DO(m, delivery_fold(m->office.db, id, &part, &folded, &m->office.err));
    assert_int_equal(mailroom_record(m, id, no_leave, later).state, DELIVERY_DEFERRED);
}

static void nothing_is_tried_again_after_its_end(void **state)
{
    struct mailroom *m = *state;
    int64_t deadline = m->office.now_ms + MAILROOM_MINUTE;
    int64_t id = mailroom_make_as(
        m, (struct delivery_new){ .stream = STREAM_NOTICES, .deadline = deadline });

    assert_int_equal(mailroom_record(m, id, no_leave, later).due_at, deadline);
}

static void a_daemon_that_died_after_the_grant_leaves_doubt(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);
    struct leave_answer leave;

    mailroom_compose(m, id);
    leave = mailroom_ask(m);
    MAILROOM_DO(m, outcome_record_lost(m->office.db, id, leave.intent, &m->office.settings,
                                       m->office.now_ms, &m->office.err));
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_IN_DOUBT);
    assert_int_equal(retries(m), 1);
}

static struct outcome_recorded end(struct mailroom *m, bool *ret_stale)
{
    const struct outcome_end end = { &m->letter, &m->office.settings, m->office.now_ms };
    struct outcome_recorded recorded = { .due_at = 0 };

    MAILROOM_DO(m, outcome_record_end(m->office.db, &end, &recorded, ret_stale, &m->office.err));
    return recorded;
}

static void a_letter_without_content_ends_the_delivery(void **state)
{
    static const struct {
        enum letter_verdict verdict;
        const char *reason;
        enum delivery_state state;
    } cases[] = {
        { LETTER_NOTHING, "undone", DELIVERY_CANCELLED },
        { LETTER_FORBIDDEN, "muted", DELIVERY_CANCELLED },
        { LETTER_FORBIDDEN, "unsubscribed", DELIVERY_SUPPRESSED },
        { LETTER_FORBIDDEN, "suppressed", DELIVERY_SUPPRESSED },
        { LETTER_BROKEN, "template", DELIVERY_HELD },
    };
    struct mailroom *m = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        int64_t id = mailroom_make(m);
        bool stale = true;

        mailroom_compose(m, id);
        m->letter.verdict = cases[i].verdict;
        span_copy(span_of(cases[i].reason), m->letter.reason, sizeof m->letter.reason);
        (void)end(m, &stale);
        assert_false(stale);
        assert_int_equal(mailroom_row(m, id).state, cases[i].state);
        assert_string_equal(mailroom_row(m, id).reason, cases[i].reason);
    }
}

static void what_is_to_wait_waits_without_a_try_and_not_for_ever(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);
    int64_t began = m->office.now_ms;
    bool stale = true;

    mailroom_compose(m, id);
    m->letter.verdict = LETTER_WAITS;
    m->letter.wait_until = began + MAILROOM_HOUR;
    span_copy(SPAN("put_off"), m->letter.reason, sizeof m->letter.reason);
    assert_int_equal(end(m, &stale).due_at, began + MAILROOM_HOUR);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_DEFERRED);
    assert_int_equal(mailroom_row(m, id).attempts, 0);
    mailroom_compose(m, id);
    m->letter.verdict = LETTER_WAITS;
    m->letter.wait_until = began + 100 * MAILROOM_HOUR;
    assert_true(end(m, &stale).due_at < began + 49 * MAILROOM_HOUR);
    m->office.now_ms += 50 * MAILROOM_HOUR;
    mailroom_compose(m, id);
    m->letter.verdict = LETTER_WAITS;
    assert_int_equal(end(m, &stale).state, DELIVERY_EXPIRED);
}

static void a_verdict_on_what_was_folded_meanwhile_is_stale(void **state)
{
    struct mailroom *m = *state;
    const struct delivery_part part = { .thread = 7, .from_seq = 3, .to_seq = 4, .why = 1 };
    int64_t id = mailroom_make(m);
    bool folded;
    bool stale = false;

    mailroom_compose(m, id);
    m->letter.verdict = LETTER_NOTHING;
    MAILROOM_DO(m, delivery_fold(m->office.db, id, &part, &folded, &m->office.err));
    (void)end(m, &stale);
    assert_true(stale);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_QUEUED);
}

static void a_scheduled_mail_waits_for_its_time(void **state)
{
    struct mailroom *m = *state;
    int64_t id =
        mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_MAILOUTS,
                                                   .due_at = m->office.now_ms + MAILROOM_HOUR });
    struct delivery_row row = mailroom_row(m, id);

    assert_true(delivery_has_retry_row(&row));
    assert_int_equal(retries(m), 1);
    m->office.now_ms += MAILROOM_HOUR;
    (void)mailroom_send(m, id, accepted);
    assert_int_equal(retries(m), 0);
}

static void message_ids_are_stable_distinct_and_ours(void **state)
{
    struct mailroom *m = *state;
    struct delivery_row first = mailroom_row(m, mailroom_make(m));
    struct delivery_row second = mailroom_row(m, mailroom_make(m));

    assert_true(span_ends(span_of(first.message_id), SPAN("@example.org")));
    assert_string_not_equal(first.message_id, second.message_id);
    assert_true(strlen(first.message_id) > 16 + strlen("1.@example.org") - 1);
}

/* A mail without Message-ID is none: one that no header field takes is not made. */
static void a_message_id_too_long_for_its_field_is_refused(void **state)
{
    struct mailroom *m = *state;
    char domain[260];
    bool any_refused = false;

    for (size_t n = 200; n < 250; n++) {
        struct delivery_new made = { .stream = STREAM_NOTICES,
                                     .address = SPAN("ann@example.net"),
                                     .normal = SPAN("ann@example.net"),
                                     .domain = SPAN("example.net"),
                                     .cause = CAUSE_THREAD,
                                     .message_domain = domain,
                                     .message_key = m->key };
        struct delivery_row row;
        char field[400];
        int64_t id;

        memset(domain, 'a', n);
        domain[n] = '\0';
        assert_true(db_begin(m->office.db, &m->office.err));
        if (!delivery_make(m->office.db, &made, &id, &m->office.err)) {
            assert_int_equal(m->office.err.kind, ERROR_LIMIT);
            db_rollback(m->office.db);
            any_refused = true;
            continue;
        }
        row = mailroom_row(m, id);
        assert_true(db_commit(m->office.db, &m->office.err));
        (void)snprintf(field, sizeof field, "<%s>", row.message_id);
        assert_true(message_id_is_valid(span_of(field)));
    }
    assert_true(any_refused);
}

/* Two hands that move one delivery are a fault: what a debug build does about it. */
static void a_stale_transition_aborts_a_debug_build(void **state)
{
    const struct delivery_change defer = { .to = DELIVERY_DEFERRED, .due_at = INT64_MAX / 2 };
    struct mailroom *m = *state;
    struct delivery_row row = mailroom_row(m, mailroom_make(m));
    pid_t child;
    int status;
    bool done;

    row.epoch++;
    child = fork();
    if (child == 0) {
        (void)!freopen("/dev/null", "w", stderr);
        _exit(delivery_transition(m->office.db, &row, &defer, &done, &m->office.err));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void a_forbidden_transition_is_refused(void **state)
{
    const struct delivery_change requeue = { .to = DELIVERY_QUEUED };
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);
    struct delivery_row row;
    bool done;

    (void)mailroom_send(m, id, accepted);
    row = mailroom_row(m, id);
    assert_false(delivery_transition(m->office.db, &row, &requeue, &done, &m->office.err));
    assert_int_equal(m->office.err.kind, ERROR_CONFLICT);
    assert_int_equal(mailroom_row(m, id).state, DELIVERY_DELIVERED);
}

#define STORY(test) cmocka_unit_test_setup_teardown(test, mailroom_setup, mailroom_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_delivered_mail_leaves_lane_and_queue),
        STORY(a_deferred_mail_waits_by_the_schedule),
        STORY(greylisting_has_a_schedule_of_its_own),
        STORY(only_an_unknown_user_suppresses),
        STORY(a_full_mailbox_has_a_schedule_of_its_own_whatever_its_code),
        STORY(where_no_host_is_reached_a_mail_waits_by_a_schedule_of_its_own),
        STORY(other_refusals_of_the_address_suppress_by_their_number),
        STORY(refusals_of_ours_never_count_against_the_address),
        STORY(what_came_of_an_erased_delivery_is_let_go),
        STORY(a_redirected_mail_suppresses_nobody),
        STORY(doubt_is_resolved_by_two_resends_and_then_by_hand),
        STORY(a_mailout_in_doubt_is_left_to_the_operator_at_once),
        STORY(a_copy_that_is_put_off_leaves_an_earlier_doubt),
        STORY(what_an_order_resends_goes_on_by_itself_when_put_off),
        STORY(what_was_ended_meanwhile_stays_ended),
        STORY(a_fold_during_the_envelope_does_not_lose_the_answer),
        STORY(nothing_is_tried_again_after_its_end),
        STORY(a_daemon_that_died_after_the_grant_leaves_doubt),
        STORY(a_letter_without_content_ends_the_delivery),
        STORY(what_is_to_wait_waits_without_a_try_and_not_for_ever),
        STORY(a_verdict_on_what_was_folded_meanwhile_is_stale),
        STORY(a_scheduled_mail_waits_for_its_time),
        STORY(message_ids_are_stable_distinct_and_ours),
        STORY(a_message_id_too_long_for_its_field_is_refused),
        STORY(a_stale_transition_aborts_a_debug_build),
        STORY(a_forbidden_transition_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
