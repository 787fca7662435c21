/*
 * Events that ask: they stay in the list of each who is asked until the first has answered, and
 * the answer is told as what happens is.
 */
#include "services/intake/approvals.h"

#include "services/directory/grants.h"
#include "services/directory/people.h"
#include "services/directory/watches.h"
#include "services/inquiry/why.h"
#include "tests/watching/road.h"

#define ASKS                                                                                       \
    "{\"topic\": \"release/7\", \"kind\": \"submitted\", \"actor\": \"fred\", \"key\": \"r7\", "   \
    "\"title\": \"Release 7\", \"to\": [\"ann\", \"ben\"], "                                       \
    "\"asks\": {\"answers\": [\"approve\", \"reject\"]}}"

static int set_up(void **state)
{
    struct office *o;

    (void)office_setup(state);
    o = *state;
    office_ask(o, people_add, "{\"key\": \"ann\", \"address\": \"ann@example.org\"}");
    office_ask(o, people_add, "{\"key\": \"ben\", \"address\": \"ben@example.org\"}");
    office_ask(o, people_add, "{\"key\": \"cem\", \"address\": \"cem@example.org\"}");
    office_ask(o, people_add, "{\"key\": \"fred\", \"address\": \"fred@example.org\"}");
    office_ask(o, watches_set, "{\"person\": \"cem\", \"topic\": \"release/7\"}");
    return 0;
}

static size_t open_of(struct office *o, const char *person)
{
    char args[60];

    (void)snprintf(args, sizeof args, "{\"person\": \"%s\"}", person);
    office_ask(o, approvals_list, args);
    return json_array_size(office_get(o, "approvals"));
}

static void it_is_open_for_all_who_are_asked_until_the_first_answers(void **state)
{
    struct office *o = *state;

    event(o, ASKS);
    assert_int_equal(open_of(o, "cem"), 0);
    assert_int_equal(open_of(o, "ben"), 1);
    assert_int_equal(open_of(o, "ann"), 1);
    office_expect(o, "approvals.0.topic", "release/7");
    office_expect(o, "approvals.0.answers.1", "reject");
    office_ask(o, approvals_answer,
               "{\"person\": \"ann\", \"key\": \"r7\", \"answer\": \"reject\", \"text\": \"No.\"}");
    office_expect_number(o, "answered", 2);
    assert_int_equal(open_of(o, "ann") + open_of(o, "ben"), 0);
    office_refuse(o, approvals_answer, "{\"person\": \"ben\", \"id\": 1, \"answer\": \"approve\"}",
                  "ann answered \"reject\" at 2026-");
    office_ask(o, events_show, "{\"id\": 1}");
    office_expect(o, "asks.answer", "reject");
    office_expect(o, "asks.person", "ann");
    assert_int_equal(COUNT(o, "event", "1 = 1"), 2);
}

static void the_answer_is_told_to_who_watches_and_who_asked(void **state)
{
    struct office *o = *state;

    event(o, ASKS);
    pass(o, WINDOW);
    office_ask(o, approvals_answer, "{\"person\": \"ben\", \"id\": 1, \"answer\": \"approve\"}");
    fan_out(o);
    office_ask(o, events_show, "{\"id\": 2}");
    office_expect(o, "kind", "answered");
    office_expect(o, "topic", "release/7");
    office_expect(o, "actor", "ben");
    office_expect(o, "changes.0.new", "approve");
    office_expect(o, "to.0.person", "fred");
    office_ask(o, why_person, "{\"person\": \"fred\", \"event\": 2}");
    office_expect(o, "outcome", "waiting");
    office_ask(o, why_person, "{\"person\": \"cem\", \"event\": 2}");
    office_expect(o, "outcome", "waiting");
    office_ask(o, why_person, "{\"person\": \"ann\", \"event\": 1}");
    office_expect(o, "sentences.2", "ann is asked for an answer, which was given by ben: approve.");
}

