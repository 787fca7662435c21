#include "domain/mx_plan.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "tests/support/cmocka.h"

enum { HOSTS = 5, RUNS = 200 };

/* Answers are written as text: "10 mx1.example,20 mx2.example", "192.0.2.1,192.0.2.2", "" for
 * NODATA, or the name of another status. */
struct story {
    const char *what;
    const char *domain;
    const char *mx;
    struct {
        const char *name;
        const char *a;
        const char *aaaa;
    } host[HOSTS];
    const char *expect; /* "status" or "host=address ..." in order */
    bool internal_allowed;
    bool loopback_allowed;
};

static const char *const own_names[] = { "ours.example" };

static void read_record(struct span text, struct dns_record *record)
{
    *record = (struct dns_record){ 0 };
    if (!ip_parse(text, &record->ip)) {
        int preference = 0;
        char copy[300];
        char name[256] = "";

        (void)snprintf(copy, sizeof(copy), "%.*s", SPAN_ARGS(text));
        assert_true(sscanf(copy, "%d %255s", &preference, name) >= 1);
        record->preference = (uint16_t)preference;
        (void)snprintf(record->name, sizeof(record->name), "%s",
                       strcmp(name, ".") == 0 ? "" : name);
    }
}

static struct dns_answer answer_of(const char *text)
{
    struct dns_answer answer = { .status = DNS_NODATA };
    struct span rest = span_of(text);

    for (int status = DNS_OK; status <= DNS_TIMEOUT; status++)
        if (strcmp(text, dns_status_name((enum dns_status)status)) == 0)
            return (struct dns_answer){ .status = (enum dns_status)status };
    answer.records = alloc_array(DNS_RECORDS_LIMIT, sizeof(struct dns_record));
    while (rest.n > 0) {
        answer.status = DNS_OK;
        read_record(span_take_until(&rest, ','), &answer.records[answer.count++]);
    }
    return answer;
}

static const char *answer_text(const struct story *story, const char *host, bool want_a)
{
    for (size_t i = 0; i < HOSTS && story->host[i].name != NULL; i++)
        if (strcmp(story->host[i].name, host) == 0)
            return want_a ? story->host[i].a : story->host[i].aaaa;
    fail_msg("%s: nobody should ask for %s", story->what, host);
    return "";
}

/* Plays a story with one seed. */
static void make(const struct story *story, uint64_t seed, struct mx_plan *ret_plan)
{
    struct ip own = { .version = 4, .bytes = { 198, 51, 100, 1 } };
    struct mx_rules rules = { .internal_allowed = story->internal_allowed,
                              .loopback_allowed = story->loopback_allowed,
                              .own_names = own_names,
                              .own_name_count = 1,
                              .own_addresses = &own,
                              .own_address_count = 1 };
    struct dns_answer mx;
    struct dns_answer a[MX_HOSTS_MOST];
    struct dns_answer aaaa[MX_HOSTS_MOST];
    struct mx_host_answers answers[MX_HOSTS_MOST];
    struct mx_hosts hosts;
    struct random random;

    random_seed(&random, seed);
    if (mx_domain_is_literal(story->domain)) {
        mx_plan_make_literal(story->domain, &rules, ret_plan);
        return;
    }
    mx = answer_of(story->mx);
    mx_hosts_find(story->domain, &mx, &rules, &random, &hosts);
    for (size_t i = 0; i < hosts.count; i++) {
        a[i] = answer_of(answer_text(story, hosts.host[i].name, true));
        aaaa[i] = answer_of(answer_text(story, hosts.host[i].name, false));
        answers[i] = (struct mx_host_answers){ &a[i], &aaaa[i] };
    }
    mx_plan_make(&hosts, answers, &rules, &random, ret_plan);
    for (size_t i = 0; i < hosts.count; i++) {
        dns_answer_fini(&a[i]);
        dns_answer_fini(&aaaa[i]);
    }
    dns_answer_fini(&mx);
}

