/*
 * db.h on SQLite: running statements, walking rows, transactions.
 */
#include <assert.h>

#include "base/alloc.h"
#include "store/db_sqlite_internal.h"

/* "post" in the header of our files: what tells them from another program's. */
enum { APPLICATION_ID = 0x706f7374, SAVEPOINT_ROOM = 32 };

static struct db *make(const char *path, enum db_access access)
{
    struct db *db = NEW(struct db);

    db->path = alloc_text(path);
    db->access = access;
    table_init(&db->statements);
    db_pending_init(&db->pending);
    return db;
}

bool db_open(const char *path, enum db_access access, struct db **ret_db, struct error *err)
{
    struct db *db = make(path, access);

    if (!db_sqlite_open(db, err)) {
        db_close(db);
        return false;
    }
    *ret_db = db;
    return true;
}

struct db *db_reader_new(const char *path)
{
    return make(path, DB_READ);
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    db_sqlite_close(db);
    table_fini(&db->statements);
    db_pending_fini(&db->pending);
    alloc_free(db->path);
    alloc_free(db);
}

const char *db_path(const struct db *db)
{
    return db->path;
}

bool db_run_values(struct db *db, const char *sql, const struct db_value *values, struct error *err)
{
    struct db_statement *statement;
    int code;

    if (!db_sqlite_ready(db, err))
        return false;
    statement = db_statement_take(db, sql, values, false, err);
    if (statement == NULL)
        return false;
    do
        code = sqlite3_step(statement->handle);
    while (code == SQLITE_ROW);
    if (code != SQLITE_DONE)
        (void)db_sqlite_error(db, code, sql, err);
    db_statement_return(db, statement);
    return code == SQLITE_DONE;
}

bool db_run_plain(struct db *db, const char *sql, struct error *err)
{
    return db_run_values(db, sql, NULL, err);
}

bool db_run_script(struct db *db, const char *script, struct error *err)
{
    int code;

    if (!db_sqlite_ready(db, err))
        return false;
    code = sqlite3_exec(db->handle, script, NULL, NULL, NULL);
    return code == SQLITE_OK || db_sqlite_error(db, code, NULL, err);
}

int64_t db_changes(struct db *db)
{
    return sqlite3_changes64(db->handle);
}

int64_t db_changes_made(const struct db *db)
{
    return sqlite3_total_changes64(db->handle);
}

struct db_rows *db_query_values(struct db *db, const char *sql, const struct db_value *values,
                                struct error *err)
{
    struct db_statement *statement;

    if (!db_sqlite_ready(db, err))
        return NULL;
    statement = db_statement_take(db, sql, values, true, err);
    if (statement == NULL)
        return NULL;
    statement->rows = (struct db_rows){ .db = db, .statement = statement };
    return &statement->rows;
}

struct db_rows *db_query_plain(struct db *db, const char *sql, struct error *err)
{
    return db_query_values(db, sql, NULL, err);
}

bool db_next(struct db_rows *rows)
{
    int code;

    if (rows->failed)
        return false;
    code = sqlite3_step(rows->statement->handle);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        rows->failed = !db_sqlite_error(rows->db, code, rows->statement->sql, &rows->error);
    return false;
}

int64_t db_column_int(struct db_rows *rows, int column)
{
    assert(sqlite3_column_type(rows->statement->handle, column) != SQLITE_FLOAT);
    return sqlite3_column_int64(rows->statement->handle, column);
}

struct span db_column_text(struct db_rows *rows, int column)
{
    const char *at = (const char *)sqlite3_column_text(rows->statement->handle, column);

    return (struct span){ at, (size_t)sqlite3_column_bytes(rows->statement->handle, column) };
}

struct span db_column_blob(struct db_rows *rows, int column)
{
    const char *at = sqlite3_column_blob(rows->statement->handle, column);
    size_t n = (size_t)sqlite3_column_bytes(rows->statement->handle, column);

    /* SQLite gives no address for an empty blob, which is not NULL to us */
    return (struct span){ at != NULL || db_column_is_null(rows, column) ? at : "", n };
}

bool db_column_is_null(struct db_rows *rows, int column)
{
    return sqlite3_column_type(rows->statement->handle, column) == SQLITE_NULL;
}

bool db_rows_finish(struct db_rows **rows, struct error *err)
{
    struct db *db = (*rows)->db;
    bool failed = (*rows)->failed;

    if (failed)
        *err = (*rows)->error;
    db_rows_end(rows);
    return !failed && db_sqlite_still_frozen(db, err);
}

void db_rows_end(struct db_rows **rows)
{
    if (*rows != NULL)
        db_statement_return((*rows)->db, (*rows)->statement);
    *rows = NULL;
}

static bool execute(struct db *db, const char *sql, struct error *err)
{
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

    return code == SQLITE_OK || db_sqlite_error(db, code, sql, err);
}

