/*
 * Lists and traces of mail that was made, sent and refused by the hands of the engine.
 */
#include "services/inquiry/mail.h"

#include "store/lane.h"
#include "store/site.h"
#include "tests/support/mailroom.h"
#include "tests/support/query_plans.h"

static struct outcome outcome_of(enum outcome_class class, const char *text)
{
    struct outcome outcome = { .class = class, .stage = "RCPT", .code = 450 };

    (void)snprintf(outcome.text, sizeof outcome.text, "%s", text);
    return outcome;
}

static size_t count(struct mailroom *m, const char *args)
{
    (void)office_ask(&m->office, mail_deliveries, args);
    return json_array_size(office_get(&m->office, "deliveries"));
}

static void three_mails(struct mailroom *m, int64_t *ids)
{
    ids[0] = mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_NOTICES, .person = 5 });
    m->office.now_ms += MAILROOM_HOUR;
    ids[1] = mailroom_make(m);
    m->office.now_ms += 2 * MAILROOM_HOUR;
    ids[2] = mailroom_make(m);
    (void)mailroom_send(m, ids[0], outcome_of(OUTCOME_RETRY, "Mailbox full"));
    (void)mailroom_send(m, ids[0], outcome_of(OUTCOME_RETRY, "Come back later"));
    (void)mailroom_send(m, ids[1], outcome_of(OUTCOME_DELIVERED, "queued as 17"));
}

static void mail_is_found_by_what_is_known_of_it(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t ids[3];

    MAILROOM_DO(
        m, db_run(o->db, &o->err,
                  SQL("INSERT INTO person (id, key, version, made_at) VALUES (5, 'ann', 0, $1)"),
                  db_int(1)));
    three_mails(m, ids);
    assert_int_equal(count(m, "{}"), 3);
    office_expect_number(o, "deliveries.0.delivery", ids[2]); /* the newest first */
    assert_int_equal(count(m, "{\"to\": \"Ann@Example.net\"}"), 3);
    assert_int_equal(count(m, "{\"to\": \"bob@example.net\"}"), 0);
    assert_int_equal(count(m, "{\"to\": \"ann\"}"), 1);
    office_expect_number(o, "deliveries.0.delivery", ids[0]);
    assert_int_equal(count(m, "{\"state\": \"deferred\"}"), 1);
    assert_int_equal(count(m, "{\"state\": \"delivered\"}"), 1);
    office_expect_number(o, "deliveries.0.delivery", ids[1]);
    office_expect(o, "deliveries.0.subject", "News of the day");
    assert_int_equal(count(m, "{\"since\": \"2h30m\"}"), 2);
    assert_int_equal(count(m, "{\"since\": \"2026-09-21T15:13:20Z\"}"), 2);
    assert_int_equal(count(m, "{\"subject\": \"OF THE day\"}"), 2);
    assert_int_equal(count(m, "{\"subject\": \"of last week\"}"), 0);
    assert_int_equal(count(m, "{\"words\": \"mailbox\"}"), 1); /* of an earlier try */
    assert_int_equal(count(m, "{\"words\": \"later\"}"), 1);
    assert_int_equal(count(m, "{\"words\": \"QUEUED AS\"}"), 1);
    assert_int_equal(count(m, "{\"words\": \"queued\", \"state\": \"deferred\"}"), 0);
    query_plans_expect_ranges(o->db, "delivery d");
    query_plans_expect_index(o->db, "delivery_normal");
    query_plans_expect_index(o->db, "delivery_person");
    query_plans_expect_index(o->db, "intent_delivery");
}

static void mail_in_doubt_is_found_among_all_other(void **state)
{
    struct mailroom *m = *state;
    int64_t ids[3];

    three_mails(m, ids);
    (void)mailroom_send(m, ids[2], outcome_of(OUTCOME_IN_DOUBT, "no answer"));
    assert_int_equal(count(m, "{\"state\": \"in_doubt\"}"), 1);
    office_expect_number(&m->office, "deliveries.0.delivery", ids[2]);
    query_plans_expect_ranges(m->office.db, "delivery_state s");
    query_plans_expect_index(m->office.db, "delivery_doubt");
    MAILROOM_DO(m, db_run(m->office.db, &m->office.err,
                          SQL("UPDATE delivery_state SET ended_at = $1, state = 10 "
                              "WHERE doubts > 0"),
                          db_int(1)));
    assert_int_equal(count(m, "{\"state\": \"in_doubt\"}"), 0);
}

