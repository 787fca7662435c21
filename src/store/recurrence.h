/*
 * What recurs: rows of recurrence, found by when they are due next.
 */
#ifndef POSTROOM_STORE_RECURRENCE_H
#define POSTROOM_STORE_RECURRENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "store/page.h"

struct db;

/* What becomes of times that passed while nobody looked. */
enum catch_up { CATCH_UP_SKIP, CATCH_UP_ONCE, CATCH_UP_ALL };

/* Texts are in the arena of whoever read it. */
struct recurrence_row {
    int64_t id;
    struct span name;
    struct span rule;
    struct span zone; /* absent: UTC */
    int64_t start_day;
    int64_t start_minute;
    int64_t start_ms;
    int64_t until_ms;     /* 0: none */
    struct span holidays; /* JSON */
    enum catch_up catch_up;
    struct span event; /* JSON, as it is taken in each time */
    int64_t made_at;
    int64_t last_at;     /* the time looked at last; 0: none yet */
    int64_t next_at;     /* 0: it is paused, or over */
    int64_t paused_at;   /* 0: it is not */
    struct span problem; /* why the last one was not taken in; absent: it was */
};

struct recurrence_row_list {
    struct recurrence_row *at;
    size_t n;
};

/* recurrence_row_insert adds one and gives it its id; ERROR_CONFLICT when the name is taken. */
MUST_USE bool recurrence_row_insert(struct db *db, struct recurrence_row *row, struct error *err);

/* recurrence_row_need finds one by its name; ERROR_NOT_FOUND. */
MUST_USE bool recurrence_row_need(struct db *db, struct arena *arena, struct span name,
                                  struct recurrence_row *ret_row, struct error *err);

/* recurrence_row_update writes all of it but id, name, made_at and last_at. */
MUST_USE bool recurrence_row_update(struct db *db, const struct recurrence_row *row,
                                    struct error *err);

/* recurrence_row_delete removes it. */
MUST_USE bool recurrence_row_delete(struct db *db, int64_t id, struct error *err);

/* recurrence_row_page gives them by id. */
MUST_USE bool recurrence_row_page(struct db *db, struct arena *arena, struct page page,
                                  struct recurrence_row_list *ret_rows, struct error *err);

/* recurrence_row_due gives the one that is due longest; *ret_any is false when none is. */
MUST_USE bool recurrence_row_due(struct db *db, struct arena *arena, int64_t now_ms,
                                 struct recurrence_row *ret_row, bool *ret_any, struct error *err);

/* recurrence_row_ahead gives one that is not paused and whose last time lies after `now_ms`, which
 * a clock that was put back leaves. */
MUST_USE bool recurrence_row_ahead(struct db *db, struct arena *arena, int64_t now_ms,
                                   struct recurrence_row *ret_row, bool *ret_any,
                                   struct error *err);

/* recurrence_row_next_due gives when the first is due; 0: none is. */
MUST_USE bool recurrence_row_next_due(struct db *db, int64_t *ret_due_at, struct error *err);

/* recurrence_row_move writes what changes: last_at, next_at, paused_at and problem. */
MUST_USE bool recurrence_row_move(struct db *db, const struct recurrence_row *row,
                                  struct error *err);

#endif
