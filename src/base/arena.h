/*
 * Memory for one unit of work (a session, a mail being composed, a request): things are born in
 * it and never freed singly; the end of the work is one call.
 */
#ifndef POSTROOM_BASE_ARENA_H
#define POSTROOM_BASE_ARENA_H

#include <stddef.h>

#include "base/compiler.h"
#include "base/span.h"

struct arena_block;

struct arena {
    struct arena_block *blocks;
    size_t used; /* in the first block */
};

/* arena_init makes an empty arena; no memory is taken yet. */
void arena_init(struct arena *a);

/* arena_fini frees all that was taken. Works with CLEANUP(arena_fini). */
void arena_fini(struct arena *a);

/* arena_reset frees all but one block, for the next unit of work. */
void arena_reset(struct arena *a);

/* arena_take returns `size` zeroed bytes, aligned for any type, never NULL. */
MUST_USE void *arena_take(struct arena *a, size_t size);

/* arena_text returns a copy ended by NUL; arena_copy a span that lives in the arena. */
MUST_USE char *arena_text(struct arena *a, struct span s);
MUST_USE struct span arena_copy(struct arena *a, struct span s);

/* arena_printf returns formatted text ended by NUL. */
MUST_USE char *arena_printf(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);

#define ARENA_NEW(arena, type) ((type *)arena_take((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_take((arena), sizeof(type) * (count)))

#endif
