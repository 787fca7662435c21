/*
 * Which addresses a mail for a domain may go to, and in which order; or why to none (RFC 5321
 * section 5). Pure: DNS answers and chance come in, a plan comes out, in two steps:
 * mx_hosts_find tells which hosts' addresses to ask for, mx_plan_make judges what was answered.
 */
#ifndef POSTROOM_DOMAIN_MX_PLAN_H
#define POSTROOM_DOMAIN_MX_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/ip.h"
#include "base/random.h"
#include "domain/dns_answer.h"
#include "domain/mx_hosts.h"

enum {
    MX_FAMILY_ADDRESSES_MOST = 8, /* addresses of a host that are tried, of IPv4 and IPv6 each */
    MX_TARGETS_MOST = 32          /* addresses in all */
};

/* What was answered for one host. */
struct mx_host_answers {
    const struct dns_answer *a;
    const struct dns_answer *aaaa;
};

struct mx_target {
    const char *host; /* the MX name, or the domain, or a literal; lives in the plan */
    struct ip ip;
    uint16_t preference;
    uint16_t host_index;
    uint64_t rank; /* of mx_plan_shuffle */
};

struct mx_plan {
    struct mx_finding finding;
    struct mx_target *targets; /* heap, in the order to try */
    size_t count;
    char *names; /* heap: the targets' host names */
    size_t names_size;
    char site_key[MX_SITE_KEY_MOST + 1]; /* same hosts, same key; the domain when all failed */
};

/* mx_plan_make judges the answers for each of hosts->host, in its order. */
void mx_plan_make(const struct mx_hosts *hosts, const struct mx_host_answers *answers,
                  const struct mx_rules *rules, struct random *random, struct mx_plan *ret_plan);

/* mx_plan_make_literal makes the plan for a domain such as "[192.0.2.1]", without any DNS. */
void mx_plan_make_literal(const char *domain, const struct mx_rules *rules,
                          struct mx_plan *ret_plan);

/* mx_domain_is_literal is true for a domain in brackets. */
MUST_USE bool mx_domain_is_literal(const char *domain);

/* mx_plan_shuffle orders the targets anew: by preference, hosts of equal preference at random, the
 * addresses of a host at random with IPv4 and IPv6 taking turns. mx_plan_make did it once. */
void mx_plan_shuffle(struct mx_plan *plan, struct random *random);

/* mx_plan_copy makes an independent copy; mx_plan_fini frees what a plan holds. */
void mx_plan_copy(const struct mx_plan *plan, struct mx_plan *ret_plan);
void mx_plan_fini(struct mx_plan *plan);

#endif
