/*
 * The parts of store/foreign: CSV files become tables of an SQLite database in memory.
 */
#ifndef POSTROOM_STORE_FOREIGN_INTERNAL_H
#define POSTROOM_STORE_FOREIGN_INTERNAL_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "base/embedded.h"
#include "base/error.h"

#define SQL_FOREIGN(text) text /* about another program's tables: no check of ours knows them */

/* What each program's views stand on (sql/moving). */
extern const struct embedded_file moving_views[];

/* foreign_csv_load makes a table of the file at `path`, its columns called as the first record
 * says. Fails naming the file and line. */
MUST_USE bool foreign_csv_load(sqlite3 *db, const char *path, const char *table, struct error *err);

#endif
