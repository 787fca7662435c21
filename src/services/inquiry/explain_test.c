/*
 * Mail brought into each state by the hands that do it in the daemon, then explained.
 */
#include "services/inquiry/explain.h"

#include "store/domain.h"
#include "store/lane.h"
#include "store/notice.h"
#include "store/site.h"
#include "store/store_lock.h"
#include "store/suppression.h"
#include "tests/support/mailroom.h"

static void explain(struct mailroom *m, int64_t id)
{
    char args[60];

    (void)snprintf(args, sizeof args, "{\"delivery\": %lld}", (long long)id);
    (void)office_ask(&m->office, explain_show, args);
}

/* One of the answer's sentences holds the words. */
static void expect_words(struct mailroom *m, const char *words)
{
    json_t *sentences = office_get(&m->office, "sentences");
    json_t *sentence;
    size_t i;

    json_array_foreach (sentences, i, sentence)
        if (strstr(json_string_value(sentence), words) != NULL)
            return;
    fail_msg("no sentence has \"%s\": %s", words, json_dumps(sentences, JSON_INDENT(1)));
}

static void expect_wait(struct mailroom *m, const char *waits_for, const char *until)
{
    office_expect(&m->office, "waits_for", waits_for);
    if (until != NULL)
        office_expect(&m->office, "until", until);
    else
        assert_null(json_object_get(m->office.answer, "until"));
}

static struct store_lock *run_daemon(struct mailroom *m)
{
    struct store_lock *lock = NULL;

    if (!store_lock_take(m->office.settings.database, STORE_LOCK_DAEMON, &lock, &m->office.err))
        fail_msg("%s", m->office.err.text);
    return lock;
}

static struct outcome outcome_of(enum outcome_class class, int code, const char *text)
{
    struct outcome outcome = { .class = class, .stage = "RCPT", .code = code };

    (void)snprintf(outcome.text, sizeof outcome.text, "%s", text);
    return outcome;
}

static void a_fresh_mail_waits_for_its_turn_or_a_daemon(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);
    struct store_lock *lock;

    (void)mailroom_make(m);
    explain(m, id);
    expect_wait(m, "daemon", NULL);
    expect_words(m, "No daemon runs on this store");
    expect_words(m, "not tried yet");
    assert_false(json_is_true(office_get(&m->office, "daemon.running")));

    lock = run_daemon(m);
    explain(m, id);
    store_lock_release(lock);
    expect_wait(m, "turn", NULL);
    office_expect_number(&m->office, "lane.waiting", 2);
    expect_words(m, "2 mails of the stream notices to example.net in all wait");
    expect_words(m, "given up at 2026-09-23T14:13:20Z (in 2d), 2d after it was first due");
}

static void a_scheduled_mail_says_when_it_is_due(void **state)
{
    struct mailroom *m = *state;
    int64_t id =
        mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_NOTICES,
                                                   .due_at = OFFICE_START + MAILROOM_HOUR,
                                                   .deadline = OFFICE_START + 2 * MAILROOM_HOUR });

    explain(m, id);
    expect_wait(m, "due", "2026-09-21T15:13:20.000Z");
    expect_words(m, "not due before 2026-09-21T15:13:20Z (in 1h)");
    expect_words(m, "(in 2h), its deadline");
}

static void a_deferred_mail_says_when_and_why(void **state)
{
    struct mailroom *m = *state;
    struct outcome busy = outcome_of(OUTCOME_RETRY, 452, "mailbox full");
    int64_t id = mailroom_make(m);

    (void)snprintf(busy.status, sizeof busy.status, "4.2.2");
    (void)mailroom_send(m, id, busy);
    explain(m, id);
    expect_wait(m, "retry", "2026-09-21T14:18:20.000Z");
    expect_words(m, "is deferred, tried 1 time.");
    expect_words(m, "with mx.example.net [192.0.2.1], ended at RCPT; the server said: 452 4.2.2 "
                    "mailbox full");
    expect_words(m, "tried again at 2026-09-21T14:18:20Z (in 5m)");
    office_expect_number(&m->office, "last_try.code", 452);
}

static void a_greylisted_mail_says_so(void **state)
{
    struct mailroom *m = *state;
    struct outcome grey = outcome_of(OUTCOME_RETRY, 450, "greylisted");
    int64_t id = mailroom_make(m);

    grey.kind = REFUSAL_GREYLISTED;
    (void)mailroom_send(m, id, grey);
    explain(m, id);
    expect_wait(m, "greylisting", "2026-09-21T14:18:20.000Z");
    expect_words(m, "from the same source");
}

