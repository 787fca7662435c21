/*
 * Inboxes are SQLite on purpose: the application's transaction is the only one there is. They are
 * opened as guests: how their owner keeps the file (journal, page size) stays as it is.
 *
 * An inbox names itself when its tables are made, so that a row is known by identity and id
 * wherever the file is moved.
 */
#include "store/inbox_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/random.h"
#include "store/db.h"

/* A payload of any type is taken; a time that an application leaves out is the insertion's. */
#define INBOX_SCHEMA                                                                               \
    "CREATE TABLE IF NOT EXISTS inbox ("                                                           \
    "id INTEGER PRIMARY KEY AUTOINCREMENT, payload TEXT NOT NULL, "                                \
    "at INTEGER DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)));"            \
    "CREATE TABLE IF NOT EXISTS inbox_refused ("                                                   \
    "id INTEGER PRIMARY KEY AUTOINCREMENT, was INTEGER UNIQUE, payload TEXT NOT NULL, "            \
    "reason TEXT NOT NULL, at INTEGER NOT NULL);"                                                  \
    "CREATE TABLE IF NOT EXISTS inbox_identity (identity TEXT NOT NULL PRIMARY KEY);"

enum { IDENTITY_BYTES = 10, IDENTITY_ROOM = 40 };
enum { READ_OCTETS_MOST = 4 * 1024 * 1024 }; /* of payloads at once, and one more payload */

struct inbox_file {
    struct db *db;
    char *path;
    struct stat is; /* the file as it was opened */
    char identity[IDENTITY_ROOM];
    int64_t data_version; /* -1: not looked at yet */
};

static const struct db_value no_values[] = { { DB_END, 0, { NULL, 0 } } };

static bool find_number(struct inbox_file *file, const char *sql, int64_t *ret_number,
                        struct error *err)
{
    int64_t number = 0;
    bool found;

    if (!db_find_int_values(file->db, sql, no_values, &found, &number, err))
        return false;
    *ret_number = found ? number : 0;
    return true;
}

/* Foreign bytes as an identity would only be strange, not harmful: it is bound, never spliced. */
static bool read_identity(struct inbox_file *file, struct error *err)
{
    CLEANUP(cleanup_free) char *identity = NULL;
    bool found;
    size_t n;

    if (!db_find_text_values(file->db, SQL_SQLITE("SELECT identity FROM inbox_identity LIMIT 1"),
                             no_values, &found, &identity, err))
        return false;
    n = found ? strlen(identity) : 0;
    if (n > 0 && n < IDENTITY_ROOM)
        memcpy(file->identity, identity, n + 1);
    else
        file->identity[0] = '\0';
    return true;
}

static bool write_identity(struct inbox_file *file, struct error *err)
{
    CLEANUP(buf_fini) struct buf name;
    char bytes[IDENTITY_BYTES];

    buf_init(&name, IDENTITY_ROOM);
    random_secret(bytes, sizeof bytes);
    base32_put(&name, (struct span){ bytes, sizeof bytes });
    return db_run_plain(file->db, SQL_SQLITE("DELETE FROM inbox_identity"), err) &&
           db_run(file->db, err, SQL_SQLITE("INSERT INTO inbox_identity (identity) VALUES ($1)"),
                  db_text(buf_view(&name))) &&
           read_identity(file, err);
}

static bool has_tables(struct inbox_file *file, bool *ret_has, struct error *err)
{
    int64_t count;

    if (!find_number(file,
                     SQL_SQLITE("SELECT count(*) FROM sqlite_schema WHERE type = 'table' "
                                "AND name IN ('inbox', 'inbox_refused', 'inbox_identity')"),
                     &count, err))
        return false;
    *ret_has = count == 3;
    return true;
}

static bool make_tables(struct inbox_file *file, struct error *err)
{
    if (!db_begin(file->db, err))
        return false;
    if (db_run_script(file->db, INBOX_SCHEMA, err) && read_identity(file, err) &&
        (file->identity[0] != '\0' || write_identity(file, err)))
        return db_commit(file->db, err);
    db_rollback(file->db);
    return false;
}

