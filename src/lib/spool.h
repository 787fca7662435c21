/*
 * The inbox as a place to keep events, and what SQLite knows about JSON.
 */
#ifndef POSTROOM_LIB_SPOOL_H
#define POSTROOM_LIB_SPOOL_H

#include <sqlite3.h>
#include <stdbool.h>

#ifndef SQL_SQLITE
#define SQL_SQLITE(text) text /* for the check of all statements */
#endif

/* spool_open opens the inbox, or, where there is none, a store in memory that keeps nothing but
 * reads JSON; *ret_has_inbox says which. NULL: no memory. */
sqlite3 *spool_open(const char *inbox, int timeout_ms, bool *ret_has_inbox);

/* spool_find runs a statement with any number of texts (NULL: SQL's NULL) and gives the columns of
 * its first row, at most three, as texts of sqlite3_malloc that are the caller's, NULL for NULL.
 * The result is SQLite's code: SQLITE_ROW, SQLITE_DONE or a failure. */
enum { SPOOL_COLUMNS = 3 };
int spool_find(sqlite3 *db, const char *sql, const char *const *arguments, int count,
               char *ret_columns[SPOOL_COLUMNS]);

/* spool_has_waiting tells whether rows wait to be taken in. */
bool spool_has_waiting(sqlite3 *db);

/* spool_keep inserts the event, durably when it returns true. */
bool spool_keep(sqlite3 *db, const char *json);

#endif
