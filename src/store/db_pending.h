/*
 * What a transaction gathers beside its rows: counters to add to, news to tell, ids taken from
 * blocks. Engine-neutral; db_sqlite.c calls it at the turns of a transaction.
 */
#ifndef POSTROOM_STORE_DB_PENDING_H
#define POSTROOM_STORE_DB_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "base/table.h"

struct db;
struct db_sum;
struct db_sums;
struct pending_counter;
struct pending_news;
struct pending_step;
struct pending_sequence;

enum { DB_SAVEPOINTS_MAX = 8 };

struct db_pending {
    struct arena arena; /* of the transaction: counters and news */
    struct table counter_table;
    struct pending_counter *counters;
    struct table sum_table;
    struct db_sum *sums;
    struct table news_table;
    struct pending_news *news; /* newest first */

    struct pending_step *steps; /* what a savepoint's rollback takes back, newest first */
    struct pending_step *marks[DB_SAVEPOINTS_MAX];
    struct pending_news *news_marks[DB_SAVEPOINTS_MAX];
    size_t savepoints;

    struct pending_sequence *sequences; /* live as long as the connection */

    void (*hand)(void *owner, const char *news, struct span key);
    void *hand_owner;
};

void db_pending_init(struct db_pending *p);
void db_pending_fini(struct db_pending *p);

/* db_pending_count, db_pending_sum, db_pending_sum_add, db_pending_tell and db_pending_next_id do
 * what db.h says of db_count, db_sum, db_sum_add, db_tell and db_next_id. */
void db_pending_count(struct db_pending *p, const char *scope, const char *key, const char *state,
                      int64_t by);
MUST_USE struct db_sum *db_pending_sum(struct db_pending *p, const struct db_sums *sums,
                                       int64_t number, struct span text);
void db_pending_sum_add(struct db_pending *p, struct db_sum *sum, size_t place, int64_t by);
void db_pending_tell(struct db_pending *p, const char *news, struct span key);
MUST_USE bool db_pending_next_id(struct db_pending *p, struct db *db, const char *sequence,
                                 int64_t *ret_id, struct error *err);

/* db_pending_write writes sums and counters as the last thing in the transaction; afterwards comes
 * db_pending_committed, which hands out the news, or db_pending_rolled_back. */
MUST_USE bool db_pending_write(struct db_pending *p, struct db *db, struct error *err);
void db_pending_committed(struct db_pending *p);
void db_pending_rolled_back(struct db_pending *p);

/* A savepoint was set, was released, was undone and ended. */
void db_pending_savepoint(struct db_pending *p);
void db_pending_release(struct db_pending *p);
void db_pending_undo(struct db_pending *p);

#endif
