/*
 * Each program has a script of views over its own tables (sql/moving) that says the same in our
 * words. Between the two stand temporary views with the names and columns the script counts on: a
 * table that a version of the program does not have is empty there, a column is NULL.
 */
#include "store/foreign.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "store/foreign_internal.h"

enum { SQL_LIMIT = 1 << 16, PATH_LIMIT = 4096 };

struct foreign {
    sqlite3 *db;
    const char *path;
};

/* A table a script stands on, and its columns; one that is optional came with a later version. */
struct needed {
    const char *program;
    const char *table;
    const char *columns;
    bool is_optional;
};

static const struct needed needed[] = {
    { "trac", "session", "sid authenticated", false },
    { "trac", "session_attribute", "sid authenticated name value", false },
    { "trac", "ticket", "id summary status reporter owner cc component milestone", false },
    { "trac", "notify_watch", "id sid authenticated realm target", true },
    { "redmine", "users", "id login firstname lastname mail language status mail_notification",
      false },
    { "redmine", "email_addresses", "user_id address is_default", true },
    { "redmine", "user_preferences", "user_id time_zone", true },
    { "redmine", "projects", "id identifier name parent_id", false },
    { "redmine", "issues", "id subject project_id author_id assigned_to_id status_id", false },
    { "redmine", "issue_statuses", "id is_closed", false },
    { "redmine", "watchers", "id watchable_type watchable_id user_id", false },
    { "redmine", "members", "id user_id project_id mail_notification", false },
    { "mantis", "user", "id username realname email enabled", false },
    { "mantis", "user_pref", "user_id project_id language timezone", true },
    { "mantis", "project", "id name", false },
    { "mantis", "bug", "id summary project_id reporter_id handler_id status", false },
    { "mantis", "bug_monitor", "user_id bug_id", false },
};

/* What a table may be called: Mantis lets its owner choose, and this is the default. */
static const struct {
    const char *before;
    const char *after;
} spellings[] = { { "", "" }, { "mantis_", "_table" }, { "mantis_", "" } };

static const char *const part_queries[FOREIGN_PARTS] = {
    [FOREIGN_PEOPLE] = SQL_FOREIGN("SELECT key, name, address, language, timezone, inactive, place"
                                   " FROM moved_people ORDER BY key"),
    [FOREIGN_TOPICS] = SQL_FOREIGN("SELECT key, kind, title, parent, other_parent, place"
                                   " FROM moved_topics"),
    [FOREIGN_WATCHES] = SQL_FOREIGN("SELECT person, topic, mode, origin, place"
                                    " FROM moved_watches"),
};

const char *foreign_programs(void)
{
    return "mantis redmine trac";
}

const char *foreign_part_name(enum foreign_part part)
{
    static const char *const names[FOREIGN_PARTS] = { "people", "topics", "watches" };

    return names[part];
}

static bool fail(struct foreign *f, struct error *err)
{
    return error_set(err, ERROR_INVALID, "%s: %s", f->path, sqlite3_errmsg(f->db));
}

static bool has_table(struct foreign *f, const char *name, bool *ret_has, struct error *err)
{
    sqlite3_stmt *find;

    if (sqlite3_prepare_v2(f->db,
                           SQL_FOREIGN("SELECT 1 FROM main.sqlite_schema"
                                       " WHERE type IN ('table', 'view')"
                                       " AND name = ?1 COLLATE NOCASE"),
                           -1, &find, NULL) != SQLITE_OK)
        return fail(f, err);
    (void)sqlite3_bind_text(find, 1, name, -1, SQLITE_STATIC);
    *ret_has = sqlite3_step(find) == SQLITE_ROW;
    (void)sqlite3_finalize(find);
    return true;
}

static void spell(size_t spelling, const struct needed *n, char *name, size_t room)
{
    (void)snprintf(name, room, "%s%s%s", spellings[spelling].before, n->table,
                   spellings[spelling].after);
}

/* The table's name in the original, "" when it is not there. */
static bool find_table(struct foreign *f, const struct needed *n, char *ret_name, size_t room,
                       struct error *err)
{
    bool has = false;

    for (size_t i = 0; i < ARRAY_LENGTH(spellings); i++) {
        spell(i, n, ret_name, room);
        if (!has_table(f, ret_name, &has, err))
            return false;
        if (has)
            return true;
    }
    ret_name[0] = '\0';
    return n->is_optional || error_set(err, ERROR_INVALID, "%s: there is no table %s: is it %s's?",
                                       f->path, n->table, n->program);
}

static bool has_column(struct foreign *f, const char *table, struct span column)
{
    char name[64];

    span_copy(column, name, sizeof name);
    return sqlite3_table_column_metadata(f->db, "main", table, name, NULL, NULL, NULL, NULL,
                                         NULL) == SQLITE_OK;
}