static void put_plan(const struct mx_plan *plan, struct buf *to)
{
    buf_put_text(to, plan->finding.status);
    for (size_t i = 0; i < plan->count; i++) {
        buf_printf(to, "%s%s=", i > 0 ? " " : "", plan->targets[i].host);
        ip_put(to, &plan->targets[i].ip);
    }
}

static void expect_all(const struct story *stories, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        CLEANUP(buf_fini) struct buf text;
        CLEANUP(mx_plan_fini) struct mx_plan plan;

        buf_init(&text, 4096);
        make(&stories[i], i, &plan);
        put_plan(&plan, &text);
        if (strcmp(buf_text(&text), stories[i].expect) != 0)
            fail_msg("%s: expected %s, got %s (%s)", stories[i].what, stories[i].expect,
                     buf_text(&text), plan.finding.text);
        assert_int_equal(plan.finding.verdict == MX_TRY, plan.count > 0);
        assert_int_equal(plan.finding.verdict == MX_DEFERRED, plan.finding.status[0] == '4');
        assert_int_equal(plan.finding.text[0] == '\0', plan.count > 0);
    }
}

/* Standards section 1, statement by statement. */

static void s01_lower_preference_first_equal_ones_at_random(void **state)
{
    struct story story = { "three",
                           "x.example",
                           "20 b.example,10 a.example,20 c.example",
                           { { "a.example", "192.0.2.1", "" },
                             { "b.example", "192.0.2.2", "" },
                             { "c.example", "192.0.2.3", "" } },
                           "" };
    int b_second = 0;

    (void)state;
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        CLEANUP(mx_plan_fini) struct mx_plan plan;

        make(&story, seed, &plan);
        assert_int_equal(plan.count, 3);
        assert_string_equal(plan.targets[0].host, "a.example");
        assert_int_equal(plan.targets[0].preference, 10);
        b_second += strcmp(plan.targets[1].host, "b.example") == 0;
    }
    assert_in_range(b_second, RUNS / 4, RUNS * 3 / 4);
}

static void s02_without_mx_the_domain_is_the_host(void **state)
{
    static const struct story stories[] = {
        { "A only", "x.example", "", { { "x.example", "192.0.2.1", "" } }, "x.example=192.0.2.1" },
        { "AAAA only",
          "x.example",
          "",
          { { "x.example", "", "2001:db8::1" } },
          "x.example=2001:db8::1" },
    };

    (void)state;
    expect_all(stories, ARRAY_LENGTH(stories));
}

static void s03_with_mx_never_the_domains_own_address(void **state)
{
    static const struct story stories[] = {
        { "no address", "x.example", "10 a.example", { { "a.example", "", "" } }, "5.4.4" },
        { "no such host",
          "x.example",
          "10 a.example",
          { { "a.example", "nxdomain", "nxdomain" } },
          "5.4.4" },
        { "an address as MX", "x.example", "10 192.0.2.1", { { NULL } }, "5.4.4" },
    };

    (void)state;
    expect_all(stories, ARRAY_LENGTH(stories));
}

/* The resolver follows aliases; the plan keeps the name that the MX record gives. */
static void s04_an_alias_as_mx_host_is_tolerated(void **state)
{
    struct dns_answer mx = answer_of("10 alias.example");
    struct dns_answer a = answer_of("192.0.2.1");
    struct dns_answer aaaa = answer_of("");
    struct mx_host_answers answers = { &a, &aaaa };
    struct mx_rules rules = { 0 };
    struct mx_hosts hosts;
    struct mx_plan plan;
    struct random random;

    (void)state;
    random_seed(&random, 1);
    (void)snprintf(mx.canonical, sizeof(mx.canonical), "elsewhere.example");
    (void)snprintf(a.canonical, sizeof(a.canonical), "real.example");
    mx_hosts_find("x.example", &mx, &rules, &random, &hosts);
    mx_plan_make(&hosts, &answers, &rules, &random, &plan);
    assert_int_equal(plan.count, 1);
    assert_string_equal(plan.targets[0].host, "alias.example");
    mx_plan_fini(&plan);
    dns_answer_fini(&mx);
    dns_answer_fini(&a);
    dns_answer_fini(&aaaa);
}

