/*
 * Plain SQLite, as an application has it; each call is a process's whole life.
 */
#include "tests/scenarios/application.h"

#include <sqlite3.h>
#include <stdio.h>

#include "base/alloc.h"
#include "store/inbox_file.h"
#include "tests/support/cmocka.h"

static sqlite3 *open_database(const struct road *r)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(r->inbox, &db), SQLITE_OK);
    return db;
}

void application_begin(struct road *r)
{
    struct inbox_file *file = NULL;
    sqlite3 *db;

    (void)snprintf(r->inbox, sizeof r->inbox, "%s", scratch_path(&r->scratch, "app.db"));
    db = open_database(r);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE issue (title TEXT)", NULL, NULL, NULL),
                     SQLITE_OK);
    (void)sqlite3_close(db);
    if (!inbox_file_open(r->inbox, &file, &r->err))
        fail_msg("%s", r->err.text);
    inbox_file_close(file);
}

/* Runs a statement about an event; SQLITE_ROW, SQLITE_DONE or what went wrong. */
static int run(const struct road *r, const char *sql, const char *event)
{
    sqlite3 *db = open_database(r);
    sqlite3_stmt *statement = NULL;
    char *json = road_json_text(event);
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (code == SQLITE_OK) {
        (void)sqlite3_bind_text(statement, 1, json, -1, SQLITE_STATIC);
        (void)sqlite3_bind_int64(statement, 2, road_now(r));
        code = sqlite3_step(statement);
    }
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
    alloc_free(json);
    return code;
}

bool application_insert(struct road *r, const char *event)
{
    int code = run(r, "INSERT INTO inbox (payload, at) VALUES (?1, ?2)", event);

    if (code != SQLITE_DONE && !power_vfs_is_cut(r->power))
        fail_msg("the application cannot insert: %d", code);
    return code == SQLITE_DONE;
}

bool application_has(struct road *r, const char *event)
{
    return run(r, "SELECT 1 FROM inbox WHERE payload = ?1 AND ?2 > 0", event) == SQLITE_ROW;
}