static bool get_ready(struct inbox_file *file, bool may_make, struct error *err)
{
    bool has;

    if (!has_tables(file, &has, err))
        return false;
    if (!has && !may_make)
        return error_set(err, ERROR_NOT_FOUND, "it has no table inbox yet");
    if (has && !read_identity(file, err))
        return false;
    return (has && file->identity[0] != '\0') || !may_make || make_tables(file, err);
}

static bool note_file(struct inbox_file *file, struct error *err)
{
    return stat(file->path, &file->is) == 0 || error_set_errno(err, errno, "looking at it");
}

bool inbox_file_current(const struct inbox_file *file)
{
    struct stat now;

    return stat(file->path, &now) == 0 && now.st_dev == file->is.st_dev &&
           now.st_ino == file->is.st_ino;
}

/* SQLite writes beside the file as well. */
bool inbox_file_may_be_written(const struct inbox_file *file)
{
    struct span path = span_of(file->path);
    size_t slash = span_last_index(path, '/');
    CLEANUP(buf_fini) struct buf folder;

    buf_init(&folder, path.n + 2);
    if (slash < path.n)
        buf_put(&folder, span_first(path, slash > 0 ? slash : 1));
    else
        buf_put_byte(&folder, '.');
    return access(file->path, W_OK) == 0 && access(buf_text(&folder), W_OK) == 0;
}

static bool open_as(const char *path, enum db_access access, struct inbox_file **ret_file,
                    struct error *err)
{
    struct inbox_file *file = NEW(struct inbox_file);

    file->data_version = -1;
    file->path = alloc_text(path);
    if (db_open(path, access, &file->db, err) && note_file(file, err) &&
        get_ready(file, access != DB_READ, err)) {
        *ret_file = file;
        return true;
    }
    inbox_file_close(file);
    return error_wrap(err, "inbox %s", path);
}

bool inbox_file_make(const char *path, struct error *err)
{
    struct inbox_file *file;

    if (!open_as(path, DB_CREATE, &file, err))
        return false;
    inbox_file_close(file);
    return true;
}

bool inbox_file_open(const char *path, struct inbox_file **ret_file, struct error *err)
{
    return open_as(path, DB_GUEST, ret_file, err);
}

bool inbox_file_open_to_read(const char *path, struct inbox_file **ret_file, struct error *err)
{
    return open_as(path, DB_READ, ret_file, err);
}

void inbox_file_close(struct inbox_file *file)
{
    if (file == NULL)
        return;
    db_close(file->db);
    alloc_free(file->path);
    alloc_free(file);
}

const char *inbox_file_identity(const struct inbox_file *file)
{
    return file->identity;
}

bool inbox_file_changed(struct inbox_file *file, bool *ret_changed, struct error *err)
{
    int64_t version;

    if (!find_number(file, SQL_SQLITE("PRAGMA data_version"), &version, err))
        return false;
    *ret_changed = version != file->data_version;
    file->data_version = version;
    return true;
}

bool inbox_file_highest(struct inbox_file *file, int64_t *ret_id, struct error *err)
{
    return find_number(file, SQL_SQLITE("SELECT seq FROM sqlite_sequence WHERE name = 'inbox'"),
                       ret_id, err);
}

bool inbox_file_rename(struct inbox_file *file, struct error *err)
{
    if (!db_begin(file->db, err))
        return false;
    if (write_identity(file, err))
        return db_commit(file->db, err);
    db_rollback(file->db);
    return false;
}

/* Columns: id, payload, at, reason. What is beyond so many octets is left for another time. */
static bool read_rows(struct db_rows *walk, struct arena *arena, struct page page,
                      size_t octets_most, struct inbox_rows *ret_rows, struct error *err)
{
    size_t octets = 0;
    struct inbox_rows list = { ARENA_ARRAY(arena, struct inbox_row, page.limit), 0 };
    CLEANUP(db_rows_end) struct db_rows *rows = walk;

    if (rows == NULL)
        return false;
    while (list.n < page.limit && octets < octets_most && db_next(rows)) {
        struct inbox_row *row = &list.at[list.n++];

        *row = (struct inbox_row){
            .id = db_column_int(rows, 0),
            .payload = arena_copy(arena, db_column_blob(rows, 1)),
            .at = db_column_int(rows, 2),
            .reason = arena_copy(arena, db_column_text(rows, 3)),
        };
        octets += row->payload.n;
    }
    *ret_rows = list;
    return db_rows_finish(&rows, err);
}

