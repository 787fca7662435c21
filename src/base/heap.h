/*
 * A binary min-heap of 64-bit keys whose nodes live in the elements: timers, due times.
 */
#ifndef POSTROOM_BASE_HEAP_H
#define POSTROOM_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct heap_node {
    int64_t key;
    uint64_t order; /* equal keys leave in the order they came */
    size_t place;   /* 1-based place in the heap, 0 when not in one */
};

struct heap {
    struct heap_node **nodes;
    size_t n;
    size_t room;
    uint64_t next_order;
};

/* heap_init makes an empty heap, heap_fini frees its array, not the elements. */
void heap_init(struct heap *h);
void heap_fini(struct heap *h);

/* heap_put inserts `node` with `key`, or moves it there when it is in the heap already. */
void heap_put(struct heap *h, struct heap_node *node, int64_t key);

/* heap_remove takes `node` out; nothing happens when it is not in. */
void heap_remove(struct heap *h, struct heap_node *node);

/* heap_first gives the node of the smallest key without removing it, or NULL. */
MUST_USE struct heap_node *heap_first(const struct heap *h);

/* heap_contains is true while `node` is in a heap. */
MUST_USE bool heap_contains(const struct heap_node *node);

#endif
