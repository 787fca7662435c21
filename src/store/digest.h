/*
 * Digests of a person, one row a mode: when the next is due, and how far the last ones told. Two
 * cursors, as heard has: what a digest was made for, and what needs none any more. A digest that
 * failed stays owed: the next begins where the last delivered one ended.
 */
#ifndef POSTROOM_STORE_DIGEST_H
#define POSTROOM_STORE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/watching.h"

struct db;
struct heard_end;

enum { DIGEST_ZONE_ROOM = 64 };

struct digest_row {
    int64_t person;
    enum watch_mode mode;
    int64_t next_at; /* 0: to be found out */
    int64_t made_seq;
    int64_t through_seq;
    int64_t delivery; /* the unfinished one; 0: none */
    bool is_inactive; /* the person */
    int hour; /* of their daily and weekly digests by their attribute digest_hour; -1: none */
    char zone[DIGEST_ZONE_ROOM];
};

/* digest_page_due reads up to `limit` that are due at `now_ms` or whose time is to be found out,
 * the longest due first. `ret_rows` has room for them. */
MUST_USE bool digest_page_due(struct db *db, int64_t now_ms, size_t limit,
                              struct digest_row *ret_rows, size_t *ret_count, struct error *err);

/* digest_next_due gives when the next one is due; *ret_any is false when there is none. */
MUST_USE bool digest_next_due(struct db *db, int64_t *ret_due_at, bool *ret_any, struct error *err);

/* digest_find reads the one of a person and mode. */
MUST_USE bool digest_find(struct db *db, int64_t person, enum watch_mode mode,
                          struct digest_row *ret_row, bool *ret_found, struct error *err);

/* digest_hour_of gives the hour of a person's daily digests by their attribute; -1: none. */
MUST_USE bool digest_hour_of(struct db *db, int64_t person, int *ret_hour, struct error *err);

/* digest_ensure makes a row unless there is one; it tells of what happens after `seq`. */
MUST_USE bool digest_ensure(struct db *db, int64_t person, enum watch_mode mode, int64_t seq,
                            struct error *err);

/* digest_ensure_members makes the rows of all who are on a list that watches in that mode,
 * digest_ensure_member those of one who comes to it. */
MUST_USE bool digest_ensure_members(struct db *db, int64_t list, enum watch_mode mode, int64_t seq,
                                    struct error *err);
MUST_USE bool digest_ensure_member(struct db *db, int64_t list, int64_t person, int64_t seq,
                                   struct error *err);

/* digest_wait sets when it is due next and leaves all else. */
MUST_USE bool digest_wait(struct db *db, const struct digest_row *row, int64_t next_at,
                          struct error *err);

/* digest_made notes that `delivery` tells of all up to `to_seq`. */
MUST_USE bool digest_made(struct db *db, const struct digest_row *row, int64_t delivery,
                          int64_t to_seq, int64_t next_at, struct error *err);

/* digest_passed notes that all up to `to_seq` needs no digest. */
MUST_USE bool digest_passed(struct db *db, const struct digest_row *row, int64_t to_seq,
                            int64_t next_at, struct error *err);

/* digest_drop removes the row of a mode the person watches nothing in any more. */
MUST_USE bool digest_drop(struct db *db, const struct digest_row *row, struct error *err);

/* digest_reset has the times of a person's digests found out anew, after a change of their zone,
 * but for those that are due. */
MUST_USE bool digest_reset(struct db *db, int64_t person, int64_t now_ms, struct error *err);

/* digest_pending tells whether the person watches anything in that mode (*ret_watches), and whether
 * an event of that happened in (after, to_seq]: whether it is to be told the law says later. */
/* NOLINTNEXTLINE(readability-function-size): whose digest, which range, two answers */
MUST_USE bool digest_pending(struct db *db, const struct digest_row *row, int64_t after,
                             int64_t to_seq, bool *ret_watches, bool *ret_pending,
                             struct error *err);

/* digest_let_go takes an unfinished digest for told when it may have arrived and is held for
 * somebody to decide; *ret_gone is false, and nothing changes, when it stands otherwise. */
MUST_USE bool digest_let_go(struct db *db, const struct digest_row *row, bool *ret_gone,
                            struct error *err);

/* digest_settle notes the end of a delivery that was a digest. */
MUST_USE bool digest_settle(struct db *db, const struct heard_end *end, int64_t to_seq,
                            struct error *err);

#endif
