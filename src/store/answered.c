/*
 * The table of answers.
 */
#include "store/answered.h"

#include "base/cleanup.h"
#include "store/db.h"

enum { DROP_AT_ONCE = 4 };

static const int64_t kept_ms = INT64_C(24) * 3600 * 1000;

bool answered_find(struct db *db, struct arena *arena, struct answered *known, bool *ret_found,
                   struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT digest, answer, at FROM answered "
                     "WHERE token = $1 AND key = $2 AND at > $3"),
                 db_int(known->token), db_text(known->key), db_int(known->at - kept_ms));

    if (rows == NULL)
        return false;
    *ret_found = db_next(rows);
    if (*ret_found) {
        known->digest = arena_copy(arena, db_column_blob(rows, 0));
        known->answer = db_column_copy(rows, 1, arena);
        known->at = db_column_int(rows, 2);
    }
    return db_rows_finish(&rows, err);
}

bool answered_put(struct db *db, const struct answered *answered, struct error *err)
{
    return db_run(db, err,
                  SQL("DELETE FROM answered WHERE (token, key) IN (SELECT token, key FROM answered "
                      "WHERE at <= $1 ORDER BY at LIMIT $2)"),
                  db_int(answered->at - kept_ms), db_int(DROP_AT_ONCE)) &&
           db_run(db, err,
                  SQL("INSERT INTO answered (token, key, digest, answer, at) "
                      "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (token, key) DO UPDATE SET "
                      "digest = excluded.digest, answer = excluded.answer, at = excluded.at"),
                  db_int(answered->token), db_text(answered->key), db_blob(answered->digest),
                  db_text(answered->answer), db_int(answered->at));
}