static void a_sleeping_domain_is_named_with_its_words(void **state)
{
    struct mailroom *m = *state;
    const struct domain_note note = { .name = SPAN("example.net"),
                                      .failures = 4,
                                      .asleep_until = OFFICE_START + 10 * MAILROOM_MINUTE,
                                      .text = SPAN("connection \x1b[2J refused"),
                                      .seen_at = OFFICE_START };
    int64_t fresh = mailroom_make(m);
    int64_t later =
        mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_NOTICES,
                                                   .due_at = OFFICE_START + 20 * MAILROOM_MINUTE });

    MAILROOM_DO(m, domain_note(m->office.db, &note, &m->office.err));
    explain(m, fresh);
    expect_wait(m, "domain", "2026-09-21T14:23:20.000Z");
    expect_words(m, "example.net is left alone since 2026-09-21T14:13:20Z until "
                    "2026-09-21T14:23:20Z (in 10m): the last 4 tries "
                    "failed (connection \\x1B[2J refused)");
    office_expect_number(&m->office, "domain.failures", 4);
    explain(m, later); /* by then it is awake */
    expect_wait(m, "due", "2026-09-21T14:33:20.000Z");
}

static void know_site(struct mailroom *m)
{
    static const struct lane_key notices = { STREAM_NOTICES, 0, { "example.net", 11 } };
    const struct lane_progress sited = { .site = SPAN("mx.example.net") };

    MAILROOM_DO(m, lane_progress_put(m->office.db, &notices, &sited, &m->office.err));
    MAILROOM_DO(m, site_met(m->office.db, SPAN("mx.example.net"), OFFICE_START, &m->office.err));
}

static void stop_site(struct mailroom *m, enum stream_id stream, int64_t for_ms)
{
    const struct site_stop stop = { stream, LIMIT_OF_SERVER, OFFICE_START, OFFICE_START + for_ms,
                                    SPAN("too much from you") };

    MAILROOM_DO(m, site_stop_put(m->office.db, SPAN("mx.example.net"), &stop, &m->office.err));
}

static void stop_domain(struct mailroom *m)
{
    const struct site_stop stop = { STREAM_NOTICES, LIMIT_OF_SERVER, OFFICE_START,
                                    OFFICE_START + 2 * MAILROOM_HOUR, SPAN("you are blocked") };

    MAILROOM_DO(m, domain_stop_put(m->office.db, SPAN("example.net"), &stop, &m->office.err));
}

static void limit_site(struct mailroom *m)
{
    const struct site_limit_new limit = { .kind = LIMIT_MAILS,
                                          .origin = LIMIT_LEARNED,
                                          .value = 20,
                                          .since = OFFICE_START,
                                          .until = OFFICE_START + MAILROOM_HOUR,
                                          .words = SPAN("too much from you") };

    MAILROOM_DO(m, site_limit_put(m->office.db, SPAN("mx.example.net"), &limit, &m->office.err));
}

static void what_a_site_wants_is_told_in_its_words(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);
    struct store_lock *lock = run_daemon(m);

    know_site(m);
    limit_site(m);
    stop_site(m, STREAM_URGENT, MAILROOM_HOUR); /* another stream */
    explain(m, id);
    expect_wait(m, "turn", NULL);
    expect_words(m, "The servers of mx.example.net bear at most 20 mails a minute, as was learned "
                    "since 2026-09-21T14:13:20Z, until 2026-09-21T15:13:20Z (in 1h) (too much from "
                    "you).");
    office_expect(&m->office, "lane.site", "mx.example.net");
    assert_int_equal(json_array_size(office_get(&m->office, "site_words")), 2);
    stop_site(m, STREAM_NOTICES, 2 * MAILROOM_HOUR);
    explain(m, id);
    store_lock_release(lock);
    expect_wait(m, "site", "2026-09-21T16:13:20.000Z");
    expect_words(m, "take no mail of the stream notices from us; none goes there since "
                    "2026-09-21T14:13:20Z until 2026-09-21T16:13:20Z (in 2h) (too much from you).");
}

