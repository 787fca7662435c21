/*
 * Skips: mails that were not made, and why. What "why was I not told" reads months later.
 */
#ifndef POSTROOM_STORE_SKIP_H
#define POSTROOM_STORE_SKIP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

struct skip {
    int64_t person;
    int64_t thread;
    int64_t from_seq;
    int64_t to_seq;
    const char *reason; /* "unsubscribed", "suppressed", "no_address", "inactive", "expired",
                         * "undone", "muted", "no_permission", "hidden", "unanswered",
                         * "not_needed" */
    int64_t at;
};

/* skip_add records one. */
MUST_USE bool skip_add(struct db *db, const struct skip *skip, struct error *err);

/* skip_add_parts records `skip`, its person, reason and time, for each part of a delivery that is
 * not sent, at most SKIP_PARTS_MOST. */
enum { SKIP_PARTS_MOST = 64 };
MUST_USE bool skip_add_parts(struct db *db, int64_t delivery, const struct skip *skip,
                             struct error *err);

/* skip_find reads the last one of the person and thread in `of` that holds event of->from_seq;
 * *ret_found is false when no mail was skipped. The reason is in the arena. */
MUST_USE bool skip_find(struct db *db, struct arena *arena, const struct skip *of,
                        struct skip *ret_skip, bool *ret_found, struct error *err);

/* skip_find_omission reads likewise the last one that is of this event alone. */
MUST_USE bool skip_find_omission(struct db *db, struct arena *arena, const struct skip *of,
                                 struct skip *ret_skip, bool *ret_found, struct error *err);

#endif
