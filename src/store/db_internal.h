/*
 * What the ledger and the schema know of a database beyond db.h; the same for every engine.
 */
#ifndef POSTROOM_STORE_DB_INTERNAL_H
#define POSTROOM_STORE_DB_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "store/db.h"

/* db_reader_new gives a DB_READ connection that opens with its first statement, and anew with a
 * later one when that failed. */
MUST_USE struct db *db_reader_new(const char *path);

/* db_path gives the path it was opened by. */
MUST_USE const char *db_path(const struct db *db);

/* db_is_well is true while the transaction at hand is open and the database itself has not failed
 * in it (a full disk, an I/O error), whatever statements were refused. */
MUST_USE bool db_is_well(const struct db *db);

/* db_changes_made gives the number of rows changed since the connection was opened. */
MUST_USE int64_t db_changes_made(const struct db *db);

/* db_hand_news_to lets `hand` be called for each piece of news after a commit. */
void db_hand_news_to(struct db *db, void (*hand)(void *owner, const char *news, struct span key),
                     void *owner);

/* db_version reads the schema's version from the store: 0 for an empty one. Fails with
 * ERROR_CONFLICT on a file that another program made. db_version_set is part of the transaction
 * at hand. */
MUST_USE bool db_version(struct db *db, int *ret_version, struct error *err);
MUST_USE bool db_version_set(struct db *db, int version, struct error *err);

/* db_log_pages gives how many pages the write-ahead log held after this connection's last commit.
 * It begins anew with the first commit after all of it was brought into the database. */
MUST_USE int db_log_pages(const struct db *db);

/* db_checkpoint brings the log into the database as far as readers allow, without waiting for
 * anybody. Outside of transactions. */
MUST_USE bool db_checkpoint(struct db *db, struct error *err);

#endif
