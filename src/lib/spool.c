/*
 * A connection for each call: a handle has no state that a fork, a thread or a file put in the
 * inbox's place could spoil, and opening one costs less than the commit it is for.
 */
#include "lib/spool.h"

#include <stddef.h>
#include <string.h>

sqlite3 *spool_open(const char *inbox, int timeout_ms, bool *ret_has_inbox)
{
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    sqlite3 *db = NULL;

    *ret_has_inbox = sqlite3_open_v2(inbox, &db, flags, NULL) == SQLITE_OK;
    if (!*ret_has_inbox) {
        (void)sqlite3_close(db);
        if (sqlite3_open_v2(":memory:", &db, flags, NULL) != SQLITE_OK) {
            (void)sqlite3_close(db);
            return NULL;
        }
    }
    (void)sqlite3_busy_timeout(db, timeout_ms);
    (void)sqlite3_exec(db, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
    return db;
}

static char *column_text(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);

    return text != NULL ? sqlite3_mprintf("%s", (const char *)text) : NULL;
}

int spool_find(sqlite3 *db, const char *sql, const char *const *arguments, int count,
               char *ret_columns[SPOOL_COLUMNS])
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    for (int i = 0; i < SPOOL_COLUMNS && ret_columns != NULL; i++)
        ret_columns[i] = NULL;
    for (int i = 0; i < count && code == SQLITE_OK; i++)
        code = sqlite3_bind_text(statement, i + 1, arguments[i], -1, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    for (int i = 0; code == SQLITE_ROW && ret_columns != NULL && i < SPOOL_COLUMNS &&
                    i < sqlite3_column_count(statement);
         i++)
        ret_columns[i] = column_text(statement, i);
    (void)sqlite3_finalize(statement);
    return code;
}

bool spool_has_waiting(sqlite3 *db)
{
    return spool_find(db, SQL_SQLITE("SELECT 1 FROM inbox LIMIT 1"), NULL, 0, NULL) == SQLITE_ROW;
}

bool spool_keep(sqlite3 *db, const char *json)
{
    return spool_find(db, SQL_SQLITE("INSERT INTO inbox (payload) VALUES ($1)"), &json, 1, NULL) ==
           SQLITE_DONE;
}