bool inbox_file_read(struct inbox_file *file, struct arena *arena, struct page page,
                     size_t payload_limit, struct inbox_rows *ret_rows, struct error *err)
{
    return read_rows(db_query(file->db, err,
                              SQL_SQLITE("SELECT id, substr(CAST(payload AS BLOB), 1, $3), "
                                         "CASE typeof(at) WHEN 'integer' THEN at ELSE 0 END, '' "
                                         "FROM inbox WHERE id > $1 ORDER BY id LIMIT $2"),
                              db_int(page.after), db_int((int64_t)page.limit),
                              db_int((int64_t)payload_limit + 1)),
                     arena, page, READ_OCTETS_MOST, ret_rows, err);
}

bool inbox_file_refuse(struct inbox_file *file, const struct inbox_row *row, const char *reason,
                       int64_t now_ms, struct error *err)
{
    if (!db_begin(file->db, err))
        return false;
    if (db_run(file->db, err,
               SQL_SQLITE("INSERT INTO inbox_refused (was, payload, reason, at) "
                          "SELECT id, payload, $2, $3 FROM inbox WHERE id = $1 "
                          "ON CONFLICT (was) DO UPDATE SET reason = excluded.reason"),
               db_int(row->id), db_string(reason), db_int(now_ms)) &&
        db_run(file->db, err, SQL_SQLITE("DELETE FROM inbox WHERE id = $1"), db_int(row->id)))
        return db_commit(file->db, err);
    db_rollback(file->db);
    return false;
}

bool inbox_file_clear(struct inbox_file *file, int64_t through, size_t most, bool *ret_more,
                      struct error *err)
{
    if (!db_run(file->db, err,
                SQL_SQLITE("DELETE FROM inbox WHERE id IN "
                           "(SELECT id FROM inbox WHERE id <= $1 ORDER BY id LIMIT $2)"),
                db_int(through), db_int((int64_t)most)))
        return false;
    *ret_more = db_changes(file->db) == (int64_t)most;
    return true;
}

bool inbox_file_refused(struct inbox_file *file, struct arena *arena, struct page page,
                        struct inbox_rows *ret_rows, struct error *err)
{
    return read_rows(db_query(file->db, err,
                              SQL_SQLITE("SELECT id, CAST(payload AS BLOB), at, reason "
                                         "FROM inbox_refused WHERE id > $1 ORDER BY id LIMIT $2"),
                              db_int(page.after), db_int((int64_t)page.limit)),
                     arena, page, SIZE_MAX, ret_rows, err);
}

static bool move_back(struct inbox_file *file, int64_t id, int64_t now_ms, int64_t *ret_count,
                      struct error *err)
{
    if (!db_run(file->db, err,
                SQL_SQLITE("INSERT INTO inbox (payload, at) SELECT payload, $2 "
                           "FROM inbox_refused WHERE $1 IN (0, id) ORDER BY id"),
                db_int(id), db_int(now_ms)))
        return false;
    *ret_count = db_changes(file->db);
    return db_run(file->db, err, SQL_SQLITE("DELETE FROM inbox_refused WHERE $1 IN (0, id)"),
                  db_int(id));
}

bool inbox_file_retry(struct inbox_file *file, int64_t id, int64_t now_ms, int64_t *ret_count,
                      struct error *err)
{
    if (!db_begin(file->db, err))
        return false;
    if (move_back(file, id, now_ms, ret_count, err))
        return db_commit(file->db, err);
    db_rollback(file->db);
    return false;
}

bool inbox_file_waiting(struct inbox_file *file, int64_t most, int64_t *ret_count,
                        struct error *err)
{
    int64_t count = 0;
    bool found;

    if (!db_find_int(file->db, err, &found, &count,
                     SQL_SQLITE("SELECT count(*) FROM (SELECT 1 FROM inbox LIMIT $1)"),
                     db_int(most)))
        return false;
    *ret_count = count;
    return true;
}