static void mail_is_found_by_domain_and_site(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t first =
        mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_NOTICES, .cause_id = 1 });
    int64_t second =
        mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_URGENT, .cause_id = 2 });
    int64_t third =
        mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_NOTICES, .cause_id = 3 });
    struct delivery_row row = mailroom_row(m, second);
    const struct lane_key lane = lane_of_delivery(&row);
    const struct lane_progress sited = { .site = SPAN("mx.example.net") };

    assert_int_equal(count(m, "{\"domain\": \"EXAMPLE.net\"}"), 3);
    office_expect_number(o, "deliveries.0.delivery", third);
    office_expect_number(o, "deliveries.1.delivery", second);
    assert_null(json_object_get(o->answer, "next"));
    assert_int_equal(count(m, "{\"domain\": \"example.net\", \"limit\": 2}"), 2);
    office_expect_number(o, "next", second);
    assert_int_equal(count(m, "{\"domain\": \"example.net\", \"before\": 2}"), 1);
    office_expect_number(o, "deliveries.0.delivery", first);
    assert_int_equal(count(m, "{\"domain\": \"example.org\"}"), 0);
    query_plans_expect_index(o->db, "delivery_lane");
    query_plans_expect_ranges(o->db, "FROM delivery WHERE stream");

    MAILROOM_DO(m, site_met(o->db, SPAN("mx.example.net"), OFFICE_START, &o->err));
    MAILROOM_DO(m, lane_progress_put(o->db, &lane, &sited, &o->err));
    assert_int_equal(count(m, "{\"site\": \"mx.example.net\"}"), 1);
    office_expect_number(o, "deliveries.0.delivery", second);
    office_refuse(o, mail_deliveries, "{\"site\": \"nowhere.example\"}", "no site is known");
}

static void a_message_id_is_found_at_once(void **state)
{
    struct mailroom *m = *state;
    int64_t ids[3];
    char args[400];

    three_mails(m, ids);
    (void)snprintf(args, sizeof args, "{\"message_id\": \"<%s>\"}",
                   mailroom_row(m, ids[1]).message_id);
    assert_int_equal(count(m, args), 1);
    office_expect_number(&m->office, "deliveries.0.delivery", ids[1]);
    (void)snprintf(args, sizeof args, "{\"message_id\": \"%lld.AAAA@example.org\"}",
                   (long long)ids[1]);
    assert_int_equal(count(m, args), 0);
    assert_int_equal(count(m, "{\"message_id\": \"somebody@else\"}"), 0);
    assert_int_equal(count(m, "{\"message_id\": \"\"}"), 0);
}

static void pages_go_on_where_the_last_one_ended(void **state)
{
    struct mailroom *m = *state;
    int64_t ids[3];
    char args[60];

    three_mails(m, ids);
    assert_int_equal(count(m, "{\"limit\": 2}"), 2);
    office_expect_number(&m->office, "next", ids[1]);
    (void)snprintf(args, sizeof args, "{\"limit\": 2, \"before\": %lld}", (long long)ids[1]);
    assert_int_equal(count(m, args), 1);
    assert_null(json_object_get(m->office.answer, "next"));
}

static void a_long_look_ends_and_can_go_on(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;

    MAILROOM_DO(m, db_run(o->db, &o->err,
                          SQL("INSERT INTO delivery (id, stream, cause, cause_id, address, normal, "
                              "domain, message_id, first_due, made_at) "
                              "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                              "WHERE i < $1) SELECT i, 1, 1, 1, 'a', 'a', 'b', 'm', 1, 1 FROM n"),
                          db_int(20001)));
    MAILROOM_DO(m, db_run(o->db, &o->err,
                          SQL("INSERT INTO delivery_state (delivery, state, due_at) "
                              "SELECT id, CASE WHEN id > $1 THEN 10 ELSE 11 END, 1 FROM delivery"),
                          db_int(1)));
    assert_int_equal(count(m, "{\"state\": \"failed\"}"), 0);
    office_expect_number(o, "next", 2);
    assert_true(json_is_true(office_get(o, "cut")));
    office_expect(o, "filter.state", "failed");
    assert_int_equal(count(m, "{\"state\": \"failed\", \"before\": 2}"), 1);
    assert_null(json_object_get(o->answer, "next"));
}

