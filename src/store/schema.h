/*
 * The schema's version and the numbered migrations, embedded in the binary from sql/.
 */
#ifndef POSTROOM_STORE_SCHEMA_H
#define POSTROOM_STORE_SCHEMA_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"

struct db;

/* schema_version_known gives the version this program was built for. */
MUST_USE int schema_version_known(void);

/* schema_migrate brings the store up to date, each migration in a transaction of its own, and
 * refuses, by name and without a change, a store of a newer version. */
MUST_USE bool schema_migrate(struct db *db, struct error *err);

/* schema_check fails unless the store has exactly the known version; writes nothing. */
MUST_USE bool schema_check(struct db *db, struct error *err);

#endif
