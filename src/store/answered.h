/*
 * Answers to requests that came with an idempotency key: the same key and content get the same
 * answer, for a day.
 */
#ifndef POSTROOM_STORE_ANSWERED_H
#define POSTROOM_STORE_ANSWERED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

struct answered {
    int64_t token; /* whose key it is */
    struct span key;
    struct span digest; /* SHA-256 of what was asked */
    struct span answer; /* JSON */
    int64_t at;
};

/* answered_find looks for the answer to `known`, of which token, key and the time now (`at`) are
 * set, that is younger than a day, and fills in the rest; texts in the arena. */
MUST_USE bool answered_find(struct db *db, struct arena *arena, struct answered *known,
                            bool *ret_found, struct error *err);

/* answered_put keeps one, in place of an old one, and drops some that are older than a day: more
 * than it adds, so that the table stays bounded by what a day brings. */
MUST_USE bool answered_put(struct db *db, const struct answered *answered, struct error *err);

#endif
