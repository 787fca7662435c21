/*
 * Reading to the end, in pieces.
 */
#include "app/standard_input.h"

#include <stdio.h>

enum { PIECE = 65536 };

bool standard_input_read(struct buf *to, struct error *err)
{
    for (;;) {
        char *place = buf_reserve(to, PIECE);
        size_t n = place != NULL ? fread(place, 1, PIECE, stdin) : 0;

        if (place == NULL)
            return error_set(err, ERROR_LIMIT, "standard input has more than %zu bytes", to->limit);
        buf_advance(to, n);
        if (n < PIECE)
            return ferror(stdin) ? error_set(err, ERROR_IO, "reading standard input") : true;
    }
}
