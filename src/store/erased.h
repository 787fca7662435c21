/*
 * Addresses of people who were erased: kept as keyed hashes, so that nobody can read them and they
 * are known all the same when somebody brings them again.
 */
#ifndef POSTROOM_STORE_ERASED_H
#define POSTROOM_STORE_ERASED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

/* erased_put remembers an address by its normal form. */
MUST_USE bool erased_put(struct db *db, struct span normal, int64_t now_ms, struct error *err);

/* erased_knows tells whether an address is one of them. */
MUST_USE bool erased_knows(struct db *db, struct span normal, bool *ret_known, struct error *err);

#endif
