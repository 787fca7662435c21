/*
 * Why somebody was or was not told, in each way it can go.
 */
#include "services/inquiry/why.h"

#include "services/directory/people.h"
#include "services/directory/topics.h"
#include "services/directory/watches.h"
#include "store/skip.h"
#include "store/suppression.h"
#include "tests/watching/road.h"

#define ISSUE "\"topic\": {\"key\": \"issue/12\", \"parents\": [\"project/x\"]}"
#define COMMENT "{" ISSUE ", \"kind\": \"commented\"}"

static int set_up(void **state)
{
    struct office *o;

    (void)office_setup(state);
    o = *state;
    office_ask(o, people_add, "{\"key\": \"ann\", \"address\": \"ann@example.org\"}");
    office_ask(o, people_add, "{\"key\": \"ben\", \"address\": \"ben@example.org\"}");
    office_ask(o, watches_set, "{\"person\": \"ann\", \"topic\": \"project/x\"}");
    return 0;
}

static bool says(struct office *o, const char *words)
{
    const json_t *sentences = office_get(o, "sentences");

    for (size_t i = 0; i < json_array_size(sentences); i++)
        if (strstr(json_string_value(json_array_get(sentences, i)), words) != NULL)
            return true;
    return false;
}

static void ask(struct office *o, const char *person, int event, const char *outcome,
                const char *words)
{
    char args[100];

    (void)snprintf(args, sizeof args, "{\"person\": \"%s\", \"event\": %d}", person, event);
    office_ask(o, why_person, args);
    office_expect(o, "outcome", outcome);
    if (!says(o, words))
        fail_msg("no sentence says \"%s\": %s", words, json_dumps(o->answer, JSON_INDENT(1)));
}

static void told_with_the_mail_and_its_state(void **state)
{
    struct office *o = *state;

    office_ask(o, events_add, COMMENT);
    ask(o, "ann", 1, "fanning_out", "still being fanned out");
    fan_out(o);
    ask(o, "ann", 1, "waiting", "ann will be told at 2026-");
    ask(o, "ann", 1, "waiting", "ann watched project/x (1 above).");
    event(o, COMMENT);
    ask(o, "ann", 2, "coalesced", "in one mail with earlier events");
    pass(o, WINDOW);
    ask(o, "ann", 1, "queued", "ann: mail 1 to ann@example.org is queued.");
    deliver(o, 1);
    ask(o, "ann", 1, "told", "ann: mail 1 to ann@example.org was delivered at 2026-");
    ask(o, "ann", 2, "told", "also tells of other events");
    office_expect(o, "mails.0.state", "delivered");
    office_expect(o, "watches.0.topic", "project/x");
}

static void not_told_since_the_installation_is_tried_out(void **state)
{
    struct office *o = *state;

    o->settings.deliver = DELIVER_ONLY;
    event(o, COMMENT);
    pass(o, WINDOW);
    ask(o, "ann", 1, "deliver_only", "was cancelled at 2026-");
    ask(o, "ann", 1, "deliver_only", "(The address is not in deliver: only).");
    office_expect(o, "mails.0.state", "cancelled");
}

static void not_told_by_what_the_watches_say(void **state)
{
    struct office *o = *state;

    office_ask(o, watches_set,
               "{\"person\": \"ben\", \"topic\": \"issue/12\", \"mode\": \"mute\"}");
    event(o, "{" ISSUE ", \"kind\": \"commented\", \"actor\": \"ann\"}");
    ask(o, "ann", 1, "actor", "ann did it");
    ask(o, "ben", 1, "muted", "ben had muted issue/12");
    office_ask(o, watches_remove, "{\"person\": \"ben\", \"topic\": \"issue/12\"}");
    event(o, "{" ISSUE ", \"kind\": \"closed\"}");
    ask(o, "ben", 2, "not_watching", "ben watched none of: issue/12, project/x");
    office_ask(o, watches_set,
               "{\"person\": \"ben\", \"topic\": \"issue/12\", \"kinds\": [\"closed\"]}");
    event(o, COMMENT);
    ask(o, "ben", 3, "kind_filtered",
        "ben watches issue/12, which is nearest, only for: closed; this was commented.");
    office_ask(o, topics_set, "{\"key\": \"issue/12\", \"label\": \"staff\"}");
    event(o, "{" ISSUE ", \"kind\": \"closed\"}");
    ask(o, "ben", 4, "no_permission", "ben may not see it: no grant of the label \"staff\".");
}

