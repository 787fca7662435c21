/*
 * How far each inbox is settled: every row up to the cursor is taken in, or refused and on record
 * in the inbox itself.
 */
#ifndef POSTROOM_STORE_INBOX_CURSOR_H
#define POSTROOM_STORE_INBOX_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

struct db;

/* inbox_cursor_read gives the cursor of an inbox, 0 at first. */
MUST_USE bool inbox_cursor_read(struct db *db, const char *identity, int64_t *ret_cursor,
                                struct error *err);

/* inbox_cursor_write moves it; `path` is for people. */
MUST_USE bool inbox_cursor_write(struct db *db, const char *identity, const char *path,
                                 int64_t cursor, struct error *err);

#endif
