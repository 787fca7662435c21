/*
 * The application's say in who sees what, on the whole road: an application on the simulated
 * network answers by the kind of the event, or does not, or lies, while mail waits, is lost sight
 * of, or is cut off from its power.
 */
#include <stdio.h>
#include <string.h>

#include "services/directory/watches.h"
#include "services/inquiry/explain.h"
#include "services/inquiry/why.h"
#include "services/intake/events.h"
#include "tests/scenarios/story.h"
#include "tests/simulation/http.h"
#include "tests/support/cmocka.h"

#define URL "http://tracker.example.org/see"
#define DAY (24 * HOUR)

enum { ANSWERS = 16, KINDS = 6 };

static const char ann[] = "ann@one.example";
static const char mx1[] = "192.0.2.1";

/* The application: what it says of events of a kind. */
struct application {
    struct {
        const char *kind;
        const char *says; /* JSON after "item"; NULL: nothing */
    } of[KINDS];
    struct sim_http_answer instead; /* unless its status is 0 and nothing is lost or broken */
    int asked;                      /* questions, */
    int asked_of[KINDS];            /* and items */
    size_t answers;
    char body[ANSWERS][8192];
};

static const char yes[] = "\"see\": \"yes\"";
static const char no[] = "\"see\": \"no\"";
static const char later[] = "\"see\": \"later\", \"seconds\": 3600";
static const char not_needed[] = "\"see\": \"not needed\"";

static void answer_one(struct application *a, json_t *item, char *body)
{
    const char *kind = json_string_value(json_object_get(item, "kind"));
    long long number = json_integer_value(json_object_get(item, "item"));
    size_t n = strlen(body);

    assert_true(number > 0);
    assert_string_equal(json_string_value(json_object_get(item, "address")), ann);
    for (size_t i = 0; i < KINDS; i++)
        if (a->of[i].kind != NULL && strcmp(a->of[i].kind, kind) == 0) {
            a->asked_of[i]++;
            if (a->of[i].says != NULL)
                (void)snprintf(body + n, sizeof a->body[0] - n, "%s{\"item\": %lld, %s}",
                               body[n - 1] == '[' ? "" : ",", number, a->of[i].says);
        }
}

static struct sim_http_answer serve(void *owner, const struct sim_http_request *request)
{
    struct application *a = owner;
    char *body = a->body[a->answers++ % ANSWERS];
    json_t *question = json_loadb(request->body.at, request->body.n, 0, NULL);
    json_t *items = json_object_get(question, "items");

    a->asked++;
    assert_true(json_array_size(items) > 0);
    assert_true(span_equal(sim_http_field(request, "Authorization"), SPAN("Bearer open sesame")));
    (void)snprintf(body, sizeof a->body[0], "{\"items\": [");
    for (size_t i = 0; i < json_array_size(items); i++)
        answer_one(a, json_array_get(items, i), body);
    (void)snprintf(body + strlen(body), 3, "]}");
    json_decref(question);
    if (a->instead.status != 0 || a->instead.lost || a->instead.problem != NULL)
        return a->instead;
    return (struct sim_http_answer){ .status = 200, .body = body };
}

static void begin(struct road *r, uint64_t seed, struct application *a)
{
    road_open(r, seed);
    r->settings.visibility = (struct visibility_settings){
        .url = URL, .secret = "open sesame", .timeout = 5 * SECOND, .cache = MINUTE, .batch = 500
    };
    sim_http_serve(r->sim, URL, serve, a);
    road_start(r);
    story_domain(r, "one.example", mx1);
    story_watcher(r, "ann", "one.example");
}

static long long tell(struct road *r, const char *kind, const char *word)
{
    return json_integer_value(json_object_get(
        road_ask(r, events_add,
                 "{'topic': {'key': 'issue/1', 'parents': ['project/x']}, 'kind': '%s', "
                 "'text': '%s'}",
                 kind, word),
        "event"));
}

static const char *why_ann(struct road *r, long long event)
{
    return json_string_value(json_object_get(
        road_ask(r, why_person, "{'person': 'ann', 'event': %lld}", event), "outcome"));
}

static size_t told(const struct road *r, const char *word)
{
    return story_times_told(r, ann, word);
}

