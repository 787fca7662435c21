/*
 * What a digest tells, as a range of seqs and what is owed beside it.
 */
#ifndef POSTROOM_STORE_DIGEST_RANGE_H
#define POSTROOM_STORE_DIGEST_RANGE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "store/delivery.h"
#include "store/digest.h"

struct db;

/* digest_seq_until gives the highest seq of what was taken in until then; 0: nothing was. It walks
 * back from the newest event: for moments that have just passed. */
MUST_USE bool digest_seq_until(struct db *db, int64_t until_ms, int64_t *ret_seq,
                               struct error *err);

/* digest_seq_since gives the first seq from `from_seq` on that was taken in after `since_ms`, or
 * nearly so (not_before events are taken in long before their turn); from_seq itself when that one
 * was. */
MUST_USE bool digest_seq_since(struct db *db, int64_t from_seq, int64_t to_seq, int64_t since_ms,
                               int64_t *ret_seq, struct error *err);

struct digest_owed {
    struct delivery_part *at;
    size_t n;
};

enum { DIGEST_OWED_MOST = 200 };

/* digest_owed_read gives threads of which the person is owed something that a watch of the digest's
 * mode concerns, as parts up to `to_seq`, at most DIGEST_OWED_MOST: notices that a change of mode
 * overtook, mails that failed before it. */
MUST_USE bool digest_owed_read(struct db *db, struct arena *arena, const struct digest_row *row,
                               int64_t to_seq, struct digest_owed *ret_owed, struct error *err);

#endif
