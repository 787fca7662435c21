/*
 * Erasing a person: nothing is left that says who they were, and they are never mailed again.
 */
#include "services/directory/grants.h"
#include "services/directory/lists.h"
#include "services/directory/people.h"
#include "services/directory/watches.h"
#include "services/inquiry/why.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/suppression.h"
#include "tests/watching/road.h"

#define COMMENT "{\"topic\": \"issue/12\", \"kind\": \"commented\"}"

static int set_up(void **state)
{
    struct office *o;

    (void)office_setup(state);
    o = *state;
    office_ask(o, people_add,
               "{\"key\": \"ann\", \"name\": \"Ann\", \"addresses\": [\"ann@example.org\", "
               "\"team@example.org\"], \"attributes\": {\"room\": 4}}");
    office_ask(o, people_add, "{\"key\": \"ben\", \"address\": \"team@example.org\"}");
    office_ask(o, watches_set, "{\"person\": \"ann\", \"topic\": \"issue/12\"}");
    office_ask(o, grants_add, "{\"person\": \"ann\", \"label\": \"staff\"}");
    office_ask(o, lists_new, "{\"list\": \"team\"}");
    office_ask(o, lists_add,
               "{\"list\": \"team\", \"people\": [\"ann\"], \"basis\": \"Ann asked\"}");
    return 0;
}

static void all_that_says_who_they_are_goes(void **state)
{
    struct office *o = *state;

    event(o, COMMENT);
    pass(o, WINDOW);
    deliver(o, 1);
    event(o, COMMENT);
    pass(o, WINDOW);
    event(o, COMMENT);
    office_ask(o, people_erase, "{\"person\": \"ann\"}");
    office_expect(o, "person", "#1");
    office_expect_number(o, "addresses", 2);
    office_expect_number(o, "watches", 1);
    office_expect_number(o, "lists", 1);
    office_expect_number(o, "mails", 2);
    office_expect_number(o, "cancelled", 1);
    assert_int_equal(COUNT(o, "person",
                           "id = 1 AND key IS NULL AND name IS NULL "
                           "AND attributes = '{}' AND status = 1"),
                     1);
    assert_int_equal(COUNT(o, "person_address", "person = 1"), 0);
    assert_int_equal(COUNT(o, "delivery", "address <> ''"), 0);
    assert_int_equal(COUNT(o, "notice", "person = 1"), 0);
    assert_int_equal(COUNT(o, "heard", "person = 1"), 0);
    assert_int_equal(COUNT(o, "grant_of", "person = 1"), 0);
    assert_int_equal(COUNT(o, "list_member", "basis IS NOT NULL OR left_at IS NULL"), 0);
    assert_int_equal(COUNT(o, "watch_log", "who = 1 AND cause <> 'erased'"), 0);
    event(o, COMMENT);
    assert_int_equal(COUNT(o, "notice", "person = 1"), 0);
    office_ask(o, why_person, "{\"person\": \"#1\", \"event\": 1}");
    office_expect(o, "outcome", "told"); /* the number still answers */
}

static void the_record_of_requests_names_them_no_more(void **state)
{
    struct office *o = *state;
    struct audit_row row = { .at = 1,
                             .by = SPAN("uid 0"),
                             .request = SPAN("person.set"),
                             .subject = SPAN("person ann"),
                             .args = SPAN("{\"person\":\"ann\",\"name\":\"Ann\"}") };

    assert_true(db_begin(o->db, &o->err) && audit_append(o->db, &row, &o->err) &&
                db_commit(o->db, &o->err));
    office_ask(o, people_erase, "{\"person\": \"ann\"}");
    assert_int_equal(COUNT(o, "audit", "args IS NOT NULL OR subject <> 'person #1'"), 0);
    assert_int_equal(COUNT(o, "audit", "request = 'person.set' AND by = 'uid 0'"), 1);
    assert_int_equal(COUNT(o, "audit", "request = 'person.erase'"), 1);
}

static void a_request_about_others_names_them_no_more_either(void **state)
{
    struct office *o = *state;
    struct audit_row row = {
        .at = 1,
        .by = SPAN("uid 0"),
        .request = SPAN("list.add"),
        .subject = SPAN("list team"),
        .args = SPAN("{\"ann\":1,\"to\":\"ann\",\"people\":[\"ben\",\"ann\",\"anna\"]}"),
        .after = SPAN("{\"people\":[\"ann\"],\"to\":\"ann@example.org\"}"),
    };

    assert_true(db_begin(o->db, &o->err) && audit_append(o->db, &row, &o->err) &&
                db_commit(o->db, &o->err));
    office_ask(o, people_erase, "{\"person\": \"ann\"}");
    assert_int_equal(COUNT(o, "audit",
                           "subject = 'list team' AND args = '{\"ann\":1,\"to\":\"person #1\","
                           "\"people\":[\"ben\",\"person #1\",\"anna\"]}' AND before IS NULL AND "
                           "after = '{\"people\":[\"person #1\"],\"to\":\"person #1\"}'"),
                     1);
}

static void their_address_is_never_mailed_again(void **state)
{
    struct office *o = *state;
    bool bars;
    char reason[20];

    office_ask(o, people_erase, "{\"person\": \"ann\"}");
    assert_int_equal(COUNT(o, "suppression", "1 = 1"), 0); /* nothing to read */
    assert_true(suppression_bars(o->db, SPAN("ann@example.org"), SPAN("example.org"), o->now_ms,
                                 &bars, reason, sizeof reason, &o->err));
    assert_true(bars);
    assert_string_equal(reason, "erased");
    office_ask(o, people_add, "{\"key\": \"ann2\", \"address\": \"ann@example.org\"}");
    office_ask(o, watches_set, "{\"person\": \"ann2\", \"topic\": \"issue/12\"}");
    event(o, COMMENT);
    office_ask(o, why_person, "{\"person\": \"ann2\", \"event\": 1}");
    office_expect(o, "outcome", "suppressed");
}

static void an_address_of_somebody_else_stays_theirs(void **state)
{
    struct office *o = *state;

    office_ask(o, people_erase, "{\"person\": \"ann\"}");
    office_ask(o, watches_set, "{\"person\": \"ben\", \"topic\": \"issue/12\"}");
    event(o, COMMENT);
    assert_int_equal(COUNT(o, "notice", "person = 2"), 1);
}

static void not_while_a_mail_is_being_sent(void **state)
{
    struct office *o = *state;

    event(o, COMMENT);
    pass(o, WINDOW);
    move(o, 1, DELIVERY_SENDING);
    office_refuse(o, people_erase, "{\"person\": \"ann\"}", "mail 1 to them is being sent");
    assert_int_equal(COUNT(o, "person", "key = 'ann'"), 1);
    move(o, 1, DELIVERY_IN_DOUBT);
    office_ask(o, people_erase, "{\"person\": \"ann\"}");
    office_expect_number(o, "cancelled", 1);
}

int main(void)
{
#define STORY(test) cmocka_unit_test_setup_teardown(test, set_up, office_teardown)
    const struct CMUnitTest tests[] = {
        STORY(all_that_says_who_they_are_goes),
        STORY(the_record_of_requests_names_them_no_more),
        STORY(a_request_about_others_names_them_no_more_either),
        STORY(their_address_is_never_mailed_again),
        STORY(an_address_of_somebody_else_stays_theirs),
        STORY(not_while_a_mail_is_being_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
