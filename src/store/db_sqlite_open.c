/*
 * How an SQLite file is opened, for writers and for readers.
 *
 * Writers keep a write-ahead log that stays when they close (emptied), so that a reader beside or
 * after them finds all files in place and makes none. A reader opens read-only and never brings
 * the log into the database. Without a log nobody has the store open to write, and SQLite would
 * make one to read: such a file is read as it is, without locks, and looked at again around each
 * statement, because a writer may come at any time.
 *
 * No mmap: a disk that fails must be an error, not a SIGBUS, and memory stays what we gave.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/db_sqlite_internal.h"

enum {
    STORE_MODE = 0640, /* people's addresses; a group may read */
    WRITER_WAIT_MS = 2000,
    GUEST_WAIT_MS = 300, /* the host's work goes first: we come again */
    READER_WAIT_MS = 5000,
    PATH_LIMIT = 3 * 4096,
    CACHE_MOST_KB = 16384
};

/* clang-format off */
static const char *const writer_pragmas[] = {
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA wal_autocheckpoint = 0", /* the ledger says when */
    "PRAGMA journal_size_limit = 67108864", /* of a log that is begun anew */
    "PRAGMA secure_delete = OFF",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -16384",
    NULL
};
static const char *const reader_pragmas[] = {
    "PRAGMA query_only = ON",
    "PRAGMA cache_size = -2048",
    NULL
};
static const char *const guest_pragmas[] = {
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    NULL
};
/* clang-format on */

