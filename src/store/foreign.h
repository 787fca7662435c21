/*
 * Another program's data to move in from: its SQLite database, or a folder of CSV exports, a file
 * a table. What is read is told as people, topics and watches in our words; the original is only
 * read.
 */
#ifndef POSTROOM_STORE_FOREIGN_H
#define POSTROOM_STORE_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct foreign;

/* foreign_programs gives the names that foreign_open knows: "mantis redmine trac". */
MUST_USE const char *foreign_programs(void);

/* foreign_open opens the file or folder at `path` as the data of `program`. Fails naming the table
 * that is missing, or the file and line that cannot be read. */
MUST_USE bool foreign_open(const char *program, const char *path, struct foreign **ret_foreign,
                           struct error *err);

void foreign_close(struct foreign *foreign);

/* The three things that are told, in the order to take them in. */
enum foreign_part { FOREIGN_PEOPLE, FOREIGN_TOPICS, FOREIGN_WATCHES, FOREIGN_PARTS };

/* foreign_part_name gives "people", "topics", "watches". */
MUST_USE const char *foreign_part_name(enum foreign_part part);

/* The columns of a row; absent: at == NULL.
 *   people    key name address language timezone inactive ("0" or "1") place
 *   topics    key kind title parent other_parent place
 *   watches   person topic mode origin place
 * `place` says where the row comes from, for people: "user 17". */
enum { FOREIGN_COLUMNS = 7 };
struct foreign_row {
    struct span at[FOREIGN_COLUMNS];
};

/* foreign_walk calls `take` for each row of a part, borrowed for the call, until it returns
 * false with *err. */
MUST_USE bool foreign_walk(struct foreign *foreign, enum foreign_part part,
                           bool (*take)(void *owner, const struct foreign_row *row,
                                        struct error *err),
                           void *owner, struct error *err);

#endif
