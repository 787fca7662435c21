/*
 * Orders about sites, on the ledger.
 */
#include "services/delivery/site_orders.h"

#include "store/alarm.h"
#include "store/lane.h"
#include "store/site.h"
#include "store/site_word.h"
#include "tests/support/mailroom.h"

#define KEY SPAN("mx1.example,mx2.example")

static void meet(struct mailroom *m, struct span key, struct span domain)
{
    const struct lane_key lane = { .stream = STREAM_NOTICES, .domain = domain };
    const struct lane_progress sited = { .site = key };

    assert_true(db_begin(m->office.db, &m->office.err));
    lane_made(m->office.db, &lane);
    assert_true(db_commit(m->office.db, &m->office.err));
    MAILROOM_DO(m, site_met(m->office.db, key, OFFICE_START, &m->office.err));
    MAILROOM_DO(m, lane_progress_put(m->office.db, &lane, &sited, &m->office.err));
}

static struct site_facts facts_of(struct mailroom *m)
{
    struct site_facts facts;

    assert_true(site_read(m->office.db, KEY, &facts, &m->office.err));
    return facts;
}

static void a_site_goes_by_its_key_its_hosts_and_its_domains(void **state)
{
    static const char *const names[] = { "mx1.example,mx2.example", "MX2.example", "Example.net" };
    struct mailroom *m = *state;
    char args[100];

    meet(m, KEY, SPAN("example.net"));
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        (void)snprintf(args, sizeof args, "{\"site\": \"%s\"}", names[i]);
        office_ask(&m->office, site_orders_pause, args);
        office_expect(&m->office, "site", "mx1.example,mx2.example");
        assert_int_equal(json_is_true(office_get(&m->office, "changed")), i == 0);
    }
    assert_int_equal(facts_of(m).paused_at, OFFICE_START);
    assert_string_equal(facts_of(m).paused_words, "by test");
    office_ask(&m->office, site_orders_resume, "{\"site\": \"example.net\"}");
    assert_int_equal(facts_of(m).paused_at, 0);
}

static void a_name_of_several_sites_changes_none(void **state)
{
    struct mailroom *m = *state;

    meet(m, KEY, SPAN("example.net"));
    meet(m, SPAN("mx2.example"), SPAN("example.org"));
    meet(m, SPAN("mx2.example,mx3.example"), SPAN("example.com"));
    office_ask(&m->office, site_orders_pause, "{\"site\": \"mx2.example\"}"); /* its own key */
    office_expect(&m->office, "others_with_host.0", "mx1.example,mx2.example");
    office_expect(&m->office, "others_with_host.1", "mx2.example,mx3.example");
    office_ask(&m->office, site_orders_pause, "{\"site\": \"mx3.example\"}");
    meet(m, SPAN("mx3.example,mx4.example"), SPAN("example.com"));
    office_refuse(&m->office, site_orders_resume, "{\"site\": \"mx3.example\"}",
                  "means 2 sites: say mx2.example,mx3.example or mx3.example,mx4.example");
    office_refuse(&m->office, site_orders_pause, "{\"site\": \"nobody.example\"}",
                  "no site is known by \"nobody.example\"");
    assert_int_equal(facts_of(m).paused_at, 0);
}

static void a_stream_is_paused_for_a_time_beside_what_the_site_says(void **state)
{
    struct mailroom *m = *state;
    const struct site_stop blocks = { STREAM_NOTICES, LIMIT_OF_SERVER, OFFICE_START,
                                      OFFICE_START + 2 * MAILROOM_HOUR, SPAN("no more") };

    meet(m, KEY, SPAN("example.net"));
    office_ask(&m->office, site_orders_pause,
               "{\"site\": \"example.net\", \"stream\": \"notices\", \"until\": \"1h\", "
               "\"reason\": \"repairs\"}");
    assert_int_equal(facts_of(m).stops[STREAM_NOTICES].until, OFFICE_START + MAILROOM_HOUR);
    assert_string_equal(facts_of(m).stops[STREAM_NOTICES].words, "by test: repairs");
    assert_int_equal(facts_of(m).stops[STREAM_URGENT].until, 0);
    MAILROOM_DO(m, site_stop_put(m->office.db, KEY, &blocks, &m->office.err));
    MAILROOM_DO(m, alarm_raise(m->office.db, ALARM_ERROR,
                               SPAN("site-blocks notices mx1.example,mx2.example"), SPAN("no more"),
                               OFFICE_START, &m->office.err));
    assert_int_equal(facts_of(m).stops[STREAM_NOTICES].until, OFFICE_START + 2 * MAILROOM_HOUR);
    office_ask(&m->office, site_orders_resume,
               "{\"site\": \"example.net\", \"stream\": \"notices\"}");
    assert_int_equal(facts_of(m).stops[STREAM_NOTICES].until, 0);
    assert_int_equal(
        office_count(&m->office, "SELECT count(*) FROM alarm WHERE until IS NULL AND id > $1"), 0);
}

