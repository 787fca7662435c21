/*
 * Grants: who may see what carries a label.
 */
#ifndef POSTROOM_STORE_GRANT_H
#define POSTROOM_STORE_GRANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

/* grant_add lets a person see what carries `label`, grant_remove ends it; *ret_changed is false
 * when it was so already. */
MUST_USE bool grant_add(struct db *db, struct span label, int64_t person, bool *ret_changed,
                        struct error *err);
MUST_USE bool grant_remove(struct db *db, struct span label, int64_t person, bool *ret_changed,
                           struct error *err);

/* grant_exists tells whether the person may see the label; an absent label (at == NULL) everybody
 * may see. */
MUST_USE bool grant_exists(struct db *db, struct span label, int64_t person, bool *ret_exists,
                           struct error *err);

enum { GRANT_LABELS_LIMIT = 1000 };

/* grant_labels reads the person's labels in order, at most GRANT_LABELS_LIMIT. */
MUST_USE bool grant_labels(struct db *db, struct arena *arena, int64_t person,
                           struct span **ret_labels, size_t *ret_count, struct error *err);

#endif
