/*
 * The addresses a channel may go to, in the order to try, with what was remembered of each, and how
 * far the pass over them has come. A value of the channel's: made where the memory is, used where
 * the connections are.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_HOST_ORDER_H
#define POSTROOM_SERVICES_DELIVERY_HOST_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/random.h"
#include "domain/mx_plan.h"
#include "services/delivery/host_memory.h"

enum {
    /* addresses tried in one pass, so that a site of many dead ones does not take hours */
    HOST_PASS_MOST = 8,
    /* of these, at a time */
    HOST_RACE_MOST = 4
};

struct host_place {
    const char *host; /* lives in the order */
    struct ip ip;
    uint16_t preference;
    struct host_marks marks;
    bool is_probe; /* it was down, and this channel is the one that tries it again */
    bool is_tried; /* in this pass */
};

struct host_order {
    struct mx_plan plan; /* whose names the places borrow */
    struct host_place places[MX_TARGETS_MOST];
    size_t count;
    size_t tried_n;
};

/* host_order_make orders a plan's targets for one channel: by preference, equal ones by chance, but
 * those that are down behind all others. One of them that would come first, and may be tried again,
 * does come first: this channel is the one to try it. `memory` may be NULL. */
void host_order_make(const struct mx_plan *plan, struct host_memory *memory, int64_t now_ms,
                     struct random *chance, struct host_order *ret_order);
void host_order_fini(struct host_order *order);

/* host_order_next gives the places to connect to at the same time: the first that is not tried and
 * those behind it that are as good, HOST_RACE_MOST at most; 0 when the pass is over. */
MUST_USE size_t host_order_next(const struct host_order *order,
                                size_t ret_places[static HOST_RACE_MOST]);

/* host_order_tried: the mail at hand does not leave by this place in this pass. */
void host_order_tried(struct host_order *order, size_t place);

/* host_order_begin begins another pass. */
void host_order_begin(struct host_order *order);

#endif
