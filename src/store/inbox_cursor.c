/*
 * Rows of inbox_cursor.
 */
#include "store/inbox_cursor.h"

#include "store/db.h"

bool inbox_cursor_read(struct db *db, const char *identity, int64_t *ret_cursor, struct error *err)
{
    int64_t cursor = 0;
    bool found;

    if (!db_find_int(db, err, &found, &cursor,
                     SQL("SELECT cursor FROM inbox_cursor WHERE identity = $1"),
                     db_string(identity)))
        return false;
    *ret_cursor = found ? cursor : 0;
    return true;
}

bool inbox_cursor_write(struct db *db, const char *identity, const char *path, int64_t cursor,
                        struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO inbox_cursor (identity, path, cursor) VALUES ($1, $2, $3) "
                      "ON CONFLICT (identity) DO UPDATE SET path = excluded.path, "
                      "cursor = excluded.cursor"),
                  db_string(identity), db_string(path), db_int(cursor));
}
