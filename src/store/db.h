/*
 * The database behind one narrow door: open, run a statement with values, walk rows, transactions.
 * SQLite now, PostgreSQL later; no other file knows which. Blocking calls: only the ledger (for
 * writing) and worker threads or commands (read-only connections) may use it, never a sender loop.
 *
 * A failure's text begins with the start of the statement. ERROR_CONFLICT: a constraint forbids it;
 * ERROR_TEMPORARY: somebody else holds the database; ERROR_IO: the disk is full or fails.
 *
 * SQL text is always a string literal wrapped in SQL("...") (both engines) or SQL_SQLITE("...")
 * (with a neighbour for the other engine), with parameters $1, $2, ... Statements are prepared
 * once per connection, found again by the literal's address.
 */
#ifndef POSTROOM_STORE_DB_H
#define POSTROOM_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;
struct db_rows;
struct db_sum;

/* Marks for people and for tools/check-sql, which PREPAREs each SQL() on PostgreSQL. */
#define SQL(text) "" text
#define SQL_SQLITE(text) "" text

enum db_access {
    DB_READ,   /* read-only in the file system's eyes too: changes neither database nor WAL */
    DB_WRITE,  /* the one writer */
    DB_CREATE, /* DB_WRITE, making the file when it is missing */
    DB_GUEST   /* a writer in another program's file (an inbox): its ways of keeping it stay */
};

/* db_allocate_caches_whole lets each cache of pages be allocated as a whole when its store is
 * opened: a daemon that has run for a minute has all the memory that it will have in a year, and
 * who has too little finds out at once. Before the first db_open of the process. */
void db_allocate_caches_whole(void);

/* db_open opens the store of `path`. It does not look at the schema (see schema.h). A missing file
 * is ERROR_NOT_FOUND. */
MUST_USE bool db_open(const char *path, enum db_access access, struct db **ret_db,
                      struct error *err);

/* db_close finalises statements and closes; NULL is allowed. */
void db_close(struct db *db);

/* A value bound to a parameter, or read from a column. */
struct db_value {
    enum { DB_END, DB_NULL, DB_INTEGER, DB_TEXT, DB_BLOB } type;
    int64_t integer;
    struct span bytes;
};

MUST_USE struct db_value db_null(void);
MUST_USE struct db_value db_int(int64_t value);
MUST_USE struct db_value db_text(struct span text);   /* NULL `at` binds NULL */
MUST_USE struct db_value db_string(const char *text); /* NULL binds NULL */
MUST_USE struct db_value db_blob(struct span bytes);
MUST_USE struct db_value db_int_or_null(bool present, int64_t value);

#define DB_VALUES(...) ((const struct db_value[]){ __VA_ARGS__, { DB_END, 0, { NULL, 0 } } })

/* db_run executes a statement that gives no rows: db_run(db, err, SQL("..."), db_int(7)). At
 * least one value is needed; statements without parameters take db_run_plain. */
#define db_run(db, err, sql, ...) db_run_values((db), (sql), DB_VALUES(__VA_ARGS__), (err))
MUST_USE bool db_run_values(struct db *db, const char *sql, const struct db_value *values,
                            struct error *err);
MUST_USE bool db_run_plain(struct db *db, const char *sql, struct error *err);

/* db_run_script executes several statements, such as a migration. They are not kept prepared. */
MUST_USE bool db_run_script(struct db *db, const char *script, struct error *err);

/* db_changes gives the number of rows the last db_run inserted, updated or deleted. */
MUST_USE int64_t db_changes(struct db *db);

/* db_query begins to walk the rows of a statement; NULL on failure. End with db_rows_end, which
 * CLEANUP(db_rows_end) does: CLEANUP(db_rows_end) struct db_rows *rows = db_query(...). */
#define db_query(db, err, sql, ...) db_query_values((db), (sql), DB_VALUES(__VA_ARGS__), (err))
MUST_USE struct db_rows *db_query_values(struct db *db, const char *sql,
                                         const struct db_value *values, struct error *err);
MUST_USE struct db_rows *db_query_plain(struct db *db, const char *sql, struct error *err);

/* db_next steps to the next row: true on a row; false at the end or on failure, told apart by
 * db_rows_end's result. */
MUST_USE bool db_next(struct db_rows *rows);

