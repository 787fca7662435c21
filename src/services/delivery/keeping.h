/*
 * Whose dialogues are kept by order: a sender's own copy of the orders that hold, which it looks
 * into without asking anybody. Belongs to one loop.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_KEEPING_H
#define POSTROOM_SERVICES_DELIVERY_KEEPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/span.h"
#include "store/dialogue.h"

enum { KEEPING_NAME_ROOM = 256 };

struct keeping {
    size_t n;
    struct {
        char name[KEEPING_NAME_ROOM];
        int64_t until; /* UTC */
    } at[DIALOGUE_KEEPS_MOST];
};

/* keeping_take takes an order; one whose time is over ends an earlier one for its name. */
void keeping_take(struct keeping *k, const struct dialogue_keep *keep);

/* keeping_wants is true when an order for one of these names holds; `names` may have empty ones. */
MUST_USE bool keeping_wants(struct keeping *k, const struct span *names, size_t n, int64_t now_ms);

#endif
