/*
 * What the DNS says about the hosts of a domain, now and whole: the answers themselves beside the
 * plan that is made of them. For people who ask; the engine's way is net/mx_lookup.
 */
#ifndef POSTROOM_APP_ROUTE_LOOKUP_H
#define POSTROOM_APP_ROUTE_LOOKUP_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/mx_plan.h"
#include "domain/settings.h"

struct route_lookup {
    bool is_literal;      /* nothing was asked */
    struct dns_answer mx; /* of the domain */
    struct mx_hosts hosts;
    struct dns_answer a[MX_HOSTS_MOST]; /* of each of hosts.host */
    struct dns_answer aaaa[MX_HOSTS_MOST];
    struct mx_plan plan;
};

/* route_lookup_run asks for `domain` (lower case A-labels or an address literal) and waits for the
 * answers, at most twice the resolver's timeout. */
MUST_USE bool route_lookup_run(const struct settings *settings, const struct mx_rules *rules,
                               const char *domain, struct route_lookup *ret_lookup,
                               struct error *err);
void route_lookup_fini(struct route_lookup *lookup);

#endif
