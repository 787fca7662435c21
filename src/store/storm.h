/*
 * How many people an event may reach, before anybody is told: an upper bound, found without looking
 * further than asked.
 */
#ifndef POSTROOM_STORE_STORM_H
#define POSTROOM_STORE_STORM_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/scope.h"

struct db;

/* storm_count_watches counts the watches on the scopes, up to `most`. */
MUST_USE bool storm_count_watches(struct db *db, const struct scope_list *scopes, int64_t most,
                                  int64_t *ret_count, struct error *err);

/* storm_count_directs counts whom an event addresses, up to `most`. */
MUST_USE bool storm_count_directs(struct db *db, int64_t seq, int64_t most, int64_t *ret_count,
                                  struct error *err);

#endif
