/*
 * A chain of blocks, filled from the front one.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

enum { BLOCK_SIZE = 8192, ALIGNMENT = _Alignof(max_align_t) };

struct arena_block {
    struct arena_block *next;
    size_t room;
    _Alignas(max_align_t) char bytes[];
};

void arena_init(struct arena *a)
{
    *a = (struct arena){ 0 };
}

static void free_chain(struct arena_block *block)
{
    while (block != NULL) {
        struct arena_block *next = block->next;

        alloc_free(block);
        block = next;
    }
}

void arena_fini(struct arena *a)
{
    free_chain(a->blocks);
    *a = (struct arena){ 0 };
}

void arena_reset(struct arena *a)
{
    if (a->blocks == NULL)
        return;
    free_chain(a->blocks->next);
    a->blocks->next = NULL;
    a->used = 0;
    memset(a->blocks->bytes, 0, a->blocks->room);
}

void *arena_take(struct arena *a, size_t size)
{
    size_t aligned = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *taken;

    assert(aligned >= size);
    if (a->blocks == NULL || aligned > a->blocks->room - a->used) {
        size_t room = aligned > BLOCK_SIZE ? aligned : BLOCK_SIZE;
        struct arena_block *block = alloc_zeroed(sizeof(*block) + room);

        block->next = a->blocks;
        block->room = room;
        a->blocks = block;
        a->used = 0;
    }
    taken = a->blocks->bytes + a->used;
    a->used += aligned;
    return taken;
}

char *arena_text(struct arena *a, struct span s)
{
    char *copy = arena_take(a, s.n + 1);

    if (s.n > 0)
        memcpy(copy, s.at, s.n);
    return copy;
}

struct span arena_copy(struct arena *a, struct span s)
{
    return (struct span){ arena_text(a, s), s.n };
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    int length;
    char *text;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    text = arena_take(a, (size_t)length + 1);
    va_start(args, format);
    (void)vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}
