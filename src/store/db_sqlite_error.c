/*
 * SQLite's result codes in our words. The message names the start of the statement: enough to
 * find it, and never a value bound to it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/db_sqlite_internal.h"

enum { CONTEXT_MAX = 60 };

static bool is_full(int code, int system_errno)
{
    return (code & 0xff) == SQLITE_FULL || system_errno == ENOSPC || system_errno == EDQUOT;
}

/* A value of the wrong type, or a missing one, is a fault of the statement, not of the data. */
static enum error_kind kind_of_constraint(int code)
{
    switch (code) {
    case SQLITE_CONSTRAINT_DATATYPE:
    case SQLITE_CONSTRAINT_NOTNULL:
        return ERROR_INTERNAL;
    default:
        return ERROR_CONFLICT;
    }
}

static enum error_kind kind_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERROR_TEMPORARY;
    case SQLITE_CONSTRAINT:
        return kind_of_constraint(code);
    case SQLITE_TOOBIG:
        return ERROR_LIMIT;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERROR_IO;
    default:
        return ERROR_INTERNAL;
    }
}

/* The words for a person; SQLite's own where they are better. */
static const char *words_of(const struct db *db, int code, int system_errno)
{
    if (is_full(code, system_errno))
        return "the disk is full: make room";
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another program holds the database";
    case SQLITE_IOERR:
        return "reading or writing the database failed";
    case SQLITE_CANTOPEN:
        return "cannot open the database";
    case SQLITE_READONLY:
        return "the database may not be written";
    case SQLITE_NOTADB:
        return "this file is not a database: is its path right?";
    case SQLITE_CORRUPT:
        return "the database is damaged: put a backup in its place";
    default:
        return db->handle != NULL ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code);
    }
}

/* SQLite keeps the errno of these two alone. */
static int errno_of(const struct db *db, int code)
{
    int primary = code & 0xff;

    if (db->handle == NULL || (primary != SQLITE_IOERR && primary != SQLITE_CANTOPEN))
        return 0;
    return sqlite3_system_errno(db->handle);
}

static void put_context(const char *sql, char *to, size_t room)
{
    size_t n = strlen(sql);

    if (n <= CONTEXT_MAX)
        (void)snprintf(to, room, "%s", sql);
    else
        (void)snprintf(to, room, "%.*s...", CONTEXT_MAX, sql);
}

bool db_sqlite_error(struct db *db, int code, const char *sql, struct error *err)
{
    enum error_kind kind = kind_of(code);
    int system_errno = errno_of(db, code);
    char context[CONTEXT_MAX + sizeof("...")];

    if (kind == ERROR_IO)
        db->is_ill = true;
    if (system_errno != 0)
        (void)error_set_errno(err, system_errno, "%s", words_of(db, code, system_errno));
    else
        (void)error_set(err, kind, "%s", words_of(db, code, 0));
    if (sql != NULL) {
        put_context(sql, context, sizeof context);
        (void)error_wrap(err, "%s", context);
    }
    return error_wrap(err, "%s", db->path);
}
