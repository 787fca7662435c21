/*
 * An inbox: the table `inbox` in an SQLite file of its own or in an application's database, where
 * any program leaves events in its own transactions. We read by id, write down what was refused,
 * and clear away in small steps, so that the application never waits long for us.
 */
#ifndef POSTROOM_STORE_INBOX_FILE_H
#define POSTROOM_STORE_INBOX_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "store/page.h"

struct inbox_file;

/* inbox_file_make makes a new file with the inbox's tables, for `init`. */
MUST_USE bool inbox_file_make(const char *path, struct error *err);

/* inbox_file_open opens an inbox to read and write, making the tables in a database that has none
 * yet. A missing file is ERROR_NOT_FOUND, a locked one ERROR_TEMPORARY. Close it with
 * inbox_file_close; NULL is allowed there. */
MUST_USE bool inbox_file_open(const char *path, struct inbox_file **ret_file, struct error *err);

/* inbox_file_open_to_read opens it to look at and changes nothing: a database without the tables
 * is ERROR_NOT_FOUND. */
MUST_USE bool inbox_file_open_to_read(const char *path, struct inbox_file **ret_file,
                                      struct error *err);

void inbox_file_close(struct inbox_file *file);

/* inbox_file_identity gives the random name the inbox gave itself. */
MUST_USE const char *inbox_file_identity(const struct inbox_file *file);

/* inbox_file_may_be_written tells whether the system's rights let us write it: a failure to write
 * is then one that passes. */
MUST_USE bool inbox_file_may_be_written(const struct inbox_file *file);

/* inbox_file_current is false when another file has come to stand at the path, or none. */
MUST_USE bool inbox_file_current(const struct inbox_file *file);

/* inbox_file_changed tells whether anybody else has written to the file since the last call; the
 * first call says so too. Costs next to nothing. */
MUST_USE bool inbox_file_changed(struct inbox_file *file, bool *ret_changed, struct error *err);

/* inbox_file_highest gives the highest id ever handed out; it grows unless the file was put back
 * to an older state, and then inbox_file_rename gives the inbox another identity. */
MUST_USE bool inbox_file_highest(struct inbox_file *file, int64_t *ret_id, struct error *err);
MUST_USE bool inbox_file_rename(struct inbox_file *file, struct error *err);

struct inbox_row {
    int64_t id;
    struct span payload; /* in the arena */
    int64_t at;          /* UTC ms, as the application or its database says; 0: unknown */
    struct span reason;  /* of refused rows */
};

struct inbox_rows {
    struct inbox_row *at;
    size_t n;
};

/* inbox_file_read reads a page of rows in order of id, fewer when they are large, none when there
 * is none; a payload longer than `payload_limit` is cut one byte after it. */
MUST_USE bool inbox_file_read(struct inbox_file *file, struct arena *arena, struct page page,
                              size_t payload_limit, struct inbox_rows *ret_rows, struct error *err);

/* inbox_file_refuse copies a row to inbox_refused with the reason, unless it is there already,
 * and removes it. */
MUST_USE bool inbox_file_refuse(struct inbox_file *file, const struct inbox_row *row,
                                const char *reason, int64_t now_ms, struct error *err);

/* inbox_file_clear removes up to `most` rows with ids up to `through`; *ret_more tells whether
 * some are left. */
MUST_USE bool inbox_file_clear(struct inbox_file *file, int64_t through, size_t most,
                               bool *ret_more, struct error *err);

/* inbox_file_refused reads a page of refused rows in order of their own ids. */
MUST_USE bool inbox_file_refused(struct inbox_file *file, struct arena *arena, struct page page,
                                 struct inbox_rows *ret_rows, struct error *err);

/* inbox_file_retry puts refused rows back into the inbox: the one of `id`, or all when it is 0;
 * gives how many. */
MUST_USE bool inbox_file_retry(struct inbox_file *file, int64_t id, int64_t now_ms,
                               int64_t *ret_count, struct error *err);

/* inbox_file_waiting counts the rows that wait, up to `most`. */
MUST_USE bool inbox_file_waiting(struct inbox_file *file, int64_t most, int64_t *ret_count,
                                 struct error *err);

#endif