static void the_answer_is_of_then_not_of_now(void **state)
{
    struct office *o = *state;

    event(o, COMMENT);
    pass(o, WINDOW);
    deliver(o, 1);
    office_ask(o, watches_set,
               "{\"person\": \"ann\", \"topic\": \"project/x\", \"mode\": \"mute\"}");
    office_ask(o, watches_set, "{\"person\": \"ben\", \"topic\": \"project/x\"}");
    ask(o, "ann", 1, "told", "ann watched project/x");
    ask(o, "ben", 1, "not_watching", "ben watched none of");
    event(o, COMMENT);
    ask(o, "ann", 2, "muted", "ann had muted project/x");
}

static void being_addressed_is_a_reason(void **state)
{
    struct office *o = *state;

    event(o, "{" ISSUE ", \"kind\": \"assigned\", "
             "\"to\": [{\"person\": \"ben\", \"reason\": \"assigned\"}]}");
    ask(o, "ben", 1, "waiting", "ben was addressed directly: assigned.");
}

static void owed_since_a_failed_mail(void **state)
{
    struct office *o = *state;

    event(o, COMMENT);
    pass(o, WINDOW);
    move(o, 1, DELIVERY_FAILED);
    ask(o, "ann", 1, "owed", "It stays owed");
    event(o, COMMENT);
    pass(o, WINDOW);
    ask(o, "ann", 1, "queued", "mail 2 to ann@example.org is queued.");
    assert_false(says(o, "stays owed"));
    deliver(o, 2);
    ask(o, "ann", 1, "told", "mail 2");
}

static void an_expired_mail(void **state)
{
    struct office *o = *state;

    event(o, COMMENT);
    pass(o, WINDOW);
    move(o, 1, DELIVERY_EXPIRED);
    ask(o, "ann", 1, "expired", "mail 1 to ann@example.org expired");
    event(o, "{" ISSUE ", \"kind\": \"offer\", \"deadline\": \"2020-01-01T00:00:00Z\"}");
    ask(o, "ann", 2, "expired", "the deadline had passed");
}

static void how_the_person_stood(void **state)
{
    struct office *o = *state;
    struct suppression s = { .target = SPAN("ann@example.org"),
                             .scope = SPAN("project/x"),
                             .reason = SPAN("unsubscribed"),
                             .origin = SPAN("test"),
                             .at = o->now_ms };
    bool removed;

    assert_true(suppression_put(o->db, &s, &o->err));
    event(o, COMMENT);
    ask(o, "ann", 1, "unsubscribed", "they unsubscribed");
    assert_true(suppression_remove(o->db, s.target, s.scope, s.at, &removed, &o->err));
    ask(o, "ann", 1, "not_on_record", "not on record");
    s.scope = SPAN("*");
    s.reason = SPAN("bounced");
    assert_true(suppression_put(o->db, &s, &o->err));
    event(o, COMMENT);
    ask(o, "ann", 2, "suppressed", "none of their addresses");
    assert_true(suppression_remove(o->db, s.target, s.scope, s.at, &removed, &o->err));
    office_ask(o, people_set, "{\"person\": \"ann\", \"status\": \"inactive\"}");
    event(o, COMMENT);
    ask(o, "ann", 3, "inactive", "they are inactive");
}

static void a_skip_stays_on_record(void **state)
{
    struct office *o = *state;

    event(o, COMMENT);
    office_ask(o, people_set, "{\"person\": \"ann\", \"status\": \"inactive\"}");
    pass(o, WINDOW);
    office_ask(o, people_set, "{\"person\": \"ann\", \"status\": \"active\"}");
    ask(o, "ann", 1, "inactive", "they are inactive");
    office_expect(o, "skipped.reason", "inactive");
}

static void silent_events_tell_nobody(void **state)
{
    struct office *o = *state;

    event(o, "{" ISSUE ", \"kind\": \"imported\", \"silent\": true, \"key\": \"k\"}");
    ask(o, "ann", 1, "silent", "the event is silent");
    office_ask(o, why_person, "{\"person\": \"ann@example.org\", \"event\": \"k\"}");
    office_refuse(o, why_person, "{\"person\": \"ann\", \"event\": \"x\"}", "event: none has");
    office_refuse(o, why_person, "{\"person\": \"ann\", \"event\": 9}",
                  "event: there is no event 9");
    office_refuse(o, why_person, "{\"person\": \"zoe\", \"event\": 1}", "person: nobody has");
}

int main(void)
{
#define STORY(test) cmocka_unit_test_setup_teardown(test, set_up, office_teardown)
    const struct CMUnitTest tests[] = {
        STORY(told_with_the_mail_and_its_state),
        STORY(not_told_since_the_installation_is_tried_out),
        STORY(not_told_by_what_the_watches_say),
        STORY(the_answer_is_of_then_not_of_now),
        STORY(being_addressed_is_a_reason),
        STORY(owed_since_a_failed_mail),
        STORY(an_expired_mail),
        STORY(how_the_person_stood),
        STORY(a_skip_stays_on_record),
        STORY(silent_events_tell_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