static void each_item_has_its_answer(void **state)
{
    struct application a = {
        .of = { { "open", yes }, { "closed", no }, { "noise", not_needed }, { "mute", NULL } }
    };
    struct road *r = *state;
    long long ids[4];

    begin(r, 1, &a);
    ids[0] = tell(r, "open", "PLUM");
    ids[1] = tell(r, "closed", "PEAR");
    ids[2] = tell(r, "noise", "FIG");
    ids[3] = tell(r, "mute", "LIME");
    road_run(r, 10 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(told(r, "PLUM"), 1);
    assert_int_equal(told(r, "PEAR") + told(r, "FIG") + told(r, "LIME"), 0);
    assert_string_equal(why_ann(r, ids[0]), "told");
    assert_string_equal(why_ann(r, ids[1]), "hidden");
    assert_string_equal(why_ann(r, ids[2]), "not_needed");
    assert_string_equal(why_ann(r, ids[3]), "unanswered");
    road_close(r);
}

static void what_no_mail_could_tell_is_asked_again_but_not_what_was_not_needed(void **state)
{
    struct application a = { .of = { { "closed", no }, { "noise", not_needed }, { "open", yes } } };
    struct road *r = *state;

    begin(r, 2, &a);
    (void)tell(r, "noise", "FIG");
    road_run(r, 10 * MINUTE);
    (void)tell(r, "closed", "PEAR");
    road_run(r, 10 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 0);
    assert_int_equal(a.asked_of[1], 1);
    a.of[0].says = yes;
    (void)tell(r, "open", "PLUM");
    road_run(r, HOUR);
    assert_int_equal(a.asked_of[1], 1);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(told(r, "PEAR"), 1);
    assert_int_equal(told(r, "PLUM"), 1);
    assert_int_equal(told(r, "FIG"), 0);
    road_close(r);
}

static void answers_that_are_none_tell_nothing(void **state)
{
    static const char *const lies[] = {
        "\"see\": \"YES\"",
        "\"see\": true",
        "\"see\": \"later\"",
        "\"see\": \"later\", \"seconds\": -1",
        "\"see\": \"yes\", \"fields\": [1]",
        "\"see\": \"yes\", \"fields\": {\"deep\": {\"er\": 1}}",
        "\"see\": \"yes\", \"fields\": {\"no name\": 1}",
        "\"see\": \"yes\"}, {\"item\": 1, \"see\": \"yes\"",
    };
    struct road *r = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(lies); i++) {
        struct application a = { .of = { { "open", lies[i] } } };
        long long id;

        begin(r, 10 + i, &a);
        id = tell(r, "open", "PLUM");
        road_run(r, 10 * MINUTE);
        assert_int_equal(exchange_count(r->exchange), 0);
        assert_string_equal(why_ann(r, id), "unanswered");
        road_close(r);
    }
}

static void nothing_leaves_while_the_application_is_away(void **state)
{
    static const struct sim_http_answer ways[] = {
        { .status = 503 },
        { .status = 200, .body = "<html>welcome</html>" },
        { .status = 200, .body = "{}" },
        { .lost = true },
        { .problem = "connection reset" },
    };
    struct road *r = *state;

    for (size_t i = 0; i < ARRAY_LENGTH(ways); i++) {
        struct application a = { .of = { { "open", yes } }, .instead = ways[i] };
        int64_t mail;
        json_t *answer;

        begin(r, 20 + i, &a);
        (void)tell(r, "open", "PLUM");
        road_run(r, 10 * MINUTE);
        mail = road_delivery(r, ann);
        road_expect(r, mail, DELIVERY_DEFERRED, 0);
        answer = road_ask(r, explain_show, "{'delivery': %lld}", (long long)mail);
        assert_string_equal(json_string_value(json_object_get(answer, "waits_for")), "application");
        assert_int_equal(road_number(r,
                                     SQL("SELECT count(*) FROM alarm WHERE cause = $1 "
                                         "AND until IS NULL"),
                                     db_string("visibility")),
                         1);
        a.instead = (struct sim_http_answer){ 0 };
        road_run(r, 2 * MINUTE);
        assert_int_equal(told(r, "PLUM"), 1);
        road_expect(r, mail, DELIVERY_DELIVERED, 1);
        assert_int_equal(road_number(r,
                                     SQL("SELECT count(*) FROM alarm WHERE cause = $1 "
                                         "AND until IS NULL"),
                                     db_string("visibility")),
                         0);
        road_close(r);
    }
}