static bool stand_between(struct foreign *f, const struct needed *n, struct error *err)
{
    CLEANUP(buf_fini) struct buf sql;
    struct span columns = span_of(n->columns);
    char table[100];
    const char *comma = "";

    buf_init(&sql, SQL_LIMIT);
    if (!find_table(f, n, table, sizeof table, err))
        return false;
    buf_printf(&sql, "CREATE TEMP VIEW \"%s\" AS SELECT ", n->table);
    while (columns.n > 0) {
        struct span column = span_take_until(&columns, ' ');
        bool has = table[0] != '\0' && has_column(f, table, column);

        buf_printf(&sql, "%s%s\"%.*s\"", comma, has ? "" : "NULL AS ", SPAN_ARGS(column));
        comma = ", ";
    }
    if (table[0] != '\0')
        buf_printf(&sql, " FROM main.\"%s\"", table);
    else
        buf_put_text(&sql, " WHERE 0");
    return sqlite3_exec(f->db, buf_text(&sql), NULL, NULL, NULL) == SQLITE_OK || fail(f, err);
}

static bool load_csv(struct foreign *f, const struct needed *n, struct error *err)
{
    char path[PATH_LIMIT];
    char table[100];

    for (size_t i = 0; i < ARRAY_LENGTH(spellings); i++) {
        spell(i, n, table, sizeof table);
        (void)snprintf(path, sizeof path, "%s/%s.csv", f->path, table);
        if (access(path, F_OK) == 0)
            return foreign_csv_load(f->db, path, table, err);
    }
    return n->is_optional ||
           error_set(err, ERROR_NOT_FOUND, "%s: there is no %s.csv", f->path, n->table);
}

static bool open_original(struct foreign *f, bool is_folder, struct error *err)
{
    int flags = is_folder ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;

    if (sqlite3_open_v2(is_folder ? ":memory:" : f->path, &f->db, flags, NULL) == SQLITE_OK)
        return true;
    return fail(f, err);
}

static bool run_script(struct foreign *f, const char *program, struct error *err)
{
    size_t n = strlen(program);

    for (const struct embedded_file *file = moving_views; file->name != NULL; file++)
        if (strncmp(file->name, program, n) == 0 && strcmp(file->name + n, ".sql") == 0)
            return sqlite3_exec(f->db, file->bytes, NULL, NULL, NULL) == SQLITE_OK || fail(f, err);
    return error_set(err, ERROR_INVALID, "nothing is known of \"%s\": one of %s", program,
                     foreign_programs());
}

static bool prepare(struct foreign *f, const char *program, struct error *err)
{
    struct stat is;
    bool is_folder;

    if (stat(f->path, &is) != 0)
        return error_set_errno(err, errno, "opening %s", f->path);
    is_folder = S_ISDIR(is.st_mode);
    if (!open_original(f, is_folder, err))
        return false;
    for (size_t i = 0; i < ARRAY_LENGTH(needed); i++) {
        if (strcmp(needed[i].program, program) != 0)
            continue;
        if ((is_folder && !load_csv(f, &needed[i], err)) || !stand_between(f, &needed[i], err))
            return false;
    }
    return run_script(f, program, err);
}

bool foreign_open(const char *program, const char *path, struct foreign **ret_foreign,
                  struct error *err)
{
    struct foreign *f = NEW(struct foreign);

    f->path = path;
    if (!prepare(f, program, err)) {
        foreign_close(f);
        return false;
    }
    *ret_foreign = f;
    return true;
}

void foreign_close(struct foreign *foreign)
{
    if (foreign == NULL)
        return;
    (void)sqlite3_close(foreign->db);
    alloc_free(foreign);
}

static void read_row(sqlite3_stmt *query, struct foreign_row *row)
{
    int columns = sqlite3_column_count(query);

    *row = (struct foreign_row){ 0 };
    for (int i = 0; i < columns && i < FOREIGN_COLUMNS; i++) {
        const char *text = (const char *)sqlite3_column_text(query, i);

        row->at[i] = (struct span){ text, (size_t)sqlite3_column_bytes(query, i) };
    }
}

bool foreign_walk(struct foreign *foreign, enum foreign_part part,
                  bool (*take)(void *owner, const struct foreign_row *row, struct error *err),
                  void *owner, struct error *err)
{
    sqlite3_stmt *query;
    struct foreign_row row;
    bool ok = true;
    int code = SQLITE_DONE;

    if (sqlite3_prepare_v2(foreign->db, part_queries[part], -1, &query, NULL) != SQLITE_OK)
        return fail(foreign, err);
    while (ok && (code = sqlite3_step(query)) == SQLITE_ROW) {
        read_row(query, &row);
        ok = take(owner, &row, err);
    }
    if (ok && code != SQLITE_DONE)
        ok = fail(foreign, err);
    (void)sqlite3_finalize(query);
    return ok;
}
