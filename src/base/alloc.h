/*
 * Memory from the heap. Running out of it ends the process: the queue survives a kill at any
 * moment, and every size that comes from the network has a named limit before it gets here.
 */
#ifndef POSTROOM_BASE_ALLOC_H
#define POSTROOM_BASE_ALLOC_H

#include <stddef.h>

#include "base/compiler.h"

/* alloc_zeroed returns `size` zeroed bytes, never NULL; freed with alloc_free. */
MUST_USE void *alloc_zeroed(size_t size);

/* alloc_array returns `count` zeroed elements of `size` bytes, never NULL; checks for overflow. */
MUST_USE void *alloc_array(size_t count, size_t size);

/* alloc_grow resizes `old` (NULL for a new one) to `size` bytes; what is added is not zeroed. */
MUST_USE void *alloc_grow(void *old, size_t size);

/* alloc_text returns a heap copy of a C string, never NULL; NULL in gives NULL out. */
MUST_USE char *alloc_text(const char *text);

/* alloc_free frees what the functions above gave; NULL is allowed. */
void alloc_free(void *memory);

/* NEW gives one zeroed struct of the type. */
#define NEW(type) ((type *)alloc_zeroed(sizeof(type)))

#endif
