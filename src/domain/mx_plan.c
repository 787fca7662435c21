/*
 * From DNS answers to the list of addresses to try. What a temporary failure of the DNS hides is
 * never taken for absence: a permanent verdict needs every lookup it rests on to be answered.
 *
 * Not here: asking (net/mx_lookup), caching, and what a verdict means for a delivery.
 */
#include "domain/mx_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { PREFERENCE_NONE = UINT16_MAX + 1 };

/* A plan in the making, and what was seen on the way that explains an empty one. */
struct draft {
    struct mx_plan plan;
    const struct mx_hosts *hosts;
    const struct mx_rules *rules;
    unsigned ours; /* the best preference of a host with an address of ours */
    bool internal;
    const struct dns_answer *soft;
    const char *soft_host;
};

static bool is_own_address(const struct mx_rules *rules, const struct ip *ip)
{
    for (size_t i = 0; i < rules->own_address_count; i++)
        if (ip_equal(&rules->own_addresses[i], ip))
            return true;
    return false;
}

static bool is_allowed(const struct mx_rules *rules, const struct ip *ip)
{
    if (ip_is_loopback(ip))
        return rules->loopback_allowed;
    return rules->internal_allowed || !ip_is_internal(ip);
}

static bool has_own_address(const struct dns_answer *answer, const struct mx_rules *rules)
{
    for (size_t i = 0; i < answer->count; i++)
        if (is_own_address(rules, &answer->records[i].ip))
            return true;
    return false;
}

static unsigned our_preference(const struct mx_hosts *hosts, const struct mx_host_answers *answers,
                               const struct mx_rules *rules)
{
    unsigned ours = PREFERENCE_NONE;

    for (size_t i = 0; i < hosts->count; i++)
        if (hosts->host[i].preference < ours &&
            (has_own_address(answers[i].a, rules) || has_own_address(answers[i].aaaa, rules)))
            ours = hosts->host[i].preference;
    return ours;
}

static bool has_target(const struct mx_plan *plan, const struct ip *ip)
{
    for (size_t i = 0; i < plan->count; i++)
        if (ip_equal(&plan->targets[i].ip, ip))
            return true;
    return false;
}

/* Adds the addresses of one family of one host; one that another host has too is tried once. */
static void add_addresses(struct draft *draft, size_t host, const struct dns_answer *answer)
{
    struct mx_plan *plan = &draft->plan;
    size_t most = plan->count + MX_FAMILY_ADDRESSES_MOST;

    if (dns_answer_is_soft(answer)) {
        draft->soft = answer;
        draft->soft_host = draft->hosts->host[host].name;
    }
    for (size_t i = 0; i < answer->count && plan->count < most; i++) {
        const struct ip *ip = &answer->records[i].ip;

        if (!is_allowed(draft->rules, ip))
            draft->internal = true;
        else if (!has_target(plan, ip))
            plan->targets[plan->count++] = (struct mx_target){
                .ip = *ip,
                .preference = draft->hosts->host[host].preference,
                .host_index = (uint16_t)host,
            };
    }
}

static void explain_nothing(struct draft *draft)
{
    struct mx_finding *finding = &draft->plan.finding;
    const char *best = draft->hosts->host[0].name;

    if (draft->soft != NULL)
        mx_finding_set_soft(finding, "the addresses", draft->soft_host, draft->soft);
    else if (draft->hosts->cut_at_us || draft->ours != PREFERENCE_NONE)
        mx_finding_set(finding, MX_FAILED, "5.4.6", "no mail host but ourselves can be used");
    else if (draft->internal)
        mx_finding_set(finding, MX_FAILED, "5.4.4", "the mail host %s has only internal addresses",
                       best);
    else
        mx_finding_set(finding, MX_FAILED, "5.4.4", "there is no mail host: %s has no address",
                       best);
    finding->is_absence = finding->verdict == MX_FAILED && !draft->internal &&
                          !draft->hosts->cut_at_us && draft->ours == PREFERENCE_NONE;
}

/* Names move into one block of the plan's own; the targets point there. */
static void name_targets(struct mx_plan *plan, const struct mx_hosts *hosts)
{
    size_t starts[MX_HOSTS_MOST];

    for (size_t i = 0; i < hosts->count; i++) {
        starts[i] = plan->names_size;
        plan->names_size += strlen(hosts->host[i].name) + 1;
    }
    plan->names = alloc_zeroed(plan->names_size);
    for (size_t i = 0; i < hosts->count; i++)
        memcpy(plan->names + starts[i], hosts->host[i].name, strlen(hosts->host[i].name));
    for (size_t i = 0; i < plan->count; i++)
        plan->targets[i].host = plan->names + starts[plan->targets[i].host_index];
}

static void fill(struct draft *draft, const struct mx_host_answers *answers)
{
    const struct mx_hosts *hosts = draft->hosts;

    draft->ours = our_preference(hosts, answers, draft->rules);
    draft->plan.targets =
        alloc_array(hosts->count * 2 * MX_FAMILY_ADDRESSES_MOST, sizeof(struct mx_target));
    for (size_t i = 0; i < hosts->count; i++) {
        if (hosts->host[i].preference >= draft->ours)
            continue;
        add_addresses(draft, i, answers[i].a);
        add_addresses(draft, i, answers[i].aaaa);
    }
    if (draft->plan.count == 0)
        explain_nothing(draft);
    name_targets(&draft->plan, hosts);
}

