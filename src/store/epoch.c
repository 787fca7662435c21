/*
 * Growing numbers in `meta`, whose values are texts.
 */
#include "store/epoch.h"

#include "base/cleanup.h"
#include "store/db.h"

bool epoch_read(struct db *db, const char *epoch, int64_t *ret_number, struct error *err)
{
    int64_t number = 0;
    bool found;

    if (!db_find_int(db, err, &found, &number,
                     SQL("SELECT CAST(value AS BIGINT) FROM meta WHERE key = $1"),
                     db_string(epoch)))
        return error_wrap(err, "reading the %s", epoch);
    *ret_number = found ? number : 0;
    return true;
}

bool epoch_grow(struct db *db, const char *epoch, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO meta (key, value) VALUES ($1, '1') "
                      "ON CONFLICT (key) DO UPDATE SET "
                      "value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)"),
                  db_string(epoch)) ||
           error_wrap(err, "raising the %s", epoch);
}

bool epoch_set(struct db *db, const char *epoch, int64_t number, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO meta (key, value) VALUES ($1, CAST(CAST($2 AS BIGINT) AS TEXT)) "
                      "ON CONFLICT (key) DO UPDATE SET value = excluded.value"),
                  db_string(epoch), db_int(number)) ||
           error_wrap(err, "setting the %s", epoch);
}
