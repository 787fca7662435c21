/*
 * Read whole, within a bound.
 */
#include "app/pem_file.h"

#include <errno.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/cleanup.h"

enum { PEM_LIMIT = 256 * 1024 };

bool pem_file_read(const char *path, char **ret_text, struct error *err)
{
    CLEANUP(cleanup_file) FILE *file = fopen(path, "re");
    CLEANUP(buf_fini) struct buf text;
    char *room;

    buf_init(&text, PEM_LIMIT);
    if (file == NULL)
        return error_set_errno(err, errno, "opening %s", path);
    room = buf_reserve(&text, PEM_LIMIT);
    buf_advance(&text, fread(room, 1, PEM_LIMIT, file));
    if (ferror(file) != 0 || feof(file) == 0)
        return error_set(err, ERROR_INVALID, "%s cannot be read, or is no certificate or key",
                         path);
    *ret_text = buf_take_text(&text);
    return true;
}
