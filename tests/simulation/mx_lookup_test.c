/*
 * net/mx_lookup on the simulated resolver.
 */
#include "net/mx_lookup.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "io/loop.h"
#include "net/resolver.h"
#include "tests/simulation/dns.h"
#include "tests/simulation/simulation.h"
#include "tests/support/cmocka.h"

enum { CROWD = 1000, TIMEOUT_MS = 2000 };

static const char *const own_names[] = { "ours.example" };

struct office {
    struct simulation *sim;
    struct loop *loop;
    struct resolver *resolver;
    struct mx_rules rules;
    struct mx_lookup *lookup;
};

/* Who asks, and what came. */
struct asker {
    struct mx_query query;
    struct mx_plan plan;
    bool answered;
};

static void open_office(struct office *o, uint64_t seed, size_t in_flight, size_t kept)
{
    struct resolver_options options = { .timeout_ms = TIMEOUT_MS };
    struct mx_lookup_options lookup = { .in_flight_most = in_flight, .kept_most = kept, .seed = 9 };
    struct error err;

    *o = (struct office){ .sim = sim_new(seed) };
    o->loop = loop_new("sender");
    o->resolver = resolver_new(o->loop, &options, &err);
    o->rules = (struct mx_rules){ .own_names = own_names, .own_name_count = 1 };
    lookup.loop = o->loop;
    lookup.resolver = o->resolver;
    lookup.rules = &o->rules;
    o->lookup = mx_lookup_new(&lookup);
    sim_dns_set(o->sim, "x.example", DNS_MX, "10 mx1.x.example, 20 mx2.x.example");
    sim_dns_set(o->sim, "mx1.x.example", DNS_A, "192.0.2.1");
    sim_dns_set(o->sim, "mx2.x.example", DNS_A, "192.0.2.2");
}

static void close_office(struct office *o)
{
    resolver_free(o->resolver);
    mx_lookup_free(o->lookup);
    loop_free(o->loop);
    sim_free(o->sim);
}

static void on_done(void *owner, struct mx_plan *plan)
{
    struct asker *asker = owner;

    assert_false(asker->answered);
    asker->plan = *plan;
    asker->answered = true;
}

static void begin(struct office *o, struct asker *asker, const char *domain)
{
    *asker = (struct asker){ .query = { .done = on_done, .owner = asker } };
    mx_lookup_ask(o->lookup, domain, &asker->query);
    assert_false(asker->answered);
}

static bool is_answered(void *owner)
{
    return ((const struct asker *)owner)->answered;
}

/* Asks, waits, and writes the plan as "host=ip host=ip" or "status". */
static const char *ask(struct office *o, const char *domain)
{
    static char text[1024];
    CLEANUP(buf_fini) struct buf line;
    struct asker asker;

    buf_init(&line, sizeof(text) - 1);
    begin(o, &asker, domain);
    assert_true(sim_run_until(o->sim, is_answered, &asker, 3 * TIMEOUT_MS));
    buf_put_text(&line, asker.plan.finding.status);
    for (size_t i = 0; i < asker.plan.count; i++) {
        buf_printf(&line, "%s%s=", i > 0 ? " " : "", asker.plan.targets[i].host);
        ip_put(&line, &asker.plan.targets[i].ip);
    }
    mx_plan_fini(&asker.plan);
    (void)snprintf(text, sizeof(text), "%s", buf_text(&line));
    return text;
}

static void a_plan_is_made_from_three_kinds_of_answers(void **state)
{
    struct office o;

    (void)state;
    open_office(&o, 1, 10, 10);
    assert_string_equal(ask(&o, "x.example"), "mx1.x.example=192.0.2.1 mx2.x.example=192.0.2.2");
    assert_int_equal(sim_dns_asked(o.sim, "mx1.x.example", DNS_AAAA), 1);
    close_office(&o);
}