static void s05_null_mx_fails_at_once(void **state)
{
    static const struct story stories[] = {
        { "alone", "x.example", "0 .", { { NULL } }, "5.1.10" },
        { "any preference", "x.example", "10 .", { { NULL } }, "5.1.10" },
        { "mixed, it is ignored",
          "x.example",
          "0 .,10 a.example",
          { { "a.example", "192.0.2.1", "" } },
          "a.example=192.0.2.1" },
    };

    (void)state;
    expect_all(stories, ARRAY_LENGTH(stories));
}

static void s06_no_such_domain_is_permanent_trouble_is_temporary(void **state)
{
    static const struct story stories[] = {
        { "nxdomain", "x.example", "nxdomain", { { NULL } }, "5.1.2" },
        { "servfail", "x.example", "servfail", { { NULL } }, "4.4.3" },
        { "timeout", "x.example", "timeout", { { NULL } }, "4.4.3" },
        { "a host's addresses time out",
          "x.example",
          "10 a.example",
          { { "a.example", "timeout", "servfail" } },
          "4.4.3" },
        { "the other host answers",
          "x.example",
          "10 a.example,20 b.example",
          { { "a.example", "timeout", "timeout" }, { "b.example", "192.0.2.1", "" } },
          "b.example=192.0.2.1" },
        { "one host in trouble, the other without address",
          "x.example",
          "10 a.example,20 b.example",
          { { "a.example", "", "servfail" }, { "b.example", "", "" } },
          "4.4.3" },
    };

    (void)state;
    expect_all(stories, ARRAY_LENGTH(stories));
}

static void s07_no_mail_host_is_permanent_unless_an_answer_is_missing(void **state)
{
    static const struct story stories[] = {
        { "neither", "x.example", "", { { "x.example", "", "" } }, "5.4.4" },
        { "AAAA in trouble", "x.example", "", { { "x.example", "", "servfail" } }, "4.4.3" },
        { "A in trouble", "x.example", "", { { "x.example", "timeout", "" } }, "4.4.3" },
        { "AAAA in trouble, A there",
          "x.example",
          "",
          { { "x.example", "192.0.2.1", "servfail" } },
          "x.example=192.0.2.1" },
    };

    (void)state;
    expect_all(stories, ARRAY_LENGTH(stories));
}

static void s08_every_address_of_every_host_is_eligible_once(void **state)
{
    struct story story = { "five addresses",
                           "x.example",
                           "10 a.example,20 b.example",
                           { { "a.example", "192.0.2.1,192.0.2.2,192.0.2.3", "" },
                             { "b.example", "192.0.2.2,192.0.2.4,192.0.2.5", "" } },
                           "" };
    CLEANUP(mx_plan_fini) struct mx_plan plan;
    int seen[6] = { 0 };

    (void)state;
    make(&story, 3, &plan);
    assert_int_equal(plan.count, 5);
    for (size_t i = 0; i < plan.count; i++) {
        seen[plan.targets[i].ip.bytes[3]]++;
        assert_int_equal(plan.targets[i].preference, i < 3 ? 10 : 20);
    }
    for (size_t i = 1; i <= 5; i++)
        assert_int_equal(seen[i], 1);
}