static void a_pause_of_all_for_a_time_stops_each_stream(void **state)
{
    struct mailroom *m = *state;

    meet(m, KEY, SPAN("example.net"));
    office_ask(&m->office, site_orders_pause, "{\"site\": \"example.net\", \"until\": \"1h\"}");
    office_expect(&m->office, "until", "2026-09-21T15:13:20.000Z");
    for (int i = 0; i < SITE_STREAMS; i++)
        assert_int_equal(facts_of(m).stops[i].until, OFFICE_START + MAILROOM_HOUR);
}

static void limits_are_set_and_taken_back(void **state)
{
    struct mailroom *m = *state;
    struct site_facts facts;

    meet(m, KEY, SPAN("example.net"));
    office_ask(&m->office, site_orders_limit,
               "{\"site\": \"example.net\", \"limits\": {\"mails\": 60, \"idle_time\": \"30s\"}, "
               "\"until\": \"1h\"}");
    facts = facts_of(m);
    assert_int_equal(facts.limits[LIMIT_OF_OPERATOR].of[LIMIT_MAILS].value, 60);
    assert_int_equal(facts.limits[LIMIT_OF_OPERATOR].of[LIMIT_IDLE_MS].value, 30000);
    assert_int_equal(facts.limits[LIMIT_OF_OPERATOR].of[LIMIT_MAILS].until,
                     OFFICE_START + MAILROOM_HOUR);
    office_ask(&m->office, site_orders_limit,
               "{\"site\": \"example.net\", \"limits\": {\"mails\": null}}");
    facts = facts_of(m);
    assert_int_equal(facts.limits[LIMIT_OF_OPERATOR].of[LIMIT_MAILS].value, 0);
    assert_int_equal(facts.limits[LIMIT_OF_OPERATOR].of[LIMIT_IDLE_MS].value, 30000);
}

static void wrong_orders_change_nothing(void **state)
{
    static const struct {
        request_handler *handler;
        const char *args;
        const char *words;
    } cases[] = {
        { site_orders_limit, "{\"site\": \"example.net\", \"limits\": {\"mail\": 1}}",
          "there is no limit \"mail\" (known: connections, new_connections" },
        { site_orders_limit, "{\"site\": \"example.net\", \"limits\": {\"connections\": 0}}",
          "connections must be a number from 1 to 10000, or default; `site pause`" },
        { site_orders_limit, "{\"site\": \"example.net\", \"limits\": {\"idle_time\": 5}}",
          "idle_time must be a duration from 1s to 1h" },
        { site_orders_limit, "{\"site\": \"example.net\", \"limits\": {\"mails\": \"many\"}}",
          "mails must be a number" },
        { site_orders_limit, "{\"site\": \"example.net\"}", "must be an object" },
        { site_orders_pause, "{\"site\": \"example.net\", \"stream\": \"x\"}", "no stream \"x\"" },
        { site_orders_pause, "{\"site\": \"example.net\", \"until\": \"2001-01-01T00:00:00Z\"}",
          "that time is over" },
        { site_orders_pause, "{}", "site" },
    };
    struct mailroom *m = *state;

    meet(m, KEY, SPAN("example.net"));
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        office_refuse(&m->office, cases[i].handler, cases[i].args, cases[i].words);
    assert_int_equal(office_count(&m->office, "SELECT count(*) FROM site_limit WHERE value > $1"),
                     0);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, mailroom_setup, mailroom_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_site_goes_by_its_key_its_hosts_and_its_domains),
        STORY(a_name_of_several_sites_changes_none),
        STORY(a_stream_is_paused_for_a_time_beside_what_the_site_says),
        STORY(a_pause_of_all_for_a_time_stops_each_stream),
        STORY(limits_are_set_and_taken_back),
        STORY(wrong_orders_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
