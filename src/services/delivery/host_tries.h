/*
 * The hosts that failed a mail in one pass, and whose answer the pass comes to if none does better.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_HOST_TRIES_H
#define POSTROOM_SERVICES_DELIVERY_HOST_TRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "domain/outcome.h"
#include "services/delivery/mailing_way.h"

/* Twice the hosts of a pass: one whose TLS failed is asked again in the clear. */
enum { HOST_TRIES_MOST = 16 };

struct host_try {
    struct mailing_way way;
    struct outcome outcome;
    int64_t ms;
    bool is_idle; /* we had no way to the address: tells nothing unless it is all there is */
};

struct host_tries {
    struct host_try *at[HOST_TRIES_MOST]; /* heap */
    size_t n;
    size_t best; /* whose answer says most; of several the latest */
};

/* host_tries_add keeps a copy; with HOST_TRIES_MOST kept it does nothing. */
void host_tries_add(struct host_tries *tries, const struct host_try *one);

/* host_tries_take_best gives the best one and keeps the others; false when there is none. */
MUST_USE bool host_tries_take_best(struct host_tries *tries, struct host_try *ret_best);

/* host_tries_clear forgets all. */
void host_tries_clear(struct host_tries *tries);

#endif
