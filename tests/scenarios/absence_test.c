/*
 * Domains of which the DNS has nothing: a few mails fail at once for that, many only when it has
 * been looked at twice.
 */
#include <stdio.h>

#include "tests/scenarios/story.h"
#include "tests/support/cmocka.h"

enum { MANY = 50, FEW_MOST = 20 };

static const char mx1[] = "192.0.2.1";

static int64_t in_state(struct road *r, enum delivery_state state)
{
    return road_number(r, SQL("SELECT count(*) FROM delivery_state WHERE state = $1"),
                       db_int(state));
}

static int64_t attempts(struct road *r)
{
    return road_number(r, SQL("SELECT count(*) FROM attempt WHERE id > $1"), db_int(0));
}

/* Many at one domain that has vanished, and news for them. */
static void begin(struct road *r, uint64_t seed)
{
    const struct smtp_sink_options options = exchange_options();

    road_open(r, seed);
    road_start(r);
    story_domain(r, "one.example", mx1);
    exchange_open(r->exchange, mx1, &options);
    for (int i = 0; i < MANY; i++) {
        char key[20];

        (void)snprintf(key, sizeof key, "p%d", i);
        story_watcher(r, key, "one.example");
    }
    sim_dns_set(r->sim, "one.example", DNS_MX, "nxdomain");
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, 2 * MINUTE);
}

static void a_list_waits_for_a_second_look_at_a_domain_that_is_not_there(void **state)
{
    struct road *r = *state;
    int64_t waiting;

    begin(r, 1);
    waiting = in_state(r, DELIVERY_QUEUED);
    assert_in_range(waiting, MANY - FEW_MOST, MANY);
    assert_int_equal(attempts(r), MANY - waiting);
    sim_dns_set(r->sim, "one.example", DNS_MX, "10 mx.one.example");
    road_run(r, 10 * MINUTE);
    assert_int_equal(in_state(r, DELIVERY_DELIVERED), waiting);
    road_close(r);
}

static void a_list_fails_when_the_second_look_finds_no_domain_either(void **state)
{
    struct road *r = *state;

    begin(r, 2);
    assert_in_range(in_state(r, DELIVERY_QUEUED), MANY - FEW_MOST, MANY);
    road_run(r, 5 * MINUTE);
    assert_int_equal(in_state(r, DELIVERY_FAILED), MANY);
    assert_int_equal(attempts(r), MANY);
    road_close(r);
}

static void a_host_without_address_is_looked_for_twice_too(void **state)
{
    struct road *r = *state;

    begin(r, 3);
    sim_dns_set(r->sim, "one.example", DNS_MX, "10 mx.one.example");
    sim_dns_set(r->sim, "mx.one.example", DNS_A, "nxdomain");
    road_run(r, 6 * MINUTE);
    assert_int_equal(in_state(r, DELIVERY_FAILED), MANY);
    road_close(r);
}

/* One mail a domain, and a resolver that finds none of them. */
static void a_broken_resolver_fails_few_mails_of_many_domains(void **state)
{
    const struct smtp_sink_options options = exchange_options();
    struct road *r = *state;

    road_open(r, 4);
    road_start(r);
    exchange_open(r->exchange, mx1, &options);
    for (int i = 0; i < 2 * MANY; i++) {
        char name[40];

        (void)snprintf(name, sizeof name, "d%d.example", i);
        story_domain(r, name, mx1);
        story_watcher(r, name, name);
        sim_dns_set(r->sim, name, DNS_MX, "nxdomain");
    }
    (void)story_tell_urgently(r, "issue/12", "PLUM");
    road_run(r, MINUTE);
    assert_int_equal(in_state(r, DELIVERY_FAILED), FEW_MOST);
    for (int i = 0; i < 2 * MANY; i++) {
        char name[40];

        (void)snprintf(name, sizeof name, "d%d.example", i);
        story_domain(r, name, mx1);
    }
    road_run(r, 10 * MINUTE);
    assert_int_equal(in_state(r, DELIVERY_DELIVERED), 2 * MANY - FEW_MOST);
    road_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROAD_TEST(a_list_waits_for_a_second_look_at_a_domain_that_is_not_there),
        ROAD_TEST(a_list_fails_when_the_second_look_finds_no_domain_either),
        ROAD_TEST(a_host_without_address_is_looked_for_twice_too),
        ROAD_TEST(a_broken_resolver_fails_few_mails_of_many_domains),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