static void s08_a_flood_of_hosts_and_addresses_is_cut(void **state)
{
    CLEANUP(buf_fini) struct buf text;
    CLEANUP(mx_plan_fini) struct mx_plan plan;
    struct dns_answer a = { .status = DNS_OK };
    struct dns_answer aaaa = { .status = DNS_NODATA };
    struct mx_host_answers answers[MX_HOSTS_MOST];
    struct mx_rules rules = { 0 };
    struct mx_hosts hosts;
    struct dns_answer mx;
    struct random random;

    (void)state;
    random_seed(&random, 9);
    buf_init(&text, 1 << 16);
    for (int i = 0; i < DNS_RECORDS_LIMIT; i++)
        buf_printf(&text, "10 a-host-with-a-rather-long-name-%d.example,", i);
    buf_cut(&text, text.n - 1);
    mx = answer_of(buf_text(&text));
    mx_hosts_find("x.example", &mx, &rules, &random, &hosts);
    assert_int_equal(hosts.count, MX_HOSTS_MOST);
    assert_int_equal(strlen(hosts.site_key), MX_SITE_KEY_MOST);
    a.records = alloc_array(DNS_RECORDS_LIMIT, sizeof(struct dns_record));
    a.count = DNS_RECORDS_LIMIT;
    for (size_t i = 0; i < a.count; i++)
        a.records[i].ip = (struct ip){ .version = 4, .bytes = { 192, 0, 2, (uint8_t)i } };
    for (size_t i = 0; i < MX_HOSTS_MOST; i++)
        answers[i] = (struct mx_host_answers){ &a, &aaaa };
    mx_plan_make(&hosts, answers, &rules, &random, &plan);
    assert_in_range(plan.count, MX_FAMILY_ADDRESSES_MOST, MX_TARGETS_MOST);
    dns_answer_fini(&mx);
    dns_answer_fini(&a);
}

static void s08_one_host_gives_so_many_addresses_of_a_family(void **state)
{
    CLEANUP(buf_fini) struct buf v4;
    CLEANUP(mx_plan_fini) struct mx_plan plan;
    struct story story = { "a host of many addresses",
                           "x.example",
                           "10 a.example",
                           { { "a.example", NULL, "2001:db8::1" } },
                           "" };

    (void)state;
    buf_init(&v4, 1 << 16);
    for (int i = 0; i < MX_FAMILY_ADDRESSES_MOST + 5; i++)
        buf_printf(&v4, "%s192.0.2.%d", i > 0 ? "," : "", i);
    story.host[0].a = buf_text(&v4);
    make(&story, 1, &plan);
    assert_int_equal(plan.count, MX_FAMILY_ADDRESSES_MOST + 1);
}

/* What is known of a host after its first address holds for the next one. */
static void s08_the_addresses_of_a_host_stand_together(void **state)
{
    static const struct story story = { "three equal hosts",
                                        "x.example",
                                        "10 a.example,10 b.example,10 c.example",
                                        { { "a.example", "192.0.2.1,192.0.2.2", "2001:db8::1" },
                                          { "b.example", "192.0.2.3,192.0.2.4", "2001:db8::2" },
                                          { "c.example", "192.0.2.5,192.0.2.6", "2001:db8::3" } },
                                        "" };

    (void)state;
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        CLEANUP(mx_plan_fini) struct mx_plan plan;
        int changes = 0;

        make(&story, seed, &plan);
        assert_int_equal(plan.count, 9);
        for (size_t i = 1; i < plan.count; i++)
            changes += plan.targets[i].host_index != plan.targets[i - 1].host_index;
        assert_int_equal(changes, 2);
    }
}

