/*
 * From a domain to the plan of hosts to try: asks the resolver for MX, A and AAAA, lets
 * domain/mx_plan judge, and keeps the plan as long as the DNS allows. One lookup a domain, however
 * many ask; a limited number at a time, the others wait their turn.
 *
 * One mx_lookup belongs to one loop. resolver_free comes before mx_lookup_free.
 */
#ifndef POSTROOM_NET_MX_LOOKUP_H
#define POSTROOM_NET_MX_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/list.h"
#include "domain/mx_plan.h"

struct loop;
struct mx_lookup;
struct resolver;

/* How long plans are kept, whatever the DNS says. A time to live of zero is honoured. */
enum {
    MX_KEPT_LEAST_S = 30,
    MX_KEPT_MOST_S = 60 * 60,
    MX_FAILURE_KEPT_MOST_S = 5 * 60, /* no such domain, no mail host: people repair that */
    MX_DEFERRAL_KEPT_S = 5
};

struct mx_lookup_options {
    struct loop *loop;
    struct resolver *resolver;
    const struct mx_rules *rules; /* borrowed for the life of the lookup */
    uint64_t seed;                /* of the chance among equals */
    size_t in_flight_most;        /* domains looked up at a time */
    size_t kept_most;             /* plans kept; the longest unused one goes first */
};

/* Who waits for a plan: a value in the asker's struct. */
struct mx_query {
    struct list link;
    /* the plan is the asker's: mx_plan_fini */
    void (*done)(void *owner, struct mx_plan *plan);
    void *owner;
    struct mx_plan plan; /* private until then */
};

MUST_USE struct mx_lookup *mx_lookup_new(const struct mx_lookup_options *options);

/* mx_lookup_free forgets all queries; no `done` comes after. Not from inside one. */
void mx_lookup_free(struct mx_lookup *l);

/* mx_lookup_ask asks for `domain` (lower case A-labels or an address literal). `done` comes once,
 * never from inside this call, at the latest after twice the resolver's timeout and the wait for
 * a turn. */
void mx_lookup_ask(struct mx_lookup *l, const char *domain, struct mx_query *query);

/* mx_lookup_cancel forgets a query whose `done` did not come yet; needed before its memory goes. */
void mx_lookup_cancel(struct mx_query *query);

/* mx_lookup_forget drops the kept plan of a domain, so that the next asker gets a fresh one. */
void mx_lookup_forget(struct mx_lookup *l, const char *domain);

/* mx_lookup_in_flight and mx_lookup_waiting count the domains being looked up, and those whose
 * turn has not come. */
MUST_USE size_t mx_lookup_in_flight(const struct mx_lookup *l);
MUST_USE size_t mx_lookup_waiting(const struct mx_lookup *l);

#endif
