/*
 * The SQLite behind db.h: the connection, its prepared statements, how it is opened, and what its
 * result codes mean to us.
 */
#ifndef POSTROOM_STORE_DB_SQLITE_INTERNAL_H
#define POSTROOM_STORE_DB_SQLITE_INTERNAL_H

#include <sqlite3.h>
#include <sys/stat.h>

#include "base/table.h"
#include "store/db.h"
#include "store/db_internal.h"
#include "store/db_pending.h"

enum { DB_PARAMETERS_MAX = 64 };

struct db_rows {
    struct db *db;
    struct db_statement *statement;
    bool failed;
    struct error error; /* when failed */
};

/* A prepared statement. One that is walked while the same is asked for again gets a double that
 * is not kept. */
struct db_statement {
    struct table_node node;
    const char *sql; /* the literal: its address is the key */
    sqlite3_stmt *handle;
    bool busy;
    bool kept;
    int value_count;                         /* the highest $n */
    unsigned char places[DB_PARAMETERS_MAX]; /* SQLite's parameter i + 1 is our value places[i] */
    struct db_rows rows;
};

struct db {
    sqlite3 *handle; /* NULL while a reader is not open */
    char *path;
    enum db_access access;
    bool is_frozen;     /* read without locks because no log exists: nobody writes */
    struct stat frozen; /* the file as it was then */
    struct table statements;
    int busy_statements;
    bool is_ill; /* the file failed since the transaction began */
    int log_pages;
    struct db_pending pending;
};

/* db_sqlite_open opens db->handle by path and access; db_sqlite_close closes it when open. */
MUST_USE bool db_sqlite_open(struct db *db, struct error *err);
void db_sqlite_close(struct db *db);

/* db_sqlite_ready makes a connection fit for the next statement: opens a reader that is not open,
 * or that was opened while nobody wrote when somebody does now. */
MUST_USE bool db_sqlite_ready(struct db *db, struct error *err);

/* db_sqlite_still_frozen fails when a frozen file has changed under a reader's hands. */
MUST_USE bool db_sqlite_still_frozen(const struct db *db, struct error *err);

/* db_statement_take gives the prepared statement with values bound, which lives until
 * db_statement_return; NULL on failure. `copies`: the values may go before the statement ends. */
MUST_USE struct db_statement *db_statement_take(struct db *db, const char *sql,
                                                const struct db_value *values, bool copies,
                                                struct error *err);
void db_statement_return(struct db *db, struct db_statement *statement);

/* db_statements_drop finalizes all kept ones. */
void db_statements_drop(struct db *db);

/* db_sqlite_error fills `err` from a result code: "UPDATE lane SET ...: the disk is full", and
 * remembers a database that failed. `sql` may be NULL. */
bool db_sqlite_error(struct db *db, int code, const char *sql, struct error *err);

#endif