/* Columns of the row at hand, from 0. Text and blobs are borrowed until the next step. */
MUST_USE int64_t db_column_int(struct db_rows *rows, int column);      /* NULL reads as 0 */
MUST_USE struct span db_column_text(struct db_rows *rows, int column); /* NULL reads as {NULL,0} */
MUST_USE struct span db_column_blob(struct db_rows *rows, int column);
/* db_column_copy gives a text as a copy in the arena; NULL stays {NULL,0}. */
MUST_USE struct span db_column_copy(struct db_rows *rows, int column, struct arena *arena);
MUST_USE bool db_column_is_null(struct db_rows *rows, int column);

/* db_rows_finish ends the walk and tells whether it went well to here; db_rows_end is the cleanup
 * form, for walks already finished or abandoned. */
MUST_USE bool db_rows_finish(struct db_rows **rows, struct error *err);
void db_rows_end(struct db_rows **rows);

/* db_find_int and db_find_text are the queries of at most one row and one column: false on
 * failure; *ret_found tells whether there was a row. The text is a heap copy,
 * NULL for a NULL. */
#define db_find_int(db, err, ret_found, ret_value, sql, ...)                                       \
    db_find_int_values((db), (sql), DB_VALUES(__VA_ARGS__), (ret_found), (ret_value), (err))
MUST_USE bool db_find_int_values(struct db *db, const char *sql, const struct db_value *values,
                                 bool *ret_found, int64_t *ret_value, struct error *err);
#define db_find_text(db, err, ret_found, ret_text, sql, ...)                                       \
    db_find_text_values((db), (sql), DB_VALUES(__VA_ARGS__), (ret_found), (ret_text), (err))
MUST_USE bool db_find_text_values(struct db *db, const char *sql, const struct db_value *values,
                                  bool *ret_found, char **ret_text, struct error *err);

/* Transactions. db_begin takes the write lock at once on a writer, and a consistent snapshot on a
 * reader. After a db_commit that failed nothing of the transaction is left and none is open.
 * db_rollback without a transaction does nothing. */
MUST_USE bool db_begin(struct db *db, struct error *err);
MUST_USE bool db_commit(struct db *db, struct error *err);
void db_rollback(struct db *db);

/* db_in_transaction is false too once the database gave up the transaction by itself, as it may
 * when the disk is full: then all of it is undone. */
MUST_USE bool db_in_transaction(const struct db *db);

/* Savepoints nest inside a transaction, one level per call. db_release keeps what was done since
 * the innermost one, db_rollback_to_savepoint undoes it; both end that savepoint. */
MUST_USE bool db_savepoint(struct db *db, struct error *err);
MUST_USE bool db_release(struct db *db, struct error *err);
MUST_USE bool db_rollback_to_savepoint(struct db *db, struct error *err);

/* db_next_id hands out the next id of a sequence of the store ("delivery", "event", ...), from 1,
 * each greater than those before. Ids come in blocks, so this is cheap; a crash leaves a gap. What
 * a rolled back transaction took is not handed out again by this writer. `sequence` is a string
 * literal. */
MUST_USE bool db_next_id(struct db *db, const char *sequence, int64_t *ret_id, struct error *err);

/* db_count adds `by` to the counter (scope, key, state) inside the transaction: collected in
 * memory and written once at the commit, dropped on rollback to what stood before. */
void db_count(struct db *db, const char *scope, const char *key, const char *state, int64_t by);

/* What is summed up in the transaction by (number, text), as db_count does, but in places of its
 * own: `write` is called once for each sum at the commit, and may run statements, count and tell.
 * The address of the struct is what it is known by. */
enum { DB_SUM_PLACES = 16 };
struct db_sums {
    bool (*write)(struct db *db, int64_t number, struct span text,
                  const int64_t sums[DB_SUM_PLACES], struct error *err);
};

/* db_sum finds the sum, which lives until the transaction or the innermost savepoint ends; it
 * begins with nothing but zeros. db_sum_add adds to one of its places. */
MUST_USE struct db_sum *db_sum(struct db *db, const struct db_sums *sums, int64_t number,
                               struct span text);
void db_sum_add(struct db *db, struct db_sum *sum, size_t place, int64_t by);

/* db_tell leaves a piece of news ("lane", "event", ... a string literal) about `key` for those who
 * listen (ledger_listen in ledger.h). It is handed on after the commit, once per news and key, and
 * dropped on rollback. Without a ledger nobody hears it. */
void db_tell(struct db *db, const char *news, struct span key);

#endif