static void a_block_of_a_domain_is_told_and_how_to_end_it(void **state)
{
    const struct domain_pause resumed = { .name = SPAN("example.net"), .now_ms = OFFICE_START };
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);
    struct store_lock *lock = run_daemon(m);

    know_site(m);
    stop_domain(m);
    explain(m, id);
    expect_wait(m, "site", "2026-09-21T16:13:20.000Z");
    expect_words(m,
                 "example.net takes no mail of the stream notices from us; none goes there since "
                 "2026-09-21T14:13:20Z until 2026-09-21T16:13:20Z (in 2h) (you are blocked).");
    expect_words(m, "`postroom domain set example.net --resume` lets it go on.");
    MAILROOM_DO(m, domain_pause(m->office.db, &resumed, &m->office.err));
    explain(m, id);
    store_lock_release(lock);
    expect_wait(m, "turn", NULL);
}

static void a_site_that_is_paused_is_said_to_be(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);
    struct store_lock *lock = run_daemon(m);
    bool changed = false;

    know_site(m);
    stop_site(m, STREAM_NOTICES, MAILROOM_HOUR);
    MAILROOM_DO(m, site_pause(m->office.db, SPAN("mx.example.net"), SPAN("by uid 7: repairs"),
                              OFFICE_START, &changed, &m->office.err));
    explain(m, id);
    store_lock_release(lock);
    expect_wait(m, "site", NULL);
    expect_words(m, "All mail to the servers of mx.example.net is paused since "
                    "2026-09-21T14:13:20Z (by uid 7: repairs).");
    expect_words(m, "`postroom site resume mx.example.net` lets it go on.");
}

static void what_is_being_sent_waits_for_the_answer(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);
    struct store_lock *lock = run_daemon(m);

    mailroom_compose(m, id);
    assert_int_equal(mailroom_ask(m).leave, LEAVE_GRANTED);
    m->office.now_ms += 3000;
    explain(m, id);
    expect_wait(m, "answer", NULL);
    expect_words(m, "is being sent since 2026-09-21T14:13:20Z (3s ago)");
    store_lock_release(lock);
    explain(m, id);
    expect_wait(m, "daemon", NULL);
    expect_words(m, "will be in doubt");
}

static void a_doubtful_mail_says_how_often_it_is_sent_again(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make(m);

    (void)mailroom_send(m, id, outcome_of(OUTCOME_IN_DOUBT, 0, "no answer to the dot"));
    explain(m, id);
    expect_wait(m, "doubt", "2026-09-21T14:18:20.000Z");
    expect_words(m, "is in doubt");
    expect_words(m, "sent again at most 2 times, 0 so far; then it is held");
}

static void mail_that_is_held_names_the_reason(void **state)
{
    struct mailroom *m = *state;
    int64_t id = mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_MAILOUTS });

    (void)mailroom_send(m, id, outcome_of(OUTCOME_IN_DOUBT, 0, "no answer to the dot"));
    explain(m, id);
    expect_wait(m, "operator", NULL);
    expect_words(m, "is held, tried 1 time (in_doubt): may have arrived");
    expect_words(m, "`postroom queue resolve` takes it for delivered or sends it again");
}

static void the_end_is_told_with_the_last_words(void **state)
{
    struct mailroom *m = *state;
    int64_t good = mailroom_make(m);
    int64_t bad = mailroom_make(m);
    struct outcome unknown = outcome_of(OUTCOME_FAILED, 550, "no such user");

    (void)mailroom_send(m, good, outcome_of(OUTCOME_DELIVERED, 250, "queued as ABC"));
    explain(m, good);
    assert_null(json_object_get(m->office.answer, "waits_for"));
    assert_null(json_object_get(m->office.answer, "gives_up"));
    expect_words(m, "was delivered at 2026-09-21T14:13:20Z with mx.example.net [192.0.2.1], tried "
                    "1 time (accepted): queued as ABC");

    (void)mailroom_send(m, bad, unknown);
    explain(m, bad);
    expect_words(m,
                 "failed for good at 2026-09-21T14:13:20Z, tried 1 time (refused): no such user");
}

static void what_will_end_unsent_says_so(void **state)
{
    struct mailroom *m = *state;
    const struct suppression s = { .target = SPAN("@example.net"),
                                   .scope = SPAN("*"),
                                   .reason = SPAN("objection"),
                                   .origin = SPAN("test") };
    int64_t id = mailroom_make(m);

    m->office.now_ms += 49 * MAILROOM_HOUR;
    explain(m, id);
    expect_wait(m, "end", NULL);
    expect_words(m, "Its time is over");
    m->office.now_ms = OFFICE_START;
    MAILROOM_DO(m, suppression_put(m->office.db, &s, &m->office.err));
    explain(m, id);
    expect_wait(m, "end", NULL);
    expect_words(m, "ann@example.net is suppressed by now (objection)");
    office_expect(&m->office, "suppressed_by", "objection");
}

