/*
 * From events to mails: windows, folding, waiting, what stays owed, what is skipped.
 */
#include "domain/watching.h"
#include "services/directory/people.h"
#include "services/directory/watches.h"
#include "store/suppression.h"
#include "tests/watching/road.h"

static int set_up(void **state)
{
    struct office *o;

    (void)office_setup(state);
    o = *state;
    office_ask(o, people_add, "{\"key\": \"ann\", \"address\": \"ann@example.org\"}");
    office_ask(o, watches_set, "{\"person\": \"ann\", \"topic\": \"project/x\"}");
    return 0;
}

#define ISSUE "\"topic\": {\"key\": \"issue/12\", \"parents\": [\"project/x\"]}"
#define COMMENT "{" ISSUE ", \"kind\": \"commented\"}"

static void forty_changes_are_one_mail(void **state)
{
    struct office *o = *state;

    for (int i = 0; i < 40; i++) {
        event(o, COMMENT);
        o->now_ms += 1000;
    }
    assert_int_equal(COUNT(o, "notice", "person = 1"), 1);
    assert_int_equal(NUMBER(o, "due_at", "notice", "person = 1"), OFFICE_START + WINDOW);
    promote(o);
    assert_int_equal(COUNT(o, "delivery", "person = 1"), 0);
    pass(o, 80000);
    assert_int_equal(COUNT(o, "notice", "person = 1"), 0);
    assert_int_equal(COUNT(o, "delivery", "person = 1 AND address = 'ann@example.org'"), 1);
    assert_int_equal(COUNT(o, "delivery_part", "from_seq = 1 AND to_seq = 40"), 1);
    assert_int_equal(COUNT(o, "heard", "made_seq = 40 AND through_seq = 0 AND delivery = 1"), 1);
}

static void deliver_only_leaves_others_out_and_says_so(void **state)
{
    static const char *list[] = { "ben@example.org" };
    struct office *o = *state;

    o->settings.deliver = DELIVER_ONLY;
    o->settings.deliver_only = (struct text_list){ list, 1 };
    office_ask(o, people_add, "{\"key\": \"ben\", \"address\": \"ben@example.org\"}");
    office_ask(o, watches_set, "{\"person\": \"ben\", \"topic\": \"project/x\"}");
    event(o, COMMENT);
    pass(o, WINDOW);
    assert_int_equal(COUNT(o, "delivery_state", "state = 0"), 1);
    assert_int_equal(COUNT(o, "delivery_state JOIN delivery ON id = delivery",
                           "state = 14 AND reason = 'deliver_only' AND person = 1"),
                     1);
    assert_int_equal(NUMBER(o, "sum(waiting)", "lane", "stream = 1"), 1);
    assert_int_equal(COUNT(o, "heard", "person = 1 AND delivery IS NULL AND missed_from = 1"), 1);
}

static void a_replayed_fan_out_writes_nothing(void **state)
{
    struct office *o = *state;

    event(o, COMMENT);
    event(o, COMMENT);
    pass(o, WINDOW);
    assert_true(db_run(o->db, &o->err,
                       SQL("UPDATE event SET fan_state = 0, fan_cursor = 0 WHERE id > $1"),
                       db_int(0)));
    fan_out(o);
    assert_int_equal(COUNT(o, "notice", "person = 1"), 0);
    assert_int_equal(COUNT(o, "event", "fan_state = 2 AND told <= 1"), 2);
}

static void a_silent_event_tells_nobody(void **state)
{
    struct office *o = *state;

    event(o, "{" ISSUE ", \"kind\": \"imported\", \"silent\": true}");
    assert_int_equal(COUNT(o, "notice", "person = 1"), 0);
    assert_int_equal(COUNT(o, "event", "fan_state = 3"), 1);
}

static void an_urgent_event_hurries_what_waits(void **state)
{
    struct office *o = *state;

    event(o, COMMENT);
    o->now_ms += 1000;
    event(o, "{" ISSUE ", \"kind\": \"alarm\", \"urgent\": true}");
    assert_int_equal(COUNT(o, "notice", "urgent = 1"), 1);
    promote(o);
    assert_int_equal(COUNT(o, "delivery", "stream = 0"), 1);
    assert_int_equal(COUNT(o, "delivery_part", "from_seq = 1 AND to_seq = 2"), 1);
}

static void a_watch_has_a_delay_of_its_own(void **state)
{
    struct office *o = *state;

    office_ask(o, watches_set,
               "{\"person\": \"ann\", \"topic\": \"project/x\", \"delay\": \"10m\"}");
    event(o, COMMENT);
    assert_int_equal(NUMBER(o, "due_at", "notice", "person = 1"), OFFICE_START + 600000);
}

