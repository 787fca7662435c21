/*
 * Counters as they are read: sums over the nodes. Who changes a row counts it in the same
 * transaction (db_count), so nobody has to count rows.
 */
#ifndef POSTROOM_STORE_COUNTER_H
#define POSTROOM_STORE_COUNTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

struct counter_sum {
    struct span key;   /* "notices", "example.net", ... */
    struct span state; /* "queued", ... */
    int64_t n;         /* never 0 */
};

struct counter_list {
    struct counter_sum *at;
    size_t n;
};

enum { COUNTER_SUMS_MOST = 200 };

/* counter_list_read reads the counters of a scope ("stream", "domain", ...) by key and state: those
 * of one key, or of all when key.at is NULL, which is for scopes of few keys. At most
 * COUNTER_SUMS_MOST. */
MUST_USE bool counter_list_read(struct db *db, struct arena *arena, const char *scope,
                                struct span key, struct counter_list *ret_list, struct error *err);

#endif
