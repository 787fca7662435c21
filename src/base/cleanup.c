/*
 * Endings for CLEANUP().
 */
#include "base/cleanup.h"

#include <unistd.h>

#include "base/alloc.h"

void cleanup_free(void *pointer_to_pointer)
{
    alloc_free(*(void **)pointer_to_pointer);
}

void cleanup_file(FILE **file)
{
    if (*file != NULL)
        (void)fclose(*file);
}

void cleanup_descriptor(const int *descriptor)
{
    if (*descriptor >= 0)
        (void)close(*descriptor);
}