static void verdicts_come_through(void **state)
{
    struct office o;

    (void)state;
    open_office(&o, 2, 10, 10);
    sim_dns_set(o.sim, "null.example", DNS_MX, "0 .");
    sim_dns_set(o.sim, "silent.example", DNS_MX, "timeout");
    sim_dns_set(o.sim, "ours.example", DNS_A, "192.0.2.9");
    sim_dns_set(o.sim, "plain.example", DNS_A, "192.0.2.8");
    sim_dns_alias(o.sim, "alias.example", "x.example");
    assert_string_equal(ask(&o, "null.example"), "5.1.10");
    assert_string_equal(ask(&o, "nobody.example"), "5.1.2");
    assert_string_equal(ask(&o, "silent.example"), "4.4.3");
    assert_string_equal(ask(&o, "ours.example"), "5.4.6");
    assert_string_equal(ask(&o, "plain.example"), "plain.example=192.0.2.8");
    assert_string_equal(ask(&o, "alias.example"),
                        "mx1.x.example=192.0.2.1 mx2.x.example=192.0.2.2");
    assert_string_equal(ask(&o, "[192.0.2.3]"), "[192.0.2.3]=192.0.2.3");
    assert_string_equal(ask(&o, ""), "5.1.2");
    close_office(&o);
}

static void a_crowd_costs_one_lookup(void **state)
{
    static struct asker crowd[CROWD];
    struct office o;

    (void)state;
    open_office(&o, 3, 10, 10);
    for (int i = 0; i < CROWD; i++)
        begin(&o, &crowd[i], "x.example");
    assert_int_equal(mx_lookup_in_flight(o.lookup), 1);
    sim_run_for(o.sim, 1000);
    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(crowd[i].plan.count, 2);
        mx_plan_fini(&crowd[i].plan);
    }
    (void)ask(&o, "x.example");
    assert_int_equal(sim_dns_asked(o.sim, "x.example", DNS_MX), 1);
    assert_int_equal(sim_dns_asked(o.sim, "mx1.x.example", DNS_A), 1);
    close_office(&o);
}

/* Equal hosts share the load although the plan is kept. */
static void a_kept_plan_is_shuffled_for_each(void **state)
{
    struct office o;
    int first = 0;

    (void)state;
    open_office(&o, 4, 10, 10);
    sim_dns_set(o.sim, "x.example", DNS_MX, "10 mx1.x.example, 10 mx2.x.example");
    for (int i = 0; i < 100; i++)
        first += strncmp(ask(&o, "x.example"), "mx1", 3) == 0;
    assert_in_range(first, 25, 75);
    assert_int_equal(sim_dns_asked(o.sim, "x.example", DNS_MX), 1);
    close_office(&o);
}

