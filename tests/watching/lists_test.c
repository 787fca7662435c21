/*
 * Lists: who is on one hears of what it watches, unless they want it otherwise, and is addressed
 * with it.
 */
#include "services/directory/lists.h"

#include "services/directory/people.h"
#include "services/directory/watchers.h"
#include "services/directory/watches.h"
#include "services/inquiry/why.h"
#include "services/intake/event_preview.h"
#include "tests/watching/road.h"

#define COMMENT                                                                                    \
    "{\"topic\": {\"key\": \"issue/12\", \"parents\": [\"project/x\"]}, \"kind\": \"commented\"}"

static int set_up(void **state)
{
    struct office *o;

    (void)office_setup(state);
    o = *state;
    office_ask(o, people_add, "{\"key\": \"ann\", \"address\": \"ann@example.org\"}");
    office_ask(o, people_add, "{\"key\": \"ben\", \"address\": \"ben@example.org\"}");
    office_ask(o, people_add, "{\"key\": \"cem\", \"address\": \"cem@example.org\"}");
    office_ask(o, lists_new, "{\"list\": \"team\", \"title\": \"The Team\"}");
    office_ask(o, lists_add,
               "{\"list\": \"team\", \"people\": [\"ann\", \"ben\"], \"basis\": \"employees\"}");
    return 0;
}

static void its_members_hear_of_what_it_watches(void **state)
{
    struct office *o = *state;

    office_ask(o, watches_set, "{\"person\": \"list:team\", \"topic\": \"project/x\"}");
    event(o, COMMENT);
    assert_int_equal(COUNT(o, "notice", "1 = 1"), 2);
    office_ask(o, why_person, "{\"person\": \"ann\", \"event\": 1}");
    office_expect(o, "outcome", "waiting");
    office_expect(o, "watches.0.through", "list:team");
    office_expect(o, "sentences.1", "ann watched project/x (through list:team) (1 above).");
    office_ask(o, why_person, "{\"person\": \"cem\", \"event\": 1}");
    office_expect(o, "outcome", "not_watching");
}

static void a_member_mutes_for_themselves(void **state)
{
    struct office *o = *state;

    office_ask(o, watches_set, "{\"person\": \"list:team\", \"topic\": \"project/x\"}");
    office_ask(o, watches_set,
               "{\"person\": \"ben\", \"topic\": \"project/x\", \"mode\": \"mute\"}");
    event(o, COMMENT);
    assert_int_equal(COUNT(o, "notice", "1 = 1"), 1);
    office_ask(o, why_person, "{\"person\": \"ben\", \"event\": 1}");
    office_expect(o, "outcome", "muted");
}

static void who_joins_or_leaves_is_told_accordingly(void **state)
{
    struct office *o = *state;

    office_ask(o, watches_set, "{\"person\": \"list:team\", \"topic\": \"project/x\"}");
    event(o, COMMENT);
    office_ask(o, lists_take, "{\"list\": \"team\", \"people\": [\"ann\"]}");
    office_expect_number(o, "changed", 1);
    office_ask(o, lists_add, "{\"list\": \"team\", \"people\": [\"cem\", \"ben\"]}");
    office_expect_number(o, "changed", 1);
    office_expect_number(o, "unchanged", 1);
    event(o, COMMENT);
    office_ask(o, why_person, "{\"person\": \"ann\", \"event\": 2}");
    office_expect(o, "outcome", "not_watching");
    office_ask(o, why_person, "{\"person\": \"cem\", \"event\": 2}");
    office_expect(o, "outcome", "waiting");
    office_ask(o, why_person, "{\"person\": \"cem\", \"event\": 1}");
    office_expect(o, "outcome", "not_watching"); /* months later too */
    office_ask(o, why_person, "{\"person\": \"ann\", \"event\": 1}");
    office_expect(o, "watches.0.through", "list:team");
}

static void the_mail_of_who_has_left_is_not_made(void **state)
{
    struct office *o = *state;

    office_ask(o, watches_set, "{\"person\": \"list:team\", \"topic\": \"project/x\"}");
    event(o, COMMENT);
    office_ask(o, lists_show, "{\"list\": \"team\"}");
    office_expect(o, "watches.0.topic", "project/x");
    office_expect(o, "members.0.person", "ann");
    office_expect(o, "members.0.basis", "employees");
    office_ask(o, lists_take, "{\"list\": \"team\", \"people\": [\"ann\"]}");
    office_ask(o, lists_show, "{\"list\": \"team\", \"past\": true}");
    office_expect(o, "members.0.person", "ann");
    assert_non_null(office_get(o, "members.0.left"));
}