/* A file: URI in which only letters that cannot mean anything stand for themselves. */
static void put_uri(struct buf *to, const char *path, const char *options)
{
    buf_put_text(to, path[0] == '/' ? "file://" : "file:");
    for (const char *c = path; *c != '\0'; c++)
        if (*c == '/' || *c == '.' || *c == '-' || *c == '_' || (*c >= '0' && *c <= '9') ||
            (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z'))
            buf_put_byte(to, *c);
        else
            buf_printf(to, "%%%02X", (unsigned)(unsigned char)*c);
    buf_put_text(to, options);
}

/* SQLite counts what it allocates under one lock for all threads: a tenth of the time that the
 * ledger and those who compose spend in it. Nobody asks for the count. */
static void configure(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

void db_allocate_caches_whole(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, -CACHE_MOST_KB);
}

/* The cache was made for the first look into the file, at a size by default. */
static void make_cache_anew(struct db *db)
{
    (void)sqlite3_db_release_memory(db->handle);
}

static bool open_handle(struct db *db, int flags, const char *options, struct error *err)
{
    CLEANUP(buf_fini) struct buf uri;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int code;

    (void)pthread_once(&once, configure);
    buf_init(&uri, PATH_LIMIT);
    put_uri(&uri, db->path, options);
    if (uri.overflown)
        return error_set(err, ERROR_LIMIT, "%.200s...: the path is too long", db->path);
    code = sqlite3_open_v2(buf_text(&uri), &db->handle,
                           flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                           NULL);
    return code == SQLITE_OK || db_sqlite_error(db, code, NULL, err);
}

static bool run_pragmas(struct db *db, const char *const *pragmas, struct error *err)
{
    for (; *pragmas != NULL; pragmas++) {
        int code = sqlite3_exec(db->handle, *pragmas, NULL, NULL, NULL);

        if (code != SQLITE_OK)
            return db_sqlite_error(db, code, NULL, err);
    }
    return true;
}

static int on_commit(void *owner, sqlite3 *handle, const char *name, int pages)
{
    struct db *db = owner;

    (void)handle;
    (void)name;
    db->log_pages = pages;
    return SQLITE_OK;
}

/* journal_mode tells what it came to instead of failing. */
static bool check_log_mode(struct db *db, struct error *err)
{
    int keep = 1;
    sqlite3_stmt *query;
    int code = sqlite3_prepare_v2(db->handle, "PRAGMA journal_mode", -1, &query, NULL);
    bool is_wal = false;

    if (code != SQLITE_OK)
        return db_sqlite_error(db, code, NULL, err);
    code = sqlite3_step(query);
    if (code == SQLITE_ROW)
        is_wal = strcmp((const char *)sqlite3_column_text(query, 0), "wal") == 0;
    (void)sqlite3_finalize(query);
    if (code != SQLITE_ROW)
        return db_sqlite_error(db, code, NULL, err);
    if (!is_wal)
        return error_set(err, ERROR_IO, "%s: this file system cannot keep a write-ahead log",
                         db->path);
    (void)sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
    (void)sqlite3_wal_hook(db->handle, on_commit, db);
    return true;
}

/* SQLite would make the file with a mode for everybody. */
static bool make_file(const char *path, struct error *err)
{
    int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, STORE_MODE);

    if (descriptor < 0)
        return error_set_errno(err, errno, "making %s", path);
    (void)close(descriptor);
    return true;
}

static bool open_writer(struct db *db, struct error *err)
{
    if (db->access == DB_CREATE && access(db->path, F_OK) != 0 && !make_file(db->path, err))
        return false;
    if (!open_handle(db, SQLITE_OPEN_READWRITE, "", err))
        return false;
    (void)sqlite3_busy_timeout(db->handle, db->access == DB_GUEST ? GUEST_WAIT_MS : WRITER_WAIT_MS);
    if (db->access == DB_GUEST)
        return run_pragmas(db, guest_pragmas, err);
    return run_pragmas(db, writer_pragmas, err) && check_log_mode(db, err);
}

/* What stands beside the database under a suffix; false when it does not exist. */
static bool stat_beside(const struct db *db, const char *suffix, struct stat *ret_is)
{
    CLEANUP(buf_fini) struct buf path;

    buf_init(&path, PATH_LIMIT);
    buf_printf(&path, "%s%s", db->path, suffix);
    return !path.overflown && stat(buf_text(&path), ret_is) == 0;
}

/* No log, or an empty one beside which SQLite could not make its index of it. */
static bool is_nothing_to_read_but_the_file(const struct db *db)
{
    struct stat is;

    if (!stat_beside(db, "-wal", &is))
        return true;
    return is.st_size == 0 && !stat_beside(db, "-shm", &is);
}

static bool open_reader(struct db *db, struct error *err)
{
    int off = 1;
    struct stat is;

    db->is_frozen = is_nothing_to_read_but_the_file(db) && stat(db->path, &db->frozen) == 0;
    if (!open_handle(db, SQLITE_OPEN_READONLY, db->is_frozen ? "?immutable=1" : "", err))
        return false;
    (void)sqlite3_busy_timeout(db->handle, READER_WAIT_MS);
    (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, &off);
    if (run_pragmas(db, reader_pragmas, err))
        return true;
    if (stat_beside(db, "-wal", &is) && !stat_beside(db, "-shm", &is))
        return error_set(err, ERROR_IO,
                         "%s: its log has no index (%s-shm), and this user may not make one",
                         db->path, db->path);
    return false;
}

/* A file that is no database is only found out by reading it. */
static bool touch(struct db *db, struct error *err)
{
    int code = sqlite3_exec(db->handle, "PRAGMA schema_version", NULL, NULL, NULL);

    return code == SQLITE_OK || db_sqlite_error(db, code, NULL, err);
}

bool db_sqlite_open(struct db *db, struct error *err)
{
    bool ok;

    assert(db->handle == NULL);
    if (db->access != DB_CREATE && access(db->path, F_OK) != 0 && errno == ENOENT)
        return error_set(err, ERROR_NOT_FOUND, "%s does not exist", db->path);
    ok = db->access == DB_READ ? open_reader(db, err) : open_writer(db, err);
    if (ok && touch(db, err)) {
        make_cache_anew(db);
        return true;
    }
    db_sqlite_close(db);
    return false;
}

void db_sqlite_close(struct db *db)
{
    assert(db->busy_statements == 0);
    db_statements_drop(db);
    if (db->handle != NULL) {
        int code = sqlite3_close(db->handle);

        assert(code == SQLITE_OK);
        (void)code;
    }
    db->handle = NULL;
    db->is_frozen = false;
    db->log_pages = 0;
}

static bool is_still_frozen(const struct db *db)
{
    struct stat is;

    return is_nothing_to_read_but_the_file(db) && stat(db->path, &is) == 0 &&
           is.st_ino == db->frozen.st_ino && is.st_size == db->frozen.st_size &&
           is.st_mtim.tv_sec == db->frozen.st_mtim.tv_sec &&
           is.st_mtim.tv_nsec == db->frozen.st_mtim.tv_nsec;
}

bool db_sqlite_still_frozen(const struct db *db, struct error *err)
{
    if (!db->is_frozen || is_still_frozen(db))
        return true;
    return error_set(err, ERROR_TEMPORARY, "%s: a writer came while this was being read", db->path);
}

bool db_sqlite_ready(struct db *db, struct error *err)
{
    if (db->handle != NULL && (!db->is_frozen || is_still_frozen(db)))
        return true;
    if (db->handle != NULL && (db->busy_statements > 0 || sqlite3_get_autocommit(db->handle) == 0))
        return db_sqlite_still_frozen(db, err);
    db_sqlite_close(db);
    return db_sqlite_open(db, err);
}