void mx_plan_make(const struct mx_hosts *hosts, const struct mx_host_answers *answers,
                  const struct mx_rules *rules, struct random *random, struct mx_plan *ret_plan)
{
    struct draft draft = { .plan = { .finding = hosts->finding }, .hosts = hosts, .rules = rules };

    memcpy(draft.plan.site_key, hosts->site_key, sizeof(draft.plan.site_key));
    if (hosts->finding.verdict == MX_TRY)
        fill(&draft, answers);
    mx_plan_shuffle(&draft.plan, random);
    if (draft.plan.count > MX_TARGETS_MOST)
        draft.plan.count = MX_TARGETS_MOST;
    *ret_plan = draft.plan;
}

bool mx_domain_is_literal(const char *domain)
{
    return domain[0] == '[';
}

/* "[192.0.2.1]" or "[IPv6:2001:db8::1]" (RFC 5321 section 4.1.3). */
static bool parse_literal(struct span text, struct ip *ret_ip)
{
    bool is_v6;

    if (!span_starts(text, SPAN("[")) || !span_ends(text, SPAN("]")))
        return false;
    text = (struct span){ text.at + 1, text.n - 2 };
    is_v6 = span_starts_nocase(text, SPAN("IPv6:"));
    if (is_v6)
        text = span_rest(text, 5);
    return ip_parse(text, ret_ip) && ret_ip->version == (is_v6 ? 6 : 4);
}

void mx_plan_make_literal(const char *domain, const struct mx_rules *rules,
                          struct mx_plan *ret_plan)
{
    struct mx_plan plan = { .finding = { .verdict = MX_TRY } };
    struct ip ip;

    (void)snprintf(plan.site_key, sizeof(plan.site_key), "%s", domain);
    if (!parse_literal(span_of(domain), &ip)) {
        mx_finding_set(&plan.finding, MX_FAILED, "5.1.2", "%s is no address literal", domain);
    } else if (is_own_address(rules, &ip)) {
        mx_finding_set(&plan.finding, MX_FAILED, "5.4.6", "we are %s ourselves", domain);
    } else if (!is_allowed(rules, &ip)) {
        mx_finding_set(&plan.finding, MX_FAILED, "5.4.4", "%s is an internal address", domain);
    } else {
        plan.names_size = strlen(domain) + 1;
        plan.names = alloc_text(domain);
        plan.targets = NEW(struct mx_target);
        plan.targets[0] = (struct mx_target){ .host = plan.names, .ip = ip };
        plan.count = 1;
    }
    *ret_plan = plan;
}

/* Order. */

static int by_rank(const void *a, const void *b)
{
    const struct mx_target *one = a;
    const struct mx_target *other = b;

    return one->rank < other->rank ? -1 : one->rank > other->rank;
}

/* A place among the hosts for each of them, at random. */
static void draw_places(uint16_t *places, struct random *random)
{
    for (size_t i = 0; i < MX_HOSTS_MOST; i++) {
        size_t other = random_below(random, i + 1);

        places[i] = places[other];
        places[other] = (uint16_t)i;
    }
}

/* Ranks are unique: preference, place of the host, turn of the address in its family, family. */
static uint64_t rank_of(const struct mx_target *target, uint16_t place, unsigned turn,
                        bool v4_first)
{
    unsigned family = (target->ip.version == 4) == v4_first ? 0 : 1;

    return (uint64_t)target->preference << 32 | (uint64_t)place << 16 | turn << 1 | family;
}

void mx_plan_shuffle(struct mx_plan *plan, struct random *random)
{
    uint16_t places[MX_HOSTS_MOST] = { 0 };
    unsigned turns[MX_HOSTS_MOST][2] = { { 0 } };
    bool v4_first = random_below(random, 2) == 0;

    draw_places(places, random);
    for (size_t i = plan->count; i > 1; i--) {
        size_t other = random_below(random, i);
        struct mx_target kept = plan->targets[i - 1];

        plan->targets[i - 1] = plan->targets[other];
        plan->targets[other] = kept;
    }
    for (size_t i = 0; i < plan->count; i++) {
        struct mx_target *target = &plan->targets[i];
        unsigned *turn = &turns[target->host_index][target->ip.version == 4];

        target->rank = rank_of(target, places[target->host_index], (*turn)++, v4_first);
    }
    if (plan->count > 0)
        qsort(plan->targets, plan->count, sizeof(*plan->targets), by_rank);
}

void mx_plan_copy(const struct mx_plan *plan, struct mx_plan *ret_plan)
{
    struct mx_plan copy = *plan;

    copy.names = NULL;
    copy.targets = NULL;
    if (plan->names_size > 0) {
        copy.names = alloc_zeroed(plan->names_size);
        memcpy(copy.names, plan->names, plan->names_size);
    }
    if (plan->count > 0) {
        copy.targets = alloc_array(plan->count, sizeof(*plan->targets));
        memcpy(copy.targets, plan->targets, plan->count * sizeof(*plan->targets));
    }
    for (size_t i = 0; i < plan->count; i++)
        copy.targets[i].host = copy.names + (plan->targets[i].host - plan->names);
    *ret_plan = copy;
}

void mx_plan_fini(struct mx_plan *plan)
{
    alloc_free(plan->targets);
    alloc_free(plan->names);
    *plan = (struct mx_plan){ 0 };
}