bool db_begin(struct db *db, struct error *err)
{
    db->is_ill = false;
    if (!db_sqlite_ready(db, err))
        return false;
    return db->access == DB_READ ? db_run_plain(db, SQL_SQLITE("BEGIN"), err)
                                 : db_run_plain(db, SQL_SQLITE("BEGIN IMMEDIATE"), err);
}

static bool run_commit(struct db *db, struct error *err)
{
    return db_run_plain(db, SQL_SQLITE("COMMIT"), err);
}

bool db_commit(struct db *db, struct error *err)
{
    bool ok;

    if (db->access == DB_READ) {
        ok = run_commit(db, err) && db_sqlite_still_frozen(db, err);
    } else if (!db_in_transaction(db)) {
        ok = error_set(err, ERROR_IO, "%s: the database gave up the transaction", db->path);
    } else {
        ok = db_pending_write(&db->pending, db, err) && run_commit(db, err);
    }
    if (ok)
        db_pending_committed(&db->pending);
    else
        db_rollback(db);
    return ok;
}

void db_rollback(struct db *db)
{
    struct error err;

    if (db_in_transaction(db) && !db_run_plain(db, SQL_SQLITE("ROLLBACK"), &err))
        (void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    db_pending_rolled_back(&db->pending);
}

bool db_in_transaction(const struct db *db)
{
    return db->handle != NULL && sqlite3_get_autocommit(db->handle) == 0;
}

bool db_is_well(const struct db *db)
{
    return db_in_transaction(db) && !db->is_ill;
}

/* "SAVEPOINT s1", of the level that stands in `pending`. */
static bool execute_on_level(struct db *db, const char *verb, struct error *err)
{
    char sql[SAVEPOINT_ROOM];

    (void)snprintf(sql, sizeof sql, "%s s%zu", verb, db->pending.savepoints);
    return execute(db, sql, err);
}

bool db_savepoint(struct db *db, struct error *err)
{
    assert(db_in_transaction(db));
    db_pending_savepoint(&db->pending);
    if (execute_on_level(db, "SAVEPOINT", err))
        return true;
    db_pending_release(&db->pending);
    return false;
}

bool db_release(struct db *db, struct error *err)
{
    bool ok = execute_on_level(db, "RELEASE", err);

    db_pending_release(&db->pending);
    return ok;
}

bool db_rollback_to_savepoint(struct db *db, struct error *err)
{
    bool ok = execute_on_level(db, "ROLLBACK TO", err) && execute_on_level(db, "RELEASE", err);

    db_pending_undo(&db->pending);
    return ok;
}

bool db_next_id(struct db *db, const char *sequence, int64_t *ret_id, struct error *err)
{
    return db_pending_next_id(&db->pending, db, sequence, ret_id, err);
}

void db_count(struct db *db, const char *scope, const char *key, const char *state, int64_t by)
{
    db_pending_count(&db->pending, scope, key, state, by);
}

struct db_sum *db_sum(struct db *db, const struct db_sums *sums, int64_t number, struct span text)
{
    return db_pending_sum(&db->pending, sums, number, text);
}

void db_sum_add(struct db *db, struct db_sum *sum, size_t place, int64_t by)
{
    db_pending_sum_add(&db->pending, sum, place, by);
}

void db_tell(struct db *db, const char *news, struct span key)
{
    db_pending_tell(&db->pending, news, key);
}

void db_hand_news_to(struct db *db, void (*hand)(void *owner, const char *news, struct span key),
                     void *owner)
{
    db->pending.hand = hand;
    db->pending.hand_owner = owner;
}

bool db_version(struct db *db, int *ret_version, struct error *err)
{
    bool found;
    int64_t tables;
    int64_t version;
    int64_t application;

    if (!db_find_int(db, err, &found, &tables,
                     SQL_SQLITE("SELECT count(*) FROM sqlite_schema WHERE rootpage > $1"),
                     db_int(0)) ||
        !db_find_int_values(db, SQL_SQLITE("PRAGMA user_version"), NULL, &found, &version, err) ||
        !db_find_int_values(db, SQL_SQLITE("PRAGMA application_id"), NULL, &found, &application,
                            err))
        return false;
    if (tables > 0 && application != APPLICATION_ID)
        return error_set(err, ERROR_CONFLICT, "%s is another program's database", db->path);
    *ret_version = tables > 0 ? (int)version : 0;
    return true;
}

bool db_version_set(struct db *db, int version, struct error *err)
{
    char sql[2 * SAVEPOINT_ROOM];

    (void)snprintf(sql, sizeof sql, "PRAGMA user_version = %d", version);
    if (!execute(db, sql, err))
        return false;
    (void)snprintf(sql, sizeof sql, "PRAGMA application_id = %d", APPLICATION_ID);
    return execute(db, sql, err);
}

int db_log_pages(const struct db *db)
{
    return db->log_pages;
}

bool db_checkpoint(struct db *db, struct error *err)
{
    int code = sqlite3_wal_checkpoint_v2(db->handle, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

    return code == SQLITE_OK || code == SQLITE_BUSY || db_sqlite_error(db, code, "checkpoint", err);
}
