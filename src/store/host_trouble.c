/*
 * Rows of host_trouble, few and short-lived: what is over goes when the site gets another one.
 */
#include "store/host_trouble.h"

#include "base/cleanup.h"
#include "store/db.h"

bool host_trouble_put(struct db *db, struct span site, const struct host_trouble_row *trouble,
                      struct error *err)
{
    return db_run(db, err, SQL("DELETE FROM host_trouble WHERE site = $1 AND until < $2"),
                  db_text(site), db_int(trouble->since)) &&
           db_run(db, err,
                  SQL("INSERT INTO host_trouble (site, ip, trouble, since, until, text) "
                      "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (site, ip, trouble) "
                      "DO UPDATE SET until = excluded.until, text = excluded.text"),
                  db_text(site), db_text(trouble->ip), db_text(trouble->trouble),
                  db_int(trouble->since), db_int(trouble->until), db_text(trouble->text));
}

bool host_trouble_drop(struct db *db, struct span site, struct span ip, struct span trouble,
                       struct error *err)
{
    return db_run(db, err,
                  SQL("DELETE FROM host_trouble WHERE site = $1 AND ip = $2 AND trouble = $3"),
                  db_text(site), db_text(ip), db_text(trouble));
}

bool host_trouble_forget(struct db *db, struct error *err)
{
    return db_run(db, err, SQL("DELETE FROM host_trouble WHERE until > $1"), db_int(0));
}

bool host_trouble_list_read(struct db *db, struct arena *arena, struct span site, int64_t now_ms,
                            struct host_trouble_list *ret_list, struct error *err)
{
    struct host_trouble_row *at = ARENA_ARRAY(arena, struct host_trouble_row, HOST_TROUBLES_SHOWN);
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT ip, trouble, since, until, text FROM host_trouble "
                                        "WHERE site = $1 AND until > $2 ORDER BY ip, trouble "
                                        "LIMIT $3"),
                                    db_text(site), db_int(now_ms), db_int(HOST_TROUBLES_SHOWN));
    size_t n = 0;

    if (rows == NULL)
        return error_wrap(err, "reading what ails the hosts of %.*s", SPAN_ARGS(site));
    while (n < HOST_TROUBLES_SHOWN && db_next(rows))
        at[n++] = (struct host_trouble_row){ .ip = arena_copy(arena, db_column_text(rows, 0)),
                                             .trouble = arena_copy(arena, db_column_text(rows, 1)),
                                             .since = db_column_int(rows, 2),
                                             .until = db_column_int(rows, 3),
                                             .text = arena_copy(arena, db_column_text(rows, 4)) };
    if (!db_rows_finish(&rows, err))
        return error_wrap(err, "reading what ails the hosts of %.*s", SPAN_ARGS(site));
    *ret_list = (struct host_trouble_list){ at, n };
    return true;
}
