/*
 * Reading to the end, in pieces.
 */
#include "app/standard_input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

enum { PIECE = 65536 };

static bool read_all(FILE *file, const char *name, struct buf *to, struct error *err)
{
    for (;;) {
        char *place = buf_reserve(to, PIECE);
        size_t n = place != NULL ? fread(place, 1, PIECE, file) : 0;

        if (place == NULL)
            return error_set(err, ERROR_LIMIT, "%s has more than %zu bytes", name, to->limit);
        buf_advance(to, n);
        if (n < PIECE)
            return ferror(file) ? error_set_errno(err, errno, "reading %s", name) : true;
    }
}

bool standard_input_read(struct buf *to, struct error *err)
{
    return read_all(stdin, "standard input", to, err);
}

bool standard_input_or_file_read(const char *path, struct buf *to, struct error *err)
{
    CLEANUP(cleanup_file) FILE *file = NULL;

    if (strcmp(path, "-") == 0)
        return standard_input_read(to, err);
    file = fopen(path, "re");
    if (file == NULL)
        return error_set_errno(err, errno, "opening %s", path);
    return read_all(file, path, to, err);
}
