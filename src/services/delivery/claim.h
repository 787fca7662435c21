/*
 * A claim: a delivery the engine has taken up, in memory alone. It goes from the dispatcher to a
 * sender and back once, however the way of its mail ended.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_CLAIM_H
#define POSTROOM_SERVICES_DELIVERY_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/list.h"
#include "base/table.h"
#include "domain/delivery.h"
#include "services/delivery/site_signal.h"

struct lane_queue;
struct site_berth;

enum claim_ending {
    CLAIM_SETTLED, /* the store has it all; `state` and `due_at` say when to look again */
    CLAIM_UNTRIED, /* nothing was tried, or all has to begin anew: its turn comes again */
    CLAIM_REFUSED  /* the store could not be read or written: later, and nothing else till then */
};

struct claim {
    struct list link; /* in the lane's `ready` or `finished`, or on its way between threads */
    int64_t delivery;

    /* the dispatcher's */
    struct table_node by_delivery;
    struct list fresh_link; /* in the lane's `fresh` until it is settled */
    struct lane_queue *lane;
    struct site_berth *berth;

    /* how it came back */
    enum claim_ending ending;
    enum delivery_state state;
    int64_t due_at;

    /* what its server told of itself meanwhile */
    bool is_answered;            /* it gave an answer to this mail, whatever it was */
    struct site_request request; /* beside that it wants less of us */
    char *words;                 /* in which it said so, freed with the claim; NULL unless it did */
    int64_t nth;                 /* which one it was on its connection, from 1 */
};

/* claim_put_words keeps a copy of the words, or none for NULL. */
static inline void claim_put_words(struct claim *claim, const char *words)
{
    alloc_free(claim->words);
    claim->words = words != NULL ? alloc_text(words) : NULL;
}

#endif