static void news_folds_into_a_mail_that_waits(void **state)
{
    struct office *o = *state;

    event(o, COMMENT);
    pass(o, WINDOW);
    event(o, COMMENT);
    pass(o, WINDOW);
    assert_int_equal(COUNT(o, "delivery", "person = 1"), 1);
    assert_int_equal(COUNT(o, "delivery_part", "from_seq = 1 AND to_seq = 2"), 1);
    assert_int_equal(NUMBER(o, "epoch", "delivery_state", "delivery = 1"), 1);
    assert_int_equal(COUNT(o, "heard", "made_seq = 2"), 1);
}

static void news_waits_for_a_mail_under_way(void **state)
{
    struct office *o = *state;

    event(o, COMMENT);
    pass(o, WINDOW);
    move(o, 1, DELIVERY_SENDING);
    event(o, COMMENT);
    pass(o, WINDOW);
    assert_int_equal(COUNT(o, "delivery", "person = 1"), 1);
    assert_int_equal(COUNT(o, "notice", "due_at = 4611686018427387904"), 1);
    move(o, 1, DELIVERY_DELIVERED);
    assert_int_equal(COUNT(o, "heard",
                           "through_seq = 1 AND delivery IS NULL "
                           "AND subject = '[x] It is broken'"),
                     1);
    promote(o);
    assert_int_equal(COUNT(o, "delivery_part", "delivery = 2 AND from_seq = 2 AND to_seq = 2"), 1);
}

static void what_a_failed_mail_was_to_tell_stays_owed(void **state)
{
    struct office *o = *state;

    event(o, COMMENT);
    pass(o, WINDOW);
    deliver(o, 1);
    event(o, COMMENT);
    pass(o, WINDOW);
    move(o, 2, DELIVERY_FAILED);
    assert_int_equal(COUNT(o, "heard", "missed_from = 2 AND through_seq = 1 AND made_seq = 2"), 1);
    event(o, COMMENT);
    pass(o, WINDOW);
    assert_int_equal(COUNT(o, "delivery_part", "delivery = 3 AND from_seq = 2 AND to_seq = 3"), 1);
    deliver(o, 3);
    assert_int_equal(COUNT(o, "heard", "missed_from IS NULL AND through_seq = 3"), 1);
}

/* Passed over is not told: what counts is the last mail that was delivered. */
static void the_next_mail_begins_after_the_last_delivered_one(void **state)
{
    struct office *o = *state;
    struct suppression s = { .target = SPAN("ann@example.org"),
                             .scope = SPAN("*"),
                             .reason = SPAN("bounced"),
                             .origin = SPAN("test"),
                             .at = o->now_ms };
    bool removed;

    event(o, COMMENT);
    pass(o, WINDOW);
    deliver(o, 1);
    event(o, COMMENT);
    assert_true(suppression_put(o->db, &s, &o->err));
    pass(o, WINDOW);
    assert_int_equal(COUNT(o, "heard", "made_seq = 2 AND through_seq = 1"), 1);
    assert_true(suppression_remove(o->db, s.target, s.scope, s.at, &removed, &o->err));
    event(o, COMMENT);
    pass(o, WINDOW);
    assert_int_equal(COUNT(o, "delivery_part", "delivery = 2 AND from_seq = 2 AND to_seq = 3"), 1);
}

static void a_mail_never_tells_of_before_the_watch(void **state)
{
    struct office *o = *state;

    event(o, COMMENT);
    pass(o, WINDOW);
    deliver(o, 1);
    office_ask(o, watches_remove, "{\"person\": \"ann\", \"topic\": \"project/x\"}");
    event(o, COMMENT);
    event(o, COMMENT);
    office_ask(o, watches_set, "{\"person\": \"ann\", \"topic\": \"project/x\"}");
    event(o, COMMENT);
    pass(o, WINDOW);
    assert_int_equal(COUNT(o, "delivery_part", "delivery = 2 AND from_seq = 4 AND to_seq = 4"), 1);
}

