/*
 * The table of alarms; an index keeps the open ones apart by cause.
 */
#include "store/alarm.h"

#include "base/cleanup.h"
#include "store/db.h"

bool alarm_raise(struct db *db, enum alarm_severity severity, struct span cause, struct span text,
                 int64_t now_ms, struct error *err)
{
    int64_t id;

    if (!db_run(db, err,
                SQL("UPDATE alarm SET times = times + 1, last_at = $2, text = $3 "
                    "WHERE cause = $1 AND until IS NULL"),
                db_text(cause), db_int(now_ms), db_text(text)))
        return false;
    if (db_changes(db) > 0)
        return true;
    return db_next_id(db, "alarm", &id, err) &&
           db_run(db, err,
                  SQL("INSERT INTO alarm (id, severity, cause, text, since, last_at, times) "
                      "VALUES ($1, $2, $3, $4, $5, $5, 1)"),
                  db_int(id), db_string(severity == ALARM_ERROR ? "error" : "warning"),
                  db_text(cause), db_text(text), db_int(now_ms));
}

bool alarm_end(struct db *db, struct span cause, int64_t now_ms, struct error *err)
{
    return db_run(db, err, SQL("UPDATE alarm SET until = $2 WHERE cause = $1 AND until IS NULL"),
                  db_text(cause), db_int(now_ms));
}

bool alarm_end_by_id(struct db *db, int64_t id, int64_t now_ms, bool *ret_ended, struct error *err)
{
    if (!db_run(db, err, SQL("UPDATE alarm SET until = $2 WHERE id = $1 AND until IS NULL"),
                db_int(id), db_int(now_ms)))
        return false;
    *ret_ended = db_changes(db) > 0;
    return true;
}

static struct db_rows *open_page(struct db *db, const struct alarm_page *page, struct error *err)
{
    if (page->with_ended)
        return db_query(db, err,
                        SQL("SELECT id, severity, cause, text, since, last_at, times, until "
                            "FROM alarm WHERE id < $1 ORDER BY id DESC LIMIT $2"),
                        db_int(page->before), db_int((int64_t)page->room));
    return db_query(db, err,
                    SQL("SELECT id, severity, cause, text, since, last_at, times, until "
                        "FROM alarm WHERE until IS NULL AND id < $1 ORDER BY id DESC LIMIT $2"),
                    db_int(page->before), db_int((int64_t)page->room));
}

bool alarm_list_read(struct db *db, struct arena *arena, const struct alarm_page *page,
                     struct alarm_list *ret_list, struct error *err)
{
    CLEANUP(db_rows_end) struct db_rows *rows = open_page(db, page, err);
    struct alarm_list list = { ARENA_ARRAY(arena, struct alarm_row, page->room), 0 };

    if (rows == NULL)
        return false;
    while (list.n < page->room && db_next(rows))
        list.at[list.n++] = (struct alarm_row){ .id = db_column_int(rows, 0),
                                                .severity = db_column_copy(rows, 1, arena),
                                                .cause = db_column_copy(rows, 2, arena),
                                                .text = db_column_copy(rows, 3, arena),
                                                .since = db_column_int(rows, 4),
                                                .last_at = db_column_int(rows, 5),
                                                .times = db_column_int(rows, 6),
                                                .until = db_column_int(rows, 7) };
    *ret_list = list;
    return db_rows_finish(&rows, err);
}
