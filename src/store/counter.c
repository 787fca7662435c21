/*
 * The reading half of the table of counters.
 */
#include "store/counter.h"

#include "base/cleanup.h"
#include "store/db.h"

static struct db_rows *open_rows(struct db *db, const char *scope, struct span key,
                                 struct error *err)
{
    if (key.at != NULL)
        return db_query(db, err,
                        SQL("SELECT key, state, sum(n) FROM counter WHERE scope = $1 AND key = $2 "
                            "GROUP BY key, state HAVING sum(n) <> 0 ORDER BY key, state LIMIT $3"),
                        db_string(scope), db_text(key), db_int(COUNTER_SUMS_MOST));
    return db_query(db, err,
                    SQL("SELECT key, state, sum(n) FROM counter WHERE scope = $1 "
                        "GROUP BY key, state HAVING sum(n) <> 0 ORDER BY key, state LIMIT $2"),
                    db_string(scope), db_int(COUNTER_SUMS_MOST));
}

bool counter_list_read(struct db *db, struct arena *arena, const char *scope, struct span key,
                       struct counter_list *ret_list, struct error *err)
{
    struct counter_list list = { ARENA_ARRAY(arena, struct counter_sum, COUNTER_SUMS_MOST), 0 };
    CLEANUP(db_rows_end) struct db_rows *rows = open_rows(db, scope, key, err);

    if (rows == NULL)
        return false;
    while (list.n < COUNTER_SUMS_MOST && db_next(rows))
        list.at[list.n++] = (struct counter_sum){ .key = db_column_copy(rows, 0, arena),
                                                  .state = db_column_copy(rows, 1, arena),
                                                  .n = db_column_int(rows, 2) };
    if (!db_rows_finish(&rows, err))
        return error_wrap(err, "reading the counters of %s", scope);
    *ret_list = list;
    return true;
}
