/*
 * The walk goes by the index on deadlines. What is made later with a deadline that is over already
 * is not in it: nobody grants leave to such a mail, which ends it.
 */
#include "store/deadline.h"

#include "base/cleanup.h"
#include "store/db.h"

bool deadline_each_past(struct db *db, int64_t now_ms, struct deadline_walk *walk,
                        struct deadline_page *page, struct error *err)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query(db, err,
                 SQL("SELECT id, deadline FROM delivery WHERE deadline IS NOT NULL "
                     "AND (deadline, id) > ($1, $2) AND deadline < $3 "
                     "ORDER BY deadline, id LIMIT $4"),
                 db_int(walk->deadline), db_int(walk->delivery), db_int(now_ms),
                 db_int((int64_t)page->room));
    struct deadline_walk at = { now_ms - 1, INT64_MAX };

    page->n = 0;
    if (rows == NULL)
        return error_wrap(err, "reading deadlines");
    while (page->n < page->room && db_next(rows)) {
        page->ids[page->n++] = db_column_int(rows, 0);
        if (page->n == page->room)
            at = (struct deadline_walk){ db_column_int(rows, 1), db_column_int(rows, 0) };
    }
    if (!db_rows_finish(&rows, err))
        return error_wrap(err, "reading deadlines");
    *walk = at;
    return true;
}

bool deadline_next(struct db *db, int64_t now_ms, int64_t *ret_deadline, struct error *err)
{
    bool found;

    if (!db_find_int(db, err, &found, ret_deadline,
                     SQL("SELECT coalesce(min(deadline), $2) FROM delivery "
                         "WHERE deadline IS NOT NULL AND deadline >= $1"),
                     db_int(now_ms), db_int(DEADLINE_NEVER)))
        return error_wrap(err, "reading deadlines");
    return true;
}

static bool read_number(struct db *db, const char *key, int64_t *ret_number, struct error *err)
{
    bool found;

    *ret_number = 0;
    return db_find_int(db, err, &found, ret_number,
                       SQL("SELECT CAST(value AS BIGINT) FROM meta WHERE key = $1"),
                       db_string(key));
}

static bool put_number(struct db *db, const char *key, int64_t number, struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO meta (key, value) VALUES ($1, CAST($2 AS TEXT)) "
                      "ON CONFLICT (key) DO UPDATE SET value = excluded.value"),
                  db_string(key), db_int(number));
}

bool deadline_mark_read(struct db *db, struct deadline_walk *ret_walk, struct error *err)
{
    return read_number(db, "deadline_mark", &ret_walk->deadline, err) &&
           read_number(db, "deadline_mark_delivery", &ret_walk->delivery, err);
}

bool deadline_mark_put(struct db *db, const struct deadline_walk *walk, struct error *err)
{
    return put_number(db, "deadline_mark", walk->deadline, err) &&
           put_number(db, "deadline_mark_delivery", walk->delivery, err);
}