static void s09_never_to_ourselves(void **state)
{
    static const struct story stories[] = {
        { "our name is best", "x.example", "10 ours.example,20 b.example", { { NULL } }, "5.4.6" },
        { "our name is equal", "x.example", "10 ours.example,10 b.example", { { NULL } }, "5.4.6" },
        { "our name is second: only the better one",
          "x.example",
          "10 a.example,20 ours.example,30 c.example",
          { { "a.example", "192.0.2.1", "" } },
          "a.example=192.0.2.1" },
        { "the better one has no address",
          "x.example",
          "10 a.example,20 ours.example",
          { { "a.example", "", "" } },
          "5.4.6" },
        { "the better one did not answer",
          "x.example",
          "10 a.example,20 ours.example",
          { { "a.example", "timeout", "" } },
          "4.4.3" },
        { "our address is best",
          "x.example",
          "10 a.example,20 b.example",
          { { "a.example", "198.51.100.1", "" }, { "b.example", "192.0.2.1", "" } },
          "5.4.6" },
        { "our address is second",
          "x.example",
          "10 a.example,20 b.example,20 c.example",
          { { "a.example", "192.0.2.1", "" },
            { "b.example", "198.51.100.1", "" },
            { "c.example", "192.0.2.3", "" } },
          "a.example=192.0.2.1" },
        { "two hosts have our address: the better one counts",
          "x.example",
          "10 a.example,20 b.example",
          { { "a.example", "198.51.100.1", "" }, { "b.example", "198.51.100.1", "" } },
          "5.4.6" },
        { "we are the domain", "ours.example", "", { { NULL } }, "5.4.6" },
        { "the domain has our address",
          "x.example",
          "",
          { { "x.example", "198.51.100.1", "" } },
          "5.4.6" },
    };

    (void)state;
    expect_all(stories, ARRAY_LENGTH(stories));
}

static void s13_both_families_take_turns(void **state)
{
    struct story story = { "both",
                           "x.example",
                           "10 a.example",
                           { { "a.example", "192.0.2.1,192.0.2.2,192.0.2.3",
                               "2001:db8::1,2001:db8::2,2001:db8::3" } },
                           "" };
    int v4_first = 0;

    (void)state;
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        CLEANUP(mx_plan_fini) struct mx_plan plan;

        make(&story, seed, &plan);
        assert_int_equal(plan.count, 6);
        for (size_t i = 1; i < plan.count; i++)
            assert_int_not_equal(plan.targets[i].ip.version, plan.targets[i - 1].ip.version);
        v4_first += plan.targets[0].ip.version == 4;
    }
    assert_in_range(v4_first, RUNS / 4, RUNS * 3 / 4);
}

static void s14_an_address_literal_needs_no_dns(void **state)
{
    static const struct story stories[] = {
        { "IPv4", "[192.0.2.1]", "", { { NULL } }, "[192.0.2.1]=192.0.2.1" },
        { "IPv6", "[IPv6:2001:db8::1]", "", { { NULL } }, "[IPv6:2001:db8::1]=2001:db8::1" },
        { "loopback", "[127.0.0.1]", "", { { NULL } }, "5.4.4" },
        { "loopback, allowed",
          "[127.0.0.1]",
          "",
          { { NULL } },
          "[127.0.0.1]=127.0.0.1",
          .loopback_allowed = true },
        { "private", "[10.0.0.1]", "", { { NULL } }, "5.4.4" },
        { "private, allowed",
          "[10.0.0.1]",
          "",
          { { NULL } },
          "[10.0.0.1]=10.0.0.1",
          .internal_allowed = true },
        { "our own", "[198.51.100.1]", "", { { NULL } }, "5.4.6" },
        { "no address", "[example]", "", { { NULL } }, "5.1.2" },
        { "IPv6 without its tag", "[2001:db8::1]", "", { { NULL } }, "5.1.2" },
        { "IPv4 with the tag of IPv6", "[IPv6:192.0.2.1]", "", { { NULL } }, "5.1.2" },
    };

    (void)state;
    expect_all(stories, ARRAY_LENGTH(stories));
}