static void what_was_addressed_to_somebody_stays_owed_to_them(void **state)
{
    struct office *o = *state;

    office_ask(o, people_add, "{\"person\": \"ben@example.org\"}");
    event(o, "{" ISSUE ", \"kind\": \"commented\", \"to\": [\"ben@example.org\"]}");
    pass(o, WINDOW);
    move(o, 2, DELIVERY_FAILED);
    event(o, COMMENT);
    office_ask(o, watches_set, "{\"person\": \"ben@example.org\", \"topic\": \"issue/12\"}");
    event(o, COMMENT);
    pass(o, WINDOW);
    assert_int_equal(COUNT(o, "delivery_part p JOIN delivery d ON d.id = p.delivery",
                           "d.person = 2 AND p.from_seq = 1 AND p.to_seq = 3"),
                     1);
}

static void who_cannot_be_mailed_any_more_is_skipped_with_the_reason(void **state)
{
    struct office *o = *state;
    struct suppression s = { .scope = SPAN("*"), .origin = SPAN("test"), .at = o->now_ms };

    office_ask(o, people_add, "{\"key\": \"ben\", \"address\": \"ben@example.org\"}");
    office_ask(o, people_add, "{\"key\": \"cid\", \"address\": \"cid@example.org\"}");
    office_ask(o, people_add, "{\"key\": \"dan\"}");
    office_ask(o, people_add, "{\"key\": \"eve\", \"address\": \"eve@example.org\"}");
    office_ask(o, events_add,
               "{" ISSUE ", \"kind\": \"commented\", "
               "\"to\": [\"ben\", \"cid\", \"dan\", \"eve\"]}");
    fan_out(o);
    assert_int_equal(COUNT(o, "notice", "person > 0"), 5);
    office_ask(o, people_set, "{\"person\": \"ben\", \"status\": \"inactive\"}");
    s.target = SPAN("cid@example.org");
    s.reason = SPAN("bounced");
    assert_true(suppression_put(o->db, &s, &o->err));
    s.target = SPAN("eve@example.org");
    s.reason = SPAN("unsubscribed");
    assert_true(suppression_put(o->db, &s, &o->err));
    pass(o, WINDOW);
    assert_int_equal(COUNT(o, "delivery", "person = 1"), 1);
    assert_int_equal(COUNT(o, "delivery", "person > 1"), 0);
    assert_int_equal(COUNT(o, "notice", "person > 0"), 0);
    assert_int_equal(COUNT(o, "skip", "person = 2 AND reason = 'inactive'"), 1);
    assert_int_equal(COUNT(o, "skip", "person = 3 AND reason = 'suppressed'"), 1);
    assert_int_equal(COUNT(o, "skip", "person = 4 AND reason = 'no_address'"), 1);
    assert_int_equal(COUNT(o, "skip", "person = 5 AND reason = 'unsubscribed'"), 1);
    fan_out(o);
    assert_int_equal(COUNT(o, "notice", "person > 0"), 0);
}

static void the_second_address_serves_when_the_first_is_suppressed(void **state)
{
    struct office *o = *state;
    struct suppression s = { .target = SPAN("ann@example.org"),
                             .scope = SPAN("*"),
                             .reason = SPAN("bounced"),
                             .origin = SPAN("test"),
                             .at = o->now_ms };

    office_ask(o, people_set,
               "{\"person\": \"ann\", \"addresses\": [\"ann@example.org\", \"a2@example.org\"]}");
    assert_true(suppression_put(o->db, &s, &o->err));
    event(o, COMMENT);
    pass(o, WINDOW);
    assert_int_equal(COUNT(o, "delivery", "address = 'a2@example.org'"), 1);
}

static void a_mail_has_the_strictest_deadline_and_the_rest_is_told_after(void **state)
{
    struct office *o = *state;

    event(o, "{" ISSUE ", \"kind\": \"offer\", \"deadline\": \"1h\"}");
    event(o, COMMENT);
    pass(o, WINDOW);
    assert_int_equal(NUMBER(o, "deadline", "delivery", "id = 1"), OFFICE_START + 3600000);
    o->now_ms = OFFICE_START + 3600000;
    move(o, 1, DELIVERY_EXPIRED);
    assert_int_equal(COUNT(o, "notice", "first_seq = 2"), 1);
    promote(o);
    assert_int_equal(COUNT(o, "delivery", "id = 2 AND deadline IS NULL"), 1);
    deliver(o, 2);
    assert_int_equal(COUNT(o, "notice", "person = 1"), 0);
}

static void news_that_is_stale_when_it_is_due_is_skipped(void **state)
{
    struct office *o = *state;

    event(o, "{" ISSUE ", \"kind\": \"offer\", \"deadline\": \"1m\"}");
    pass(o, WINDOW);
    assert_int_equal(COUNT(o, "delivery", "id > 0"), 0);
    assert_int_equal(COUNT(o, "skip", "reason = 'expired' AND from_seq = 1"), 1);
    event(o, "{" ISSUE ", \"kind\": \"offer\", \"deadline\": \"2020-01-01T00:00:00Z\"}");
    assert_int_equal(COUNT(o, "notice", "person = 1"), 0);
}

