/*
 * The only place that calls malloc and free.
 */
#include "base/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static NO_RETURN void out_of_memory(size_t size)
{
    (void)fprintf(stderr, "postroom: out of memory (%zu bytes asked for)\n", size);
    abort();
}

void *alloc_zeroed(size_t size)
{
    void *memory = calloc(1, size > 0 ? size : 1);

    if (memory == NULL)
        out_of_memory(size);
    return memory;
}

void *alloc_array(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        out_of_memory(SIZE_MAX);
    return alloc_zeroed(count * size);
}

void *alloc_grow(void *old, size_t size)
{
    void *memory = realloc(old, size > 0 ? size : 1);

    if (memory == NULL)
        out_of_memory(size);
    return memory;
}

char *alloc_text(const char *text)
{
    size_t size;
    char *copy;

    if (text == NULL)
        return NULL;
    size = strlen(text) + 1;
    copy = alloc_zeroed(size);
    memcpy(copy, text, size);
    return copy;
}

void alloc_free(void *memory)
{
    free(memory);
}