static void add_thread(struct mailroom *m)
{
    MAILROOM_DO(m, db_run(m->office.db, &m->office.err,
                          SQL("INSERT INTO person (id, key, made_at) VALUES (5, 'ann', $1)"),
                          db_int(1)));
    MAILROOM_DO(m, db_run(m->office.db, &m->office.err,
                          SQL("INSERT INTO topic (id, key, kind, made_at) "
                              "VALUES (7, 'issue/12', 'issue', $1)"),
                          db_int(1)));
}

static void add_event(struct mailroom *m, int64_t seq)
{
    MAILROOM_DO(m, db_run(m->office.db, &m->office.err,
                          SQL("INSERT INTO event (id, seq, digest, topic, thread, kind, kind_bit, "
                              "at, taken_at) VALUES ($1, $1, x'00', 7, 7, 'commented', 0, 1, 1)"),
                          db_int(seq)));
}

static void what_is_collected_is_told_by_person_and_topic(void **state)
{
    static const char *const asked = "{\"person\": \"ann\", \"topic\": \"issue/12\"}";
    struct mailroom *m = *state;
    const struct notice notice = {
        .person = 5, .thread = 7, .first_seq = 3, .due_at = OFFICE_START + 2 * MAILROOM_MINUTE
    };
    int64_t id;

    add_thread(m);
    office_refuse(&m->office, explain_show, asked, "nothing waits to tell ann of issue/12");
    add_event(m, 3);
    (void)office_ask(&m->office, explain_show, asked);
    expect_wait(m, "fan_out", NULL);
    expect_words(m, "Events of issue/12 are not fanned out yet: whether ann is told");
    expect_words(m, "No daemon runs");
    MAILROOM_DO(m, notice_put(m->office.db, &notice, &m->office.err));
    (void)office_ask(&m->office, explain_show, asked);
    expect_wait(m, "window", "2026-09-21T14:15:20.000Z");
    expect_words(m, "No mail is made yet: events of issue/12 are collected until "
                    "2026-09-21T14:15:20Z (in 2m), then ann is told of all of them.");

    id = mailroom_make_as(
        m, (struct delivery_new){ .stream = STREAM_NOTICES, .person = 5, .cause_id = 7 });
    MAILROOM_DO(m, heard_made(m->office.db, 5, 7, id, 2, &m->office.err));
    MAILROOM_DO(m, notice_park(m->office.db, &notice, &m->office.err));
    (void)office_ask(&m->office, explain_show, asked);
    office_expect_number(&m->office, "delivery", id);
    expect_words(m, "Newer events of issue/12 wait for this mail to end");
}

static void a_question_about_nothing_is_refused(void **state)
{
    struct mailroom *m = *state;

    office_refuse(&m->office, explain_show, "{\"delivery\": 99}", "there is no delivery 99");
    office_refuse(&m->office, explain_show, "{\"delivery\": \"x\"}", "delivery");
    office_refuse(&m->office, explain_show, "{}", "person");
    office_refuse(&m->office, explain_show, "{\"mail\": 1}", "mail");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, mailroom_setup, mailroom_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_fresh_mail_waits_for_its_turn_or_a_daemon),
        STORY(a_scheduled_mail_says_when_it_is_due),
        STORY(a_deferred_mail_says_when_and_why),
        STORY(a_greylisted_mail_says_so),
        STORY(a_sleeping_domain_is_named_with_its_words),
        STORY(what_a_site_wants_is_told_in_its_words),
        STORY(a_block_of_a_domain_is_told_and_how_to_end_it),
        STORY(a_site_that_is_paused_is_said_to_be),
        STORY(what_is_being_sent_waits_for_the_answer),
        STORY(a_doubtful_mail_says_how_often_it_is_sent_again),
        STORY(mail_that_is_held_names_the_reason),
        STORY(the_end_is_told_with_the_last_words),
        STORY(what_will_end_unsent_says_so),
        STORY(what_is_collected_is_told_by_person_and_topic),
        STORY(a_question_about_nothing_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