static void a_wrong_question_is_refused(void **state)
{
    struct mailroom *m = *state;

    office_refuse(&m->office, mail_deliveries, "{\"state\": \"lost\"}", "no state \"lost\"");
    office_refuse(&m->office, mail_deliveries, "{\"to\": \"a b@c\"}", "to");
    office_refuse(&m->office, mail_deliveries, "{\"to\": \"nobody\"}", "nobody");
    office_refuse(&m->office, mail_deliveries, "{\"since\": \"yesterday\"}", "since");
    office_refuse(&m->office, mail_deliveries, "{\"colour\": 1}", "colour");
    office_refuse(&m->office, mail_trace, "{\"delivery\": 17}", "there is no delivery 17");
    office_refuse(&m->office, mail_trace, "{}", "delivery");
}

static void add_template(struct mailroom *m)
{
    MAILROOM_DO(m, db_run(m->office.db, &m->office.err,
                          SQL("INSERT INTO template_revision (id, name, language, digest, source, "
                              "at) VALUES (9, 'issue', 'de', $1, '{}', 1)"),
                          db_blob(SPAN("x"))));
}

/* Composes with facts a trace must show, asks for leave, records. */
static void send(struct mailroom *m, int64_t id, struct outcome outcome)
{
    struct leave_answer leave;

    mailroom_compose(m, id);
    m->letter.date_ms = m->office.now_ms - 1000;
    m->letter.template_revision = 9;
    memset(m->letter.digest, 0xab, sizeof m->letter.digest);
    leave = mailroom_ask(m);
    assert_int_equal(leave.leave, LEAVE_GRANTED);
    m->office.now_ms += 2000;
    (void)mailroom_record(m, id, leave, outcome);
}

static void a_trace_keeps_envelope_content_and_words(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    int64_t id = mailroom_make(m);
    char args[60];

    add_template(m);
    send(m, id, outcome_of(OUTCOME_RETRY, "busy"));
    m->office.now_ms += MAILROOM_HOUR;
    send(m, id, outcome_of(OUTCOME_DELIVERED, "queued as 17"));
    (void)snprintf(args, sizeof args, "{\"delivery\": %lld}", (long long)id);
    (void)office_ask(o, mail_trace, args);
    office_expect(o, "to", "ann@example.net");
    office_expect(o, "state", "delivered");
    office_expect(o, "made", "2026-09-21T14:13:20.000Z");
    office_expect(o, "first_due", "2026-09-21T14:13:20.000Z");
    office_expect(o, "ended", "2026-09-21T15:13:24.000Z");
    assert_int_equal(json_array_size(office_get(o, "intents")), 2);
    office_expect(o, "intents.0.at", "2026-09-21T14:13:20.000Z"); /* in their order */
    office_expect(o, "intents.0.mail_from", "b+1@example.org");
    office_expect(o, "intents.0.from", "Brian <brian@example.org>");
    office_expect(o, "intents.0.subject", "News of the day");
    office_expect(o, "intents.0.date", "2026-09-21T14:13:19.000Z");
    office_expect_number(o, "intents.0.size", 0);
    office_expect(o, "intents.0.sha256",
                  "abababababababababababababababababababababababababababababababab");
    office_expect_number(o, "intents.0.template_revision", 9);
    office_expect(o, "intents.0.template", "issue");
    office_expect(o, "intents.0.language", "de");
    assert_int_equal(json_array_size(office_get(o, "tries")), 2);
    office_expect(o, "tries.0.outcome", "deferred");
    office_expect(o, "tries.0.host", "mx.example.net");
    office_expect(o, "tries.0.ip", "192.0.2.1");
    office_expect(o, "tries.0.stage", "RCPT");
    office_expect(o, "tries.0.said_by", "server");
    office_expect_number(o, "tries.0.code", 450);
    office_expect(o, "tries.0.text", "busy");
    office_expect(o, "tries.1.outcome", "delivered");
    assert_int_equal(json_integer_value(office_get(o, "tries.1.intent")),
                     json_integer_value(office_get(o, "intents.1.intent")));
    query_plans_expect_ranges(o->db, "delivery_part p");
    query_plans_expect_ranges(o->db, "FROM intent");
    query_plans_expect_ranges(o->db, "FROM attempt");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, mailroom_setup, mailroom_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(mail_is_found_by_what_is_known_of_it),
        STORY(mail_in_doubt_is_found_among_all_other),
        STORY(mail_is_found_by_domain_and_site),
        STORY(a_message_id_is_found_at_once),
        STORY(pages_go_on_where_the_last_one_ended),
        STORY(a_long_look_ends_and_can_go_on),
        STORY(a_wrong_question_is_refused),
        STORY(a_trace_keeps_envelope_content_and_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
