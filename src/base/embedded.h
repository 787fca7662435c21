/*
 * A file of the source tree that the build put into the binary (tools/embed.c).
 */
#ifndef POSTROOM_BASE_EMBEDDED_H
#define POSTROOM_BASE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
    const char *name;  /* without folders; NULL ends a list */
    const char *bytes; /* ended by a NUL that does not count */
    size_t n;
};

#endif
