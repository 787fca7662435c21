/*
 * What others may hear of: the kinds of changes that go into the outbox.
 */
#ifndef POSTROOM_DOMAIN_CHANGE_H
#define POSTROOM_DOMAIN_CHANGE_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/span.h"

/* The numbers are in the store, and masks of them. */
enum change_kind {
    CHANGE_EVENT = 1,       /* taken in, revised, redacted */
    CHANGE_DELIVERY = 2,    /* has reached its final state */
    CHANGE_SUPPRESSION = 4, /* added, removed */
    CHANGE_WATCH = 8        /* set, removed */
};

/* change_kind_name gives "event", ...; change_kind_find reads it, 0 for what is none. */
MUST_USE const char *change_kind_name(enum change_kind kind);
MUST_USE int64_t change_kind_find(struct span name);

#endif
