/*
 * A thermometer that says when it gets too warm: reads degrees from standard input, a number a
 * line, keeps them, and when the limit is passed one way or the other inserts an event.
 *
 *     cc -o thermometer thermometer.c -lsqlite3
 *     thermometer room-1 25 <degrees
 *
 * The file is ./thermometer.db, which postroom.yaml names: `inboxes: [/srv/thermometer.db]`.
 * SQLite's own json_object writes the JSON, so nothing has to be escaped by hand.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static const char tables[] = "CREATE TABLE IF NOT EXISTS reading (room TEXT, degrees REAL);"
                             "CREATE TABLE IF NOT EXISTS inbox (id INTEGER PRIMARY KEY "
                             "AUTOINCREMENT, payload TEXT NOT NULL, at INTEGER);";

static const char keep_reading[] = "INSERT INTO reading VALUES (?1, ?2)";

static const char tell[] =
    "INSERT INTO inbox (payload) VALUES (json_object("
    "'topic', json_object('key', 'room/' || ?1, 'title', ?1, 'parents', json_array('site/home')),"
    "'kind', CASE WHEN ?2 > ?3 THEN 'too_warm' ELSE 'cool_again' END,"
    "'urgent', json(CASE WHEN ?2 > ?3 THEN 'true' ELSE 'false' END),"
    "'title', printf('%.1f degrees, the limit is %.1f', ?2, ?3)))";

static void run(sqlite3 *db, const char *sql, const char *room, double degrees, double limit)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (code == SQLITE_OK) {
        (void)sqlite3_bind_text(statement, 1, room, -1, SQLITE_STATIC);
        (void)sqlite3_bind_double(statement, 2, degrees);
        (void)sqlite3_bind_double(statement, 3, limit);
        code = sqlite3_step(statement);
    }
    if (code != SQLITE_DONE) {
        (void)fprintf(stderr, "thermometer: %s\n", sqlite3_errmsg(db));
        exit(EXIT_FAILURE);
    }
    (void)sqlite3_finalize(statement);
}

static void must(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return;
    (void)fprintf(stderr, "thermometer: %s\n", sqlite3_errmsg(db));
    exit(EXIT_FAILURE);
}

/* The reading and what is told of it are one transaction. */
static bool take(sqlite3 *db, const char *room, double degrees, double limit, bool was_warm)
{
    bool is_warm = degrees > limit;

    must(db, "BEGIN IMMEDIATE");
    run(db, keep_reading, room, degrees, limit);
    if (is_warm != was_warm)
        run(db, tell, room, degrees, limit);
    must(db, "COMMIT");
    return is_warm;
}

int main(int count, char **words)
{
    sqlite3 *db = NULL;
    char line[100];
    bool is_warm = false;

    if (count != 3) {
        (void)fprintf(stderr, "usage: thermometer ROOM LIMIT\n");
        return EXIT_FAILURE;
    }
    if (sqlite3_open("thermometer.db", &db) != SQLITE_OK)
        return EXIT_FAILURE;
    (void)sqlite3_busy_timeout(db, 10000);
    must(db, tables);
    while (fgets(line, sizeof(line), stdin) != NULL)
        is_warm = take(db, words[1], strtod(line, NULL), strtod(words[2], NULL), is_warm);
    return sqlite3_close(db) == SQLITE_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