static void s15_internal_addresses_are_passed_over(void **state)
{
    static const struct story stories[] = {
        { "loopback",
          "x.example",
          "10 a.example",
          { { "a.example", "127.0.0.1", "::1" } },
          "5.4.4" },
        { "private and link-local",
          "x.example",
          "",
          { { "x.example", "10.0.0.1,169.254.1.1", "fe80::1,::ffff:10.0.0.1" } },
          "5.4.4" },
        { "only that address is passed over",
          "x.example",
          "10 a.example",
          { { "a.example", "10.0.0.1,192.0.2.1", "" } },
          "a.example=192.0.2.1" },
        { "a host in trouble may have a good one",
          "x.example",
          "10 a.example",
          { { "a.example", "10.0.0.1", "servfail" } },
          "4.4.3" },
        { "private, allowed",
          "x.example",
          "10 a.example",
          { { "a.example", "10.0.0.1", "" } },
          "a.example=10.0.0.1",
          .internal_allowed = true },
        { "loopback is allowed apart",
          "x.example",
          "10 a.example",
          { { "a.example", "127.0.0.1", "" } },
          "5.4.4",
          .internal_allowed = true },
        { "loopback, allowed",
          "x.example",
          "10 a.example",
          { { "a.example", "127.0.0.1", "" } },
          "a.example=127.0.0.1",
          .loopback_allowed = true },
    };

    (void)state;
    expect_all(stories, ARRAY_LENGTH(stories));
}

static void the_same_hosts_have_the_same_site_key(void **state)
{
    static const char *const answers[] = { "10 a.example,20 b.example", "5 b.example,5 a.example",
                                           "10 b.example,20 a.example,30 b.example" };
    struct mx_rules rules = { 0 };
    struct random random;

    (void)state;
    random_seed(&random, 1);
    for (size_t i = 0; i < ARRAY_LENGTH(answers); i++) {
        struct dns_answer mx = answer_of(answers[i]);
        struct mx_hosts hosts;

        mx_hosts_find("x.example", &mx, &rules, &random, &hosts);
        assert_string_equal(hosts.site_key, "a.example,b.example");
        assert_int_equal(hosts.count, 2);
        dns_answer_fini(&mx);
    }
}

static void a_copy_stands_alone(void **state)
{
    struct story story = { "two",
                           "x.example",
                           "10 a.example,20 b.example",
                           { { "a.example", "192.0.2.1", "" }, { "b.example", "192.0.2.2", "" } },
                           "" };
    CLEANUP(mx_plan_fini) struct mx_plan copy;
    struct mx_plan plan;

    (void)state;
    make(&story, 1, &plan);
    mx_plan_copy(&plan, &copy);
    mx_plan_fini(&plan);
    assert_int_equal(copy.count, 2);
    assert_string_equal(copy.targets[0].host, "a.example");
    assert_string_equal(copy.targets[1].host, "b.example");
    assert_string_equal(copy.site_key, "a.example,b.example");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s01_lower_preference_first_equal_ones_at_random),
        cmocka_unit_test(s02_without_mx_the_domain_is_the_host),
        cmocka_unit_test(s03_with_mx_never_the_domains_own_address),
        cmocka_unit_test(s04_an_alias_as_mx_host_is_tolerated),
        cmocka_unit_test(s05_null_mx_fails_at_once),
        cmocka_unit_test(s06_no_such_domain_is_permanent_trouble_is_temporary),
        cmocka_unit_test(s07_no_mail_host_is_permanent_unless_an_answer_is_missing),
        cmocka_unit_test(s08_every_address_of_every_host_is_eligible_once),
        cmocka_unit_test(s08_a_flood_of_hosts_and_addresses_is_cut),
        cmocka_unit_test(s08_one_host_gives_so_many_addresses_of_a_family),
        cmocka_unit_test(s08_the_addresses_of_a_host_stand_together),
        cmocka_unit_test(s09_never_to_ourselves),
        cmocka_unit_test(s13_both_families_take_turns),
        cmocka_unit_test(s14_an_address_literal_needs_no_dns),
        cmocka_unit_test(s15_internal_addresses_are_passed_over),
        cmocka_unit_test(the_same_hosts_have_the_same_site_key),
        cmocka_unit_test(a_copy_stands_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