static void the_alarm_ends_though_the_daemon_began_anew_meanwhile(void **state)
{
    struct application a = { .of = { { "open", yes } }, .instead = { .status = 503 } };
    struct road *r = *state;

    begin(r, 28, &a);
    (void)tell(r, "open", "PLUM");
    road_run(r, 10 * MINUTE);
    road_stop(r);
    a.instead = (struct sim_http_answer){ 0 };
    road_start(r);
    road_run(r, 10 * MINUTE);
    assert_int_equal(told(r, "PLUM"), 1);
    assert_int_equal(
        road_number(r, SQL("SELECT count(*) FROM alarm WHERE cause = $1 AND until IS NOT NULL"),
                    db_string("visibility")),
        1);
    road_close(r);
}

static void the_deadline_holds_while_the_application_is_away(void **state)
{
    struct application a = { .of = { { "open", yes } }, .instead = { .status = 500 } };
    struct road *r = *state;

    begin(r, 30, &a);
    road_ask(r, events_add,
             "{'topic': {'key': 'issue/1', 'parents': ['project/x']}, 'kind': 'open', "
             "'text': 'PLUM', 'deadline': '30m'}");
    road_run(r, HOUR);
    a.instead.status = 0;
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 0);
    road_expect(r, road_delivery(r, ann), DELIVERY_EXPIRED, 0);
    road_close(r);
}

static void a_right_that_is_lost_before_the_mail_leaves_is_missed(void **state)
{
    struct application a = { .of = { { "open", yes } } };
    struct smtp_sink_options slow = exchange_options();
    struct road *r = *state;

    begin(r, 31, &a);
    slow.delay_ms = 40 * SECOND; /* before each reply: the answer is too old by the content */
    exchange_open(r->exchange, mx1, &slow);
    (void)tell(r, "open", "PLUM");
    road_run(r, 2 * MINUTE + 30 * SECOND);
    assert_int_equal(a.asked, 1);
    a.of[0].says = no;
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 0);
    assert_true(a.asked > 1);
    road_expect(r, road_delivery(r, ann), DELIVERY_CANCELLED, 0);
    road_close(r);
}

static void a_server_slower_than_answers_last_gets_its_mail(void **state)
{
    struct application a = { .of = { { "open", yes } } };
    struct smtp_sink_options slow = exchange_options();
    struct road *r = *state;

    begin(r, 32, &a);
    slow.delay_ms = 40 * SECOND;
    exchange_open(r->exchange, mx1, &slow);
    (void)tell(r, "open", "PLUM");
    road_run(r, HOUR);
    assert_int_equal(told(r, "PLUM"), 1);
    road_close(r);
}

static void what_is_wanted_later_comes_then_and_in_order(void **state)
{
    struct application a = { .of = { { "open", yes }, { "build", later } } };
    struct road *r = *state;

    begin(r, 40, &a);
    (void)tell(r, "open", "PLUM");
    (void)tell(r, "build", "PEAR");
    (void)tell(r, "open", "FIG");
    road_run(r, 10 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(told(r, "PLUM"), 1);
    assert_int_equal(told(r, "PEAR") + told(r, "FIG"), 0);
    a.of[1].says = yes;
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 2);
    assert_int_equal(told(r, "PLUM"), 1);
    assert_int_equal(told(r, "PEAR"), 1);
    assert_int_equal(told(r, "FIG"), 1);
    road_close(r);
}

static void a_mail_of_nothing_else_waits(void **state)
{
    struct application a = { .of = { { "build", later } } };
    struct road *r = *state;
    int64_t mail;

    begin(r, 41, &a);
    (void)tell(r, "build", "PEAR");
    road_run(r, 10 * MINUTE);
    mail = road_delivery(r, ann);
    road_expect(r, mail, DELIVERY_DEFERRED, 0);
    assert_string_equal(story_reason(r, mail), "put_off");
    assert_int_equal(a.asked, 1);
    a.of[0].says = no;
    road_run(r, HOUR);
    road_expect(r, mail, DELIVERY_CANCELLED, 0);
    assert_string_equal(story_reason(r, mail), "hidden");
    road_close(r);
}

