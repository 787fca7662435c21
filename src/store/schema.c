/*
 * The schema's version and the way from an older one to ours. The scripts are in sql/; what a
 * table means is the affair of the file that is called like its family.
 */
#include "store/schema.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#include "store/db.h"
#include "store/db_internal.h"
#include "store/migrations_internal.h"

int schema_version_known(void)
{
    int version = 0;

    while (migrations[version].name != NULL) {
        assert(strtol(migrations[version].name, NULL, 10) == version + 1);
        version++;
    }
    return version;
}

static bool refuse_newer(struct db *db, int version, struct error *err)
{
    if (version <= schema_version_known())
        return true;
    return error_set(err, ERROR_CONFLICT,
                     "%s: this store has schema version %d, this program knows %d: use the newer "
                     "program",
                     db_path(db), version, schema_version_known());
}

/* Looks at the version again inside the transaction: another process may have been first. */
static bool apply_next(struct db *db, bool *ret_done, struct error *err)
{
    int version;

    if (!db_version(db, &version, err) || !refuse_newer(db, version, err))
        return false;
    *ret_done = version == schema_version_known();
    if (*ret_done)
        return true;
    if (!db_run_script(db, migrations[version].bytes, err) || !db_version_set(db, version + 1, err))
        return error_wrap(err, "migration %s", migrations[version].name);
    return true;
}

bool schema_migrate(struct db *db, struct error *err)
{
    bool done = false;

    while (!done) {
        if (!db_begin(db, err))
            return false;
        if (!apply_next(db, &done, err)) {
            db_rollback(db);
            return false;
        }
        if (!db_commit(db, err))
            return false;
    }
    return true;
}

bool schema_check(struct db *db, struct error *err)
{
    int version;

    if (!db_version(db, &version, err) || !refuse_newer(db, version, err))
        return false;
    if (version == schema_version_known())
        return true;
    return error_set(err, ERROR_CONFLICT,
                     "%s: this store has schema version %d, this program needs %d: postroom serve "
                     "brings it up to date",
                     db_path(db), version, schema_version_known());
}