/* How often the domain is asked for when somebody asks each second for two hours. */
static void plans_are_kept_as_long_as_allowed(void **state)
{
    static const struct {
        const char *mx;
        uint32_t ttl;
        int for_s;
        unsigned asked;
    } cases[] = {
        { "10 mx1.x.example", 100, 99, 1 },
        { "10 mx1.x.example", 100, 105, 2 },
        { "10 mx1.x.example", 5, 29, 1 },
        { "10 mx1.x.example", 5, 35, 2 },
        { "10 mx1.x.example", 0, 9, 10 },
        { "10 mx1.x.example", 86400, 3599, 1 },
        { "10 mx1.x.example", 86400, 3605, 2 },
        { "nxdomain", 86400, 299, 1 },
        { "nxdomain", 86400, 305, 2 },
        { "servfail", 86400, 4, 1 },
        { "servfail", 86400, 8, 2 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct office o;

        open_office(&o, i, 10, 10);
        sim_dns_set(o.sim, "mx1.x.example", DNS_AAAA, "2001:db8::1");
        sim_dns_ttl(o.sim, "mx1.x.example", DNS_A, 86400);
        sim_dns_ttl(o.sim, "mx1.x.example", DNS_AAAA, 86400);
        sim_dns_set(o.sim, "x.example", DNS_MX, cases[i].mx);
        sim_dns_ttl(o.sim, "x.example", DNS_MX, cases[i].ttl);
        (void)ask(&o, "x.example");
        for (int s = 0; s < cases[i].for_s; s += cases[i].ttl == 0 ? 1 : cases[i].for_s) {
            sim_run_for(o.sim, cases[i].ttl == 0 ? 1000 : cases[i].for_s * 1000 - 200);
            (void)ask(&o, "x.example");
        }
        if (sim_dns_asked(o.sim, "x.example", DNS_MX) != cases[i].asked)
            fail_msg("%s with ttl %u for %d s: asked %u times", cases[i].mx, cases[i].ttl,
                     cases[i].for_s, sim_dns_asked(o.sim, "x.example", DNS_MX));
        close_office(&o);
    }
}

static void an_answer_that_changed_is_seen_after_its_time_or_on_demand(void **state)
{
    struct office o;

    (void)state;
    open_office(&o, 5, 10, 10);
    (void)ask(&o, "x.example");
    sim_dns_set(o.sim, "x.example", DNS_MX, "10 mx2.x.example");
    assert_string_equal(ask(&o, "x.example"), "mx1.x.example=192.0.2.1 mx2.x.example=192.0.2.2");
    mx_lookup_forget(o.lookup, "x.example");
    assert_string_equal(ask(&o, "x.example"), "mx2.x.example=192.0.2.2");
    close_office(&o);
}

static void only_so_many_are_in_flight_and_kept(void **state)
{
    static struct asker crowd[50];
    struct office o;

    (void)state;
    open_office(&o, 6, 3, 2);
    for (int i = 0; i < 50; i++) {
        char domain[32];

        (void)snprintf(domain, sizeof(domain), "d%d.example", i);
        sim_dns_set(o.sim, domain, DNS_A, "192.0.2.1");
        begin(&o, &crowd[i], domain);
        assert_true(mx_lookup_in_flight(o.lookup) <= 3);
    }
    assert_int_equal(mx_lookup_waiting(o.lookup), 47);
    sim_run_for(o.sim, 10000);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(crowd[i].plan.count, 1);
        mx_plan_fini(&crowd[i].plan);
    }
    (void)ask(&o, "d0.example"); /* no longer kept */
    assert_int_equal(sim_dns_asked(o.sim, "d0.example", DNS_MX), 2);
    (void)ask(&o, "d0.example");
    assert_int_equal(sim_dns_asked(o.sim, "d0.example", DNS_MX), 2);
    close_office(&o);
}

static void a_cancelled_query_hears_nothing(void **state)
{
    struct asker gone;
    struct asker late;
    struct office o;

    (void)state;
    open_office(&o, 7, 10, 10);
    begin(&o, &gone, "x.example");
    mx_lookup_cancel(&gone.query);
    sim_run_for(o.sim, 1000);
    assert_false(gone.answered);
    begin(&o, &late, "x.example"); /* is ready, but not told yet */
    mx_lookup_cancel(&late.query);
    sim_run_for(o.sim, 1000);
    assert_false(late.answered);
    close_office(&o);
}

static void the_end_forgets_what_is_open(void **state)
{
    struct asker asker;
    struct office o;

    (void)state;
    open_office(&o, 8, 10, 10);
    begin(&o, &asker, "x.example");
    sim_run_for(o.sim, 1);
    close_office(&o);
    assert_false(asker.answered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_is_made_from_three_kinds_of_answers),
        cmocka_unit_test(verdicts_come_through),
        cmocka_unit_test(a_crowd_costs_one_lookup),
        cmocka_unit_test(a_kept_plan_is_shuffled_for_each),
        cmocka_unit_test(plans_are_kept_as_long_as_allowed),
        cmocka_unit_test(an_answer_that_changed_is_seen_after_its_time_or_on_demand),
        cmocka_unit_test(only_so_many_are_in_flight_and_kept),
        cmocka_unit_test(a_cancelled_query_hears_nothing),
        cmocka_unit_test(the_end_forgets_what_is_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
