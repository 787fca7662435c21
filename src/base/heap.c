/*
 * The usual sifting up and down.
 */
#include "base/heap.h"

#include "base/alloc.h"

void heap_init(struct heap *h)
{
    *h = (struct heap){ 0 };
}

void heap_fini(struct heap *h)
{
    alloc_free(h->nodes);
    *h = (struct heap){ 0 };
}

static bool before(const struct heap_node *a, const struct heap_node *b)
{
    return a->key < b->key || (a->key == b->key && a->order < b->order);
}

static void place(struct heap *h, struct heap_node *node, size_t at)
{
    h->nodes[at] = node;
    node->place = at + 1;
}

static void sift_up(struct heap *h, struct heap_node *node, size_t at)
{
    while (at > 0 && before(node, h->nodes[(at - 1) / 2])) {
        place(h, h->nodes[(at - 1) / 2], at);
        at = (at - 1) / 2;
    }
    place(h, node, at);
}

static void sift_down(struct heap *h, struct heap_node *node, size_t at)
{
    for (;;) {
        size_t child = 2 * at + 1;

        if (child >= h->n)
            break;
        if (child + 1 < h->n && before(h->nodes[child + 1], h->nodes[child]))
            child++;
        if (!before(h->nodes[child], node))
            break;
        place(h, h->nodes[child], at);
        at = child;
    }
    place(h, node, at);
}

void heap_put(struct heap *h, struct heap_node *node, int64_t key)
{
    heap_remove(h, node);
    if (h->n == h->room) {
        h->room = h->room > 0 ? h->room * 2 : 16;
        h->nodes = alloc_grow(h->nodes, h->room * sizeof(struct heap_node *));
    }
    node->key = key;
    node->order = h->next_order++;
    h->n++;
    sift_up(h, node, h->n - 1);
}

void heap_remove(struct heap *h, struct heap_node *node)
{
    struct heap_node *last;
    size_t at;

    if (node->place == 0)
        return;
    at = node->place - 1;
    node->place = 0;
    h->n--;
    last = h->nodes[h->n];
    if (last == node)
        return;
    if (at > 0 && before(last, h->nodes[(at - 1) / 2]))
        sift_up(h, last, at);
    else
        sift_down(h, last, at);
}

struct heap_node *heap_first(const struct heap *h)
{
    return h->n > 0 ? h->nodes[0] : NULL;
}

bool heap_contains(const struct heap_node *node)
{
    return node->place != 0;
}
