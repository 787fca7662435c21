/*
 * Chained hashing. The hash is FNV-1a: good for keys of few bytes; whoever keeps elements that
 * strangers choose bounds their number.
 */
#include "base/table.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"

enum { FIRST_ROOM = 16 };

void table_init(struct table *t)
{
    *t = (struct table){ 0 };
}

void table_fini(struct table *t)
{
    alloc_free(t->buckets);
    table_init(t);
}

void table_clear(struct table *t)
{
    if (t->n > 0)
        memset(t->buckets, 0, t->room * sizeof(struct table_node *));
    t->n = 0;
}

uint64_t table_hash_more(uint64_t hash, struct span bytes)
{
    for (size_t i = 0; i < bytes.n; i++)
        hash = (hash ^ (unsigned char)bytes.at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

uint64_t table_hash(struct span bytes)
{
    return table_hash_more(UINT64_C(0xcbf29ce484222325), bytes);
}

/* The high bits are the well mixed ones. */
static struct table_node **bucket_of(const struct table *t, uint64_t hash)
{
    return &t->buckets[(hash ^ hash >> 32) & (t->room - 1)];
}

struct table_node *table_find(const struct table *t, uint64_t hash,
                              bool (*same)(const struct table_node *node, const void *key),
                              const void *key)
{
    if (t->n == 0)
        return NULL;
    for (struct table_node *node = *bucket_of(t, hash); node != NULL; node = node->next)
        if (node->hash == hash && same(node, key))
            return node;
    return NULL;
}

static void insert(struct table *t, struct table_node *node)
{
    struct table_node **bucket = bucket_of(t, node->hash);

    node->next = *bucket;
    *bucket = node;
}

static void grow(struct table *t)
{
    struct table old = *t;

    t->room = old.room > 0 ? old.room * 2 : FIRST_ROOM;
    t->buckets = alloc_array(t->room, sizeof(struct table_node *));
    for (size_t i = 0; i < old.room; i++)
        for (struct table_node *node = old.buckets[i], *next; node != NULL; node = next) {
            next = node->next;
            insert(t, node);
        }
    alloc_free(old.buckets);
}

void table_put(struct table *t, struct table_node *node, uint64_t hash)
{
    if (t->n == t->room)
        grow(t);
    node->hash = hash;
    insert(t, node);
    t->n++;
}

void table_remove(struct table *t, struct table_node *node)
{
    struct table_node **place = bucket_of(t, node->hash);

    while (*place != node) {
        assert(*place != NULL);
        place = &(*place)->next;
    }
    *place = node->next;
    node->next = NULL;
    t->n--;
}
