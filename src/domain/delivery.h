/*
 * A delivery: one mail to one address, its states and what may follow what.
 */
#ifndef POSTROOM_DOMAIN_DELIVERY_H
#define POSTROOM_DOMAIN_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/span.h"

/* The numbers are in the store: never renumber. */
enum delivery_state {
    DELIVERY_QUEUED = 0,
    DELIVERY_DEFERRED = 1,
    DELIVERY_SENDING = 2, /* its intent is durable */
    DELIVERY_IN_DOUBT = 3,
    DELIVERY_HELD = 4,
    DELIVERY_DELIVERED = 10,
    DELIVERY_FAILED = 11,
    DELIVERY_EXPIRED = 12,
    DELIVERY_SUPPRESSED = 13,
    DELIVERY_CANCELLED = 14
};

/* Classes of mail, in order of rank: urgent first. */
enum stream_id {
    STREAM_URGENT = 0,
    STREAM_NOTICES = 1,
    STREAM_SUBMISSIONS = 2,
    STREAM_MAILOUTS = 3
};

enum delivery_cause { CAUSE_THREAD = 1, CAUSE_DIGEST = 2, CAUSE_MAILOUT = 3, CAUSE_SUBMISSION = 4 };

/* delivery_state_name gives "queued", "in_doubt", ...; delivery_state_find reads one. */
MUST_USE const char *delivery_state_name(enum delivery_state state);
MUST_USE bool delivery_state_find(struct span name, enum delivery_state *ret_state);

/* delivery_state_final is true for states nothing follows. */
MUST_USE bool delivery_state_final(enum delivery_state state);

/* delivery_may_become tells whether design's table of transitions allows `to` after `from`. */
MUST_USE bool delivery_may_become(enum delivery_state from, enum delivery_state to);

/* stream_name gives "urgent", "notices", "submissions", "mailouts". */
MUST_USE const char *stream_name(enum stream_id stream);
MUST_USE bool stream_find(struct span name, enum stream_id *ret_stream);

#endif
