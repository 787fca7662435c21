/*
 * Promotion: notices that are due become mails, or are folded into the one that waits, or wait for
 * the end of one under way, or are skipped with a reason on record. A mail that `deliver: only`
 * leaves out is made and cancelled at once, so that no question about it goes anywhere.
 */
#ifndef POSTROOM_SERVICES_FANOUT_PROMOTION_H
#define POSTROOM_SERVICES_FANOUT_PROMOTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/settings.h"

struct db;
struct hmac;
struct zone_cache;

struct promotion_terms {
    int64_t now_ms;
    const char *message_domain; /* right side of Message-IDs */
    struct hmac *message_key;
    size_t notices;                  /* of a step, at most */
    const struct settings *settings; /* deliver, windows */
    struct zone_cache *zones;        /* NULL: everybody lives by UTC */
};

/* promotion_step promotes the notices due, the urgent ones first, at most terms->notices; gives
 * how many it found. */
MUST_USE bool promotion_step(struct db *db, const struct promotion_terms *terms, size_t *ret_count,
                             struct error *err);

#endif