static void news_with_a_deadline_does_not_fold(void **state)
{
    struct office *o = *state;

    event(o, COMMENT);
    pass(o, WINDOW);
    event(o, "{" ISSUE ", \"kind\": \"offer\", \"deadline\": \"1h\"}");
    pass(o, WINDOW);
    assert_int_equal(COUNT(o, "notice", "due_at = 4611686018427387904"), 1);
    deliver(o, 1);
    promote(o);
    assert_int_equal(COUNT(o, "delivery", "id = 2 AND deadline IS NOT NULL"), 1);
}

static void the_law_holds_for_events_as_they_come(void **state)
{
    struct office *o = *state;
    static const struct {
        const char *key;
        const char *more;    /* of the person */
        const char *project; /* watch on the project; NULL: none */
        const char *issue;
        bool told;
        int64_t rank;
    } people[] = {
        { "p1", "", "now", NULL, true, 41 },
        { "p2", "", "now", "now", true, 40 },
        { "p3", "", "now", "mute", false, 0 },
        { "p4", "", "mute", "now", true, 40 },
        { "p5", "", "mute", "mute", false, 0 },
        { "p6", "\"self_notify\": true, ", "now", NULL, true, 41 },
        { "p7", "\"status\": \"inactive\", ", "now", NULL, false, 0 },
        { "p8", "", NULL, NULL, false, 0 },
        { "p9", "", "mute", NULL, true, 1 },
    };
    char args[300];

    for (size_t i = 0; i < ARRAY_LENGTH(people); i++) {
        const char *const topics[] = { "project/x", "issue/12" };
        const char *const modes[] = { people[i].project, people[i].issue };

        (void)snprintf(args, sizeof args, "{%s\"key\": \"%s\"}", people[i].more, people[i].key);
        office_ask(o, people_add, args);
        for (int topic = 0; topic < 2; topic++) {
            (void)snprintf(
                args, sizeof args, "{\"person\": \"%s\", \"topic\": \"%s\", \"mode\": \"%s\"}",
                people[i].key, topics[topic], modes[topic] == NULL ? "now" : modes[topic]);
            if (modes[topic] != NULL)
                office_ask(o, watches_set, args);
        }
    }
    event(o, "{" ISSUE ", \"kind\": \"commented\", \"actor\": \"p6\", "
             "\"to\": [{\"person\": \"p9\", \"reason\": \"assigned\"}]}");
    for (size_t i = 0; i < ARRAY_LENGTH(people); i++) {
        bool found;
        int64_t why = 0;

        assert_true(db_find_int(o->db, &o->err, &found, &why,
                                SQL("SELECT n.why FROM notice n JOIN person p ON p.id = n.person "
                                    "WHERE p.key = $1"),
                                db_string(people[i].key)));
        if (found != people[i].told || (found && why_rank(why) != people[i].rank))
            fail_msg("%s: told %d with rank %lld", people[i].key, found, (long long)why_rank(why));
    }
}

int main(void)
{
#define STORY(test) cmocka_unit_test_setup_teardown(test, set_up, office_teardown)
    const struct CMUnitTest tests[] = {
        STORY(forty_changes_are_one_mail),
        STORY(a_replayed_fan_out_writes_nothing),
        STORY(deliver_only_leaves_others_out_and_says_so),
        STORY(a_silent_event_tells_nobody),
        STORY(an_urgent_event_hurries_what_waits),
        STORY(a_watch_has_a_delay_of_its_own),
        STORY(news_folds_into_a_mail_that_waits),
        STORY(news_waits_for_a_mail_under_way),
        STORY(what_a_failed_mail_was_to_tell_stays_owed),
        STORY(the_next_mail_begins_after_the_last_delivered_one),
        STORY(a_mail_never_tells_of_before_the_watch),
        STORY(what_was_addressed_to_somebody_stays_owed_to_them),
        STORY(who_cannot_be_mailed_any_more_is_skipped_with_the_reason),
        STORY(the_second_address_serves_when_the_first_is_suppressed),
        STORY(a_mail_has_the_strictest_deadline_and_the_rest_is_told_after),
        STORY(news_that_is_stale_when_it_is_due_is_skipped),
        STORY(news_with_a_deadline_does_not_fold),
        STORY(the_law_holds_for_events_as_they_come),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
