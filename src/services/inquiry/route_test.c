/*
 * The way of an address, as settings and store have it.
 */
#include "services/inquiry/route.h"

#include "store/domain.h"
#include "store/site.h"
#include "store/suppression.h"
#include "tests/support/mailroom.h"

#define ASKED "{\"address\": \"Ann@Example.NET\", \"site\": \"mx.example.net\"}"

static size_t stops(struct mailroom *m)
{
    return json_array_size(office_get(&m->office, "stopped_by"));
}

static void expect_stop(struct mailroom *m, const char *words)
{
    const char *said = json_string_value(office_get(&m->office, "stopped_by.0"));

    if (strstr(said, words) == NULL)
        fail_msg("\"%s\" is without \"%s\"", said, words);
}

static void nothing_stops_mail_to_a_new_site(void **state)
{
    struct mailroom *m = *state;

    m->office.settings.site_connections = 20;
    m->office.settings.smtp_port = 25;
    office_ask(&m->office, route_explain, ASKED);
    office_expect(&m->office, "normal", "ann@example.net");
    office_expect(&m->office, "domain", "example.net");
    office_expect(&m->office, "deliver", "all");
    office_expect(&m->office, "tls", "opportunistic");
    office_expect(&m->office, "limits.0.limit", "connections");
    office_expect(&m->office, "limits.0.by", "setting");
    assert_int_equal(stops(m), 0);
}

static void a_suppressed_address_is_said_to_be(void **state)
{
    struct mailroom *m = *state;
    const struct suppression s = { .target = SPAN("@example.net"),
                                   .scope = SPAN("*"),
                                   .reason = SPAN("objection"),
                                   .origin = SPAN("test") };

    MAILROOM_DO(m, suppression_put(m->office.db, &s, &m->office.err));
    office_ask(&m->office, route_explain, ASKED);
    office_expect(&m->office, "suppressed_by", "objection");
    expect_stop(m, "The address is suppressed (objection)");
}

static void staging_is_named(void **state)
{
    struct mailroom *m = *state;

    m->office.settings.deliver = DELIVER_ONLY;
    office_ask(&m->office, route_explain, ASKED);
    expect_stop(m, "not in deliver: only");
    m->office.settings.deliver = DELIVER_REDIRECT;
    m->office.settings.deliver_redirect = "me@example.org";
    office_ask(&m->office, route_explain, ASKED);
    office_expect(&m->office, "deliver_to", "me@example.org");
    assert_int_equal(stops(m), 0);
}

static void a_pause_and_a_sleep_are_told_with_their_ends(void **state)
{
    struct mailroom *m = *state;
    const struct domain_note note = { .name = SPAN("example.net"),
                                      .failures = 2,
                                      .asleep_until = OFFICE_START + MAILROOM_HOUR,
                                      .text = SPAN("no answer"),
                                      .seen_at = OFFICE_START };
    bool changed;

    MAILROOM_DO(m, domain_note(m->office.db, &note, &m->office.err));
    office_ask(&m->office, route_explain, ASKED);
    expect_stop(m, "example.net is left alone until 2026-09-21T15:13:20Z (in 1h): the last 2 tries "
                   "failed (no answer)");
    m->office.now_ms += MAILROOM_HOUR;
    MAILROOM_DO(m, site_met(m->office.db, SPAN("mx.example.net"), OFFICE_START, &m->office.err));
    MAILROOM_DO(m, site_pause(m->office.db, SPAN("mx.example.net"), SPAN("by me"), OFFICE_START,
                              &changed, &m->office.err));
    office_ask(&m->office, route_explain, ASKED);
    assert_int_equal(stops(m), 1);
    expect_stop(m, "All mail to the site mx.example.net is paused (by me); `postroom site resume "
                   "mx.example.net` lets it go on.");
}

static void what_is_no_address_is_refused(void **state)
{
    struct mailroom *m = *state;

    office_refuse(&m->office, route_explain, "{\"address\": \"ann\"}", "address");
    office_refuse(&m->office, route_explain, "{}", "address");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, mailroom_setup, mailroom_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(nothing_stops_mail_to_a_new_site),
        STORY(a_suppressed_address_is_said_to_be),
        STORY(staging_is_named),
        STORY(a_pause_and_a_sleep_are_told_with_their_ends),
        STORY(what_is_no_address_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
