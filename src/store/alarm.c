/*
 * The table of alarms; an index keeps the open ones apart by cause.
 */
#include "store/alarm.h"

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
