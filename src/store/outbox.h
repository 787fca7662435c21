/*
 * The outbox: what happened that others may hear of, in order, each row written in the transaction
 * of what it tells of. Rows are small and say what happened to what; the content is read when they
 * are told, so that what was redacted or erased meanwhile stays so. Only kinds that somebody wants
 * are written.
 */
#ifndef POSTROOM_STORE_OUTBOX_H
#define POSTROOM_STORE_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/change.h"
#include "store/page.h"

struct db;

struct outbox_row {
    int64_t seq; /* grows; numbers may be missing */
    int64_t at;
    enum change_kind kind;
    struct span what;   /* "taken", "delivered", "added", "set", ... */
    int64_t subject;    /* the event, the delivery, who watches; 0: none */
    struct span about;  /* the target that is suppressed, the topic that is watched; absent: none */
    struct span detail; /* the scope it is suppressed in, the mode it is watched by */
};

/* outbox_wanted reads the mask of the kinds that are written; outbox_want sets it. */
MUST_USE bool outbox_wanted(struct db *db, int64_t *ret_kinds, struct error *err);
MUST_USE bool outbox_want(struct db *db, int64_t kinds, struct error *err);

/* outbox_add appends a change, giving it a seq, if its kind is wanted. */
MUST_USE bool outbox_add(struct db *db, const struct outbox_row *row, struct error *err);

struct outbox_list {
    struct outbox_row *at;
    size_t n;
};

/* outbox_read reads the rows after a seq, in order, into the arena. */
MUST_USE bool outbox_read(struct db *db, struct arena *arena, struct page page,
                          struct outbox_list *ret_list, struct error *err);

/* outbox_seq_at gives the seq of the last row before `at`; what has been dropped does not count. */
MUST_USE bool outbox_seq_at(struct db *db, int64_t at, int64_t *ret_seq, struct error *err);

/* outbox_last gives the highest seq, outbox_dropped the highest one that has been dropped; 0: none
 * yet. */
MUST_USE bool outbox_last(struct db *db, int64_t *ret_seq, struct error *err);
MUST_USE bool outbox_dropped(struct db *db, int64_t *ret_seq, struct error *err);

/* outbox_prune drops at most `most` rows from before `before_ms`; *ret_more: there may be others.
 */
MUST_USE bool outbox_prune(struct db *db, int64_t before_ms, int64_t most, bool *ret_more,
                           struct error *err);

/* outbox_forget takes a target out of what is told, when it is erased. */
MUST_USE bool outbox_forget(struct db *db, const char *target, struct error *err);

#endif