static void what_is_withdrawn_or_too_late_asks_no_more(void **state)
{
    struct office *o = *state;

    event(o, ASKS);
    office_ask(o, events_redact, "{\"id\": 1}");
    assert_int_equal(open_of(o, "ann"), 0);
    office_refuse(o, approvals_answer, "{\"person\": \"ann\", \"id\": 1, \"answer\": \"reject\"}",
                  "withdrawn");
    event(o, "{\"topic\": \"release/8\", \"kind\": \"submitted\", \"to\": [\"ann\"], "
             "\"asks\": {\"answers\": [\"yes\"], \"until\": \"1h\"}}");
    assert_int_equal(open_of(o, "ann"), 1);
    o->now_ms += 3600001;
    assert_int_equal(open_of(o, "ann"), 0);
    office_refuse(o, approvals_answer, "{\"person\": \"ann\", \"id\": 2, \"answer\": \"yes\"}",
                  "time to answer is over");
}

static void nobody_sees_a_question_that_they_may_not_see(void **state)
{
    struct office *o = *state;

    event(o, "{\"topic\": \"release/9\", \"kind\": \"submitted\", \"to\": [\"ann\"], "
             "\"label\": \"secret\", \"asks\": {\"answers\": [\"yes\", \"no\"]}}");
    assert_int_equal(open_of(o, "ann"), 0);
    office_ask(o, grants_add, "{\"person\": \"ann\", \"label\": \"secret\"}");
    assert_int_equal(open_of(o, "ann"), 1);
    office_ask(o, approvals_answer, "{\"person\": \"ann\", \"id\": 1, \"answer\": \"no\"}");
    office_ask(o, events_show, "{\"id\": 2}");
    office_expect(o, "label", "secret");
}

static void what_is_no_question_or_answer_is_refused(void **state)
{
    struct office *o = *state;
    static const struct {
        const char *asks;
        const char *words;
    } cases[] = {
        { "\"to\": [\"ann\"], \"asks\": true", "asks: must be {answers, until}" },
        { "\"to\": [\"ann\"], \"asks\": {}", "asks: answers: must be 1 to 10" },
        { "\"to\": [\"ann\"], \"asks\": {\"answers\": [\"a,b\"]}", "without a comma" },
        { "\"to\": [\"ann\"], \"asks\": {\"answers\": [\"\"]}", "without a comma" },
        { "\"to\": [\"ann\"], \"asks\": {\"answers\": [\"a\"], \"more\": 1}", "more" },
        { "\"asks\": {\"answers\": [\"a\"]}", "asks: needs somebody" },
    };
    char args[300];

    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        (void)snprintf(args, sizeof args, "{\"topic\": \"release/7\", \"kind\": \"x\", %s}",
                       cases[i].asks);
        office_refuse(o, events_add, args, cases[i].words);
    }
    event(o, ASKS);
    office_refuse(o, approvals_answer, "{\"person\": \"ann\", \"id\": 1, \"answer\": \"maybe\"}",
                  "answer: must be one of approve,reject");
    office_refuse(o, approvals_answer, "{\"person\": \"cem\", \"id\": 1, \"answer\": \"approve\"}",
                  "person: event 1 does not ask them");
    event(o, "{\"topic\": \"release/7\", \"kind\": \"x\"}");
    office_refuse(o, approvals_answer, "{\"person\": \"ann\", \"id\": 2, \"answer\": \"approve\"}",
                  "event 2 asks nothing");
    assert_int_equal(COUNT(o, "question", "closed_at IS NOT NULL"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_open_for_all_who_are_asked_until_the_first_answers,
                                        set_up, office_teardown),
        cmocka_unit_test_setup_teardown(the_answer_is_told_to_who_watches_and_who_asked, set_up,
                                        office_teardown),
        cmocka_unit_test_setup_teardown(what_is_withdrawn_or_too_late_asks_no_more, set_up,
                                        office_teardown),
        cmocka_unit_test_setup_teardown(nobody_sees_a_question_that_they_may_not_see, set_up,
                                        office_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_question_or_answer_is_refused, set_up,
                                        office_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