static void a_digest_leaves_it_to_the_next(void **state)
{
    struct application a = { .of = { { "open", yes }, { "build", later } } };
    struct road *r = *state;

    begin(r, 42, &a);
    road_ask(r, watches_set, "{'person': 'ann', 'topic': 'project/x', 'mode': 'hourly'}");
    (void)tell(r, "open", "PLUM");
    (void)tell(r, "build", "PEAR");
    (void)tell(r, "open", "FIG");
    road_run(r, HOUR + 10 * MINUTE);
    assert_int_equal(exchange_count(r->exchange), 1);
    assert_int_equal(told(r, "PLUM"), 1);
    assert_int_equal(told(r, "PEAR") + told(r, "FIG"), 0);
    a.of[1].says = yes;
    road_run(r, HOUR);
    assert_int_equal(exchange_count(r->exchange), 2);
    assert_int_equal(told(r, "PLUM"), 1);
    assert_int_equal(told(r, "PEAR"), 1);
    assert_int_equal(told(r, "FIG"), 1);
    road_run(r, 3 * HOUR);
    assert_int_equal(exchange_count(r->exchange), 2);
    road_close(r);
}

static void questions_are_few_when_mails_are_many(void **state)
{
    struct application a = { .of = { { "open", yes } } };
    struct road *r = *state;
    char topic[300];

    begin(r, 43, &a);
    for (int i = 0; i < 60; i++) {
        (void)snprintf(topic, sizeof topic,
                       "{'topic': {'key': 'issue/%d', 'parents': ['project/x']}, 'kind': 'open', "
                       "'text': 'PLUM'}",
                       i);
        road_ask(r, events_add, "%s", topic);
    }
    road_run(r, HOUR);
    assert_int_equal(told(r, "PLUM"), 60);
    assert_int_equal(a.asked_of[0], 60);
    assert_true(a.asked < 30);
    road_close(r);
}

/* Whatever dies when: what is hidden is never told, the rest once, but for what was in doubt. */
static void power_cuts_show_nothing_hidden(void **state)
{
    struct road *r = *state;

    for (uint64_t seed = 100; seed < 140; seed++) {
        struct application a = {
            .of = { { "open", yes }, { "closed", no }, { "build", later }, { "noise", not_needed } }
        };

        begin(r, seed, &a);
        (void)tell(r, "open", "PLUM");
        (void)tell(r, "closed", "PEAR");
        (void)tell(r, "build", "FIG");
        (void)tell(r, "noise", "LIME");
        power_vfs_cut_at(r->power, power_vfs_operations(r->power) + 1 + (int64_t)(seed * 7 % 90));
        road_run(r, 10 * MINUTE);
        if (road_is_down(r)) {
            road_crash(r, SIM_POWER_CUT);
            road_start(r);
        }
        road_run(r, 30 * MINUTE);
        a.of[2].says = yes;
        road_run(r, 8 * HOUR);
        assert_int_equal(told(r, "PEAR") + told(r, "LIME"), 0);
        assert_true(told(r, "PLUM") >= 1);
        assert_true(told(r, "FIG") >= 1);
        assert_true(
            told(r, "PLUM") + told(r, "FIG") <=
            2 + (size_t)road_number(r, SQL("SELECT coalesce(sum(doubts), $1) FROM delivery_state"),
                                    db_int(0)));
        road_close(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(each_item_has_its_answer),
        ROAD_TEST(what_no_mail_could_tell_is_asked_again_but_not_what_was_not_needed),
        ROAD_TEST(answers_that_are_none_tell_nothing),
        ROAD_TEST(nothing_leaves_while_the_application_is_away),
        ROAD_TEST(the_alarm_ends_though_the_daemon_began_anew_meanwhile),
        ROAD_TEST(the_deadline_holds_while_the_application_is_away),
        ROAD_TEST(a_right_that_is_lost_before_the_mail_leaves_is_missed),
        ROAD_TEST(a_server_slower_than_answers_last_gets_its_mail),
        ROAD_TEST(what_is_wanted_later_comes_then_and_in_order),
        ROAD_TEST(a_mail_of_nothing_else_waits),
        ROAD_TEST(a_digest_leaves_it_to_the_next),
        ROAD_TEST(questions_are_few_when_mails_are_many),
        ROAD_TEST(power_cuts_show_nothing_hidden),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