static void the_list_s_delay_is_its_members(void **state)
{
    struct office *o = *state;

    office_ask(o, watches_set,
               "{\"person\": \"list:team\", \"topic\": \"project/x\", \"delay\": \"1h\"}");
    office_ask(o, watches_set, "{\"person\": \"ben\", \"topic\": \"project/x\"}");
    event(o, COMMENT);
    assert_int_equal(NUMBER(o, "max(due_at)", "notice", "person = 1"), o->now_ms + 3600000);
    assert_int_equal(NUMBER(o, "max(due_at)", "notice", "person = 2"), o->now_ms + WINDOW);
}

static void all_on_it_are_addressed(void **state)
{
    struct office *o = *state;

    office_ask(o, event_preview,
               "{\"topic\": \"issue/12\", \"kind\": \"commented\", "
               "\"to\": [{\"list\": \"team\", \"reason\": \"mentioned\"}, \"ann\"]}");
    office_expect_number(o, "counts.told", 2);
    event(o, "{\"topic\": \"issue/12\", \"kind\": \"commented\", "
             "\"to\": [{\"list\": \"team\", \"reason\": \"mentioned\"}, \"list:team\", \"cem\"]}");
    assert_int_equal(COUNT(o, "event_direct", "rank = 2"), 2);
    assert_int_equal(COUNT(o, "notice", "1 = 1"), 3);
    office_refuse(o, events_add,
                  "{\"topic\": \"issue/12\", \"kind\": \"commented\", "
                  "\"to\": [{\"list\": \"teem\"}]}",
                  "to: there is no list \"teem\"");
    office_refuse(o, events_add,
                  "{\"topic\": \"issue/12\", \"kind\": \"commented\", "
                  "\"to\": [{\"list\": \"team\", \"person\": \"ann\"}]}",
                  "either a person or a list");
}

static void who_watches_through_it_is_explained(void **state)
{
    struct office *o = *state;

    office_ask(o, watches_set, "{\"person\": \"list:team\", \"topic\": \"project/x\"}");
    event(o, COMMENT);
    office_ask(o, watchers_list, "{\"topic\": \"project/x\"}");
    office_expect(o, "watchers.0.person", "list:team");
    office_ask(o, watchers_list, "{\"topic\": \"issue/12\", \"explain\": true}");
    office_expect(o, "watchers.0.person", "ann");
    office_expect(o, "watchers.0.outcome", "told");
    office_expect(o, "watchers.0.through", "list:team");
    office_expect(o, "watchers.1.person", "ben");
    office_ask(o, watches_list, "{\"person\": \"list:team\"}");
    office_expect(o, "watches.0.topic", "project/x");
}

static void it_ends_with_all_it_watches(void **state)
{
    struct office *o = *state;

    office_ask(o, watches_set, "{\"person\": \"list:team\", \"topic\": \"project/x\"}");
    event(o, COMMENT);
    office_ask(o, lists_remove, "{\"list\": \"team\"}");
    office_expect_number(o, "members", 2);
    event(o, "{\"topic\": \"issue/13\", \"kind\": \"commented\", \"scopes\": [\"project/x\"]}");
    assert_int_equal(COUNT(o, "notice", "first_seq = 2"), 0);
    office_refuse(o, lists_show, "{\"list\": \"team\"}", "there is no list \"team\"");
    office_ask(o, lists_new, "{\"list\": \"team\"}"); /* the name is free again */
    office_ask(o, why_person, "{\"person\": \"ann\", \"event\": 1}");
    office_expect(o, "watches.0.through", "list:team");
}

static void a_line_is_taken_whole_or_not(void **state)
{
    struct office *o = *state;

    office_refuse(o, lists_add, "{\"list\": \"team\", \"people\": [\"cem\", \"dan\"]}",
                  "people: dan");
    assert_int_equal(COUNT(o, "list_member", "person = 3"), 0);
    office_refuse(o, lists_new, "{\"list\": \"team\"}", "already");
    office_refuse(o, lists_new, "{\"list\": \"a b\"}", "list: ");
    office_refuse(o, people_add, "{\"key\": \"list:x\"}", "list:");
}

int main(void)
{
#define STORY(test) cmocka_unit_test_setup_teardown(test, set_up, office_teardown)
    const struct CMUnitTest tests[] = {
        STORY(its_members_hear_of_what_it_watches),
        STORY(a_member_mutes_for_themselves),
        STORY(who_joins_or_leaves_is_told_accordingly),
        STORY(the_mail_of_who_has_left_is_not_made),
        STORY(the_list_s_delay_is_its_members),
        STORY(all_on_it_are_addressed),
        STORY(who_watches_through_it_is_explained),
        STORY(it_ends_with_all_it_watches),
        STORY(a_line_is_taken_whole_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
