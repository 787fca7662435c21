/*
 * A hash table whose nodes live in the elements: who owns the elements hashes their keys and says
 * which ones are the same. Grows by doubling, never shrinks.
 */
#ifndef POSTROOM_BASE_TABLE_H
#define POSTROOM_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/span.h"

struct table_node {
    struct table_node *next; /* in the same bucket */
    uint64_t hash;
};

struct table {
    struct table_node **buckets;
    size_t room; /* buckets, a power of two, 0 before the first element */
    size_t n;
};

/* table_init makes an empty table, table_fini frees its buckets, not the elements; table_clear
 * forgets the elements and keeps the buckets. */
void table_init(struct table *t);
void table_fini(struct table *t);
void table_clear(struct table *t);

/* table_hash hashes bytes; table_hash_more goes on from an earlier hash, for keys in parts. */
MUST_USE uint64_t table_hash(struct span bytes);
MUST_USE uint64_t table_hash_more(uint64_t hash, struct span bytes);

/* table_find gives the first node of this hash for which `same` is true, or NULL. */
MUST_USE struct table_node *table_find(const struct table *t, uint64_t hash,
                                       bool (*same)(const struct table_node *node, const void *key),
                                       const void *key);

/* table_put inserts a node that is in no table. Equal keys may stand side by side. */
void table_put(struct table *t, struct table_node *node, uint64_t hash);

/* table_remove takes out a node that is in the table. */
void table_remove(struct table *t, struct table_node *node);

#endif
