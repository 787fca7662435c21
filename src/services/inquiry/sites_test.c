/*
 * Looking at sites.
 */
#include "services/inquiry/sites.h"

#include "store/domain.h"
#include "store/host_trouble.h"
#include "store/lane.h"
#include "store/site.h"
#include "tests/support/mailroom.h"
#include "tests/support/query_plans.h"

#define GOOGLE SPAN("aspmx.l.google.com")

static void meet(struct mailroom *m, struct span key, enum stream_id stream, struct span domain,
                 int64_t cause)
{
    const struct lane_key lane = { stream, lane_strand(cause), domain };
    const struct lane_progress sited = { .site = key };

    MAILROOM_DO(m, site_met(m->office.db, key, OFFICE_START, &m->office.err));
    assert_true(db_begin(m->office.db, &m->office.err));
    lane_made(m->office.db, &lane);
    assert_true(db_commit(m->office.db, &m->office.err));
    MAILROOM_DO(m, lane_progress_put(m->office.db, &lane, &sited, &m->office.err));
}

static void limit(struct mailroom *m, enum limit_origin origin, int64_t value, int64_t until)
{
    const struct site_limit_new limit = { .kind = LIMIT_CONNECTIONS,
                                          .origin = origin,
                                          .value = value,
                                          .since = OFFICE_START,
                                          .until = until,
                                          .words = SPAN("421 too many") };

    MAILROOM_DO(m, site_limit_put(m->office.db, GOOGLE, &limit, &m->office.err));
}

static void a_site_shows_its_limits_by_whose_word(void **state)
{
    struct mailroom *m = *state;

    m->office.settings.site_connections = 20;
    meet(m, GOOGLE, STREAM_NOTICES, SPAN("example.net"), 1);
    limit(m, LIMIT_LEARNED, 2, OFFICE_START + MAILROOM_HOUR);
    office_ask(&m->office, sites_show, "{\"site\": \"example.net\"}");
    office_expect(&m->office, "site", "aspmx.l.google.com");
    office_expect(&m->office, "provider", "google");
    office_expect(&m->office, "limits.0.limit", "connections");
    office_expect(&m->office, "limits.0.by", "learned");
    office_expect_number(&m->office, "limits.0.value", 2);
    office_expect(&m->office, "limits.0.text", "421 too many");
    office_expect(&m->office, "limits.0.until", "2026-09-21T15:13:20.000Z");
    assert_true(json_is_true(office_get(&m->office, "limits.0.holds")));
    office_expect(&m->office, "limits.1.by", "shipped");
    assert_true(json_is_false(office_get(&m->office, "limits.1.holds")));
    office_expect(&m->office, "limits.2.by", "setting");
    m->office.now_ms += MAILROOM_HOUR;
    office_ask(&m->office, sites_show, "{\"site\": \"example.net\"}");
    office_expect(&m->office, "limits.0.by", "shipped"); /* what was learned is over */
}

static void a_site_shows_what_ails_its_hosts_for_as_long_as_it_holds(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    const struct host_trouble_row down = { SPAN("192.0.2.1"), SPAN("down"), OFFICE_START,
                                           OFFICE_START + MAILROOM_HOUR, SPAN("refused") };
    const struct host_trouble_row broken = { SPAN("192.0.2.2"), SPAN("tls-broken"), OFFICE_START,
                                             OFFICE_START + MAILROOM_MINUTE, SPAN("garbage") };

    meet(m, GOOGLE, STREAM_NOTICES, SPAN("example.net"), 1);
    MAILROOM_DO(m, host_trouble_put(o->db, GOOGLE, &down, &o->err));
    MAILROOM_DO(m, host_trouble_put(o->db, GOOGLE, &broken, &o->err));
    office_ask(o, sites_show, "{\"site\": \"example.net\"}");
    office_expect(o, "host_troubles.0.ip", "192.0.2.1");
    office_expect(o, "host_troubles.0.trouble", "down");
    office_expect(o, "host_troubles.1.text", "garbage");
    query_plans_expect_ranges(o->db, "host_trouble");
    o->now_ms += 2 * MAILROOM_MINUTE;
    office_ask(o, sites_show, "{\"site\": \"example.net\"}");
    assert_int_equal(json_array_size(office_get(o, "host_troubles")), 1);
    MAILROOM_DO(m, host_trouble_drop(o->db, GOOGLE, down.ip, down.trouble, &o->err));
    office_ask(o, sites_show, "{\"site\": \"example.net\"}");
    assert_null(json_object_get(o->answer, "host_troubles"));
}

static void a_site_shows_what_waits_where_and_what_is_stopped(void **state)
{
    struct mailroom *m = *state;
    const struct domain_note note = { .name = SPAN("a.example"),
                                      .failures = 2,
                                      .asleep_until = OFFICE_START + MAILROOM_HOUR,
                                      .text = SPAN("refused"),
                                      .seen_at = OFFICE_START };
    const struct site_stop blocks = { STREAM_NOTICES, LIMIT_OF_SERVER, OFFICE_START,
                                      OFFICE_START + MAILROOM_HOUR, SPAN("no more") };

    meet(m, GOOGLE, STREAM_NOTICES, SPAN("b.example"), 1);
    meet(m, GOOGLE, STREAM_NOTICES, SPAN("b.example"), 2);
    meet(m, GOOGLE, STREAM_URGENT, SPAN("a.example"), 3);
    MAILROOM_DO(m, domain_note(m->office.db, &note, &m->office.err));
    MAILROOM_DO(m, site_stop_put(m->office.db, GOOGLE, &blocks, &m->office.err));
    office_ask(&m->office, sites_show, "{\"site\": \"aspmx.l.google.com\"}");
    assert_int_equal(json_array_size(office_get(&m->office, "domains")), 2);
    office_expect(&m->office, "domains.0.domain", "a.example");
    office_expect(&m->office, "domains.0.text", "refused");
    office_expect(&m->office, "domains.1.domain", "b.example");
    office_expect(&m->office, "stops.0.stream", "notices");
    office_expect(&m->office, "stops.0.by", "server");
    office_expect(&m->office, "stops.0.text", "no more");
    query_plans_expect_ranges(m->office.db, "lane ");
    query_plans_expect_ranges(m->office.db, "site");
    query_plans_expect_index(m->office.db, "lane_site");
}

static void sites_are_listed_by_what_holds(void **state)
{
    struct mailroom *m = *state;
    const struct site_stop blocks = { STREAM_NOTICES, LIMIT_OF_SERVER, OFFICE_START,
                                      OFFICE_START + MAILROOM_HOUR, SPAN("no more") };
    const struct site_stop mine = { STREAM_URGENT, LIMIT_OF_OPERATOR, OFFICE_START,
                                    SITE_STOP_FOR_GOOD, SPAN("by me") };
    bool changed;

    meet(m, SPAN("a.example"), STREAM_NOTICES, SPAN("a.example"), 1);
    meet(m, SPAN("b.example"), STREAM_NOTICES, SPAN("b.example"), 1);
    meet(m, SPAN("c.example"), STREAM_NOTICES, SPAN("c.example"), 1);
    MAILROOM_DO(m, site_stop_put(m->office.db, SPAN("a.example"), &mine, &m->office.err));
    MAILROOM_DO(m, site_stop_put(m->office.db, SPAN("b.example"), &blocks, &m->office.err));
    MAILROOM_DO(m, site_pause(m->office.db, SPAN("c.example"), SPAN("by me"), OFFICE_START,
                              &changed, &m->office.err));
    office_ask(&m->office, sites_list, "{}");
    assert_int_equal(json_array_size(office_get(&m->office, "sites")), 3);
    office_ask(&m->office, sites_list, "{\"limit\": 2}");
    office_expect(&m->office, "next", "b.example");
    office_ask(&m->office, sites_list, "{\"limit\": 2, \"after\": \"b.example\"}");
    office_expect(&m->office, "sites.0.site", "c.example");
    office_ask(&m->office, sites_list, "{\"only\": \"paused\"}");
    assert_int_equal(json_array_size(office_get(&m->office, "sites")), 2);
    office_expect(&m->office, "sites.0.paused_streams.0", "urgent");
    assert_true(json_is_true(office_get(&m->office, "sites.1.paused")));
    office_ask(&m->office, sites_list, "{\"only\": \"blocked\"}");
    assert_int_equal(json_array_size(office_get(&m->office, "sites")), 1);
    office_expect(&m->office, "sites.0.blocked_streams.0", "notices");
    office_refuse(&m->office, sites_list, "{\"only\": \"x\"}", "must be paused or blocked");
    query_plans_expect_ranges(m->office.db, "site");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, mailroom_setup, mailroom_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_site_shows_its_limits_by_whose_word),
        STORY(a_site_shows_what_waits_where_and_what_is_stopped),
        STORY(a_site_shows_what_ails_its_hosts_for_as_long_as_it_holds),
        STORY(sites_are_listed_by_what_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
