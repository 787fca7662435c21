/*
 * A buf is growing bytes with a limit fixed when it is made. Writing past the limit drops what
 * does not fit and marks the buf as overflown; writers may go on and look at the end, once.
 */
#ifndef POSTROOM_BASE_BUF_H
#define POSTROOM_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/span.h"

struct buf {
    char *at;
    size_t n;
    size_t room;
    size_t limit;
    bool overflown;
};

/* buf_init makes an empty buf that holds at most `limit` bytes; no memory is taken yet. */
void buf_init(struct buf *b, size_t limit);

/* buf_fini frees the bytes. Works with CLEANUP(buf_fini). */
void buf_fini(struct buf *b);

/* buf_put appends bytes; buf_put_text a C string; buf_put_byte one byte. */
void buf_put(struct buf *b, struct span bytes);
void buf_put_text(struct buf *b, const char *text);
void buf_put_byte(struct buf *b, char byte);

/* buf_printf appends formatted text. */
void buf_printf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);

/* buf_reserve gives a place to write at most `n` bytes at the end, or NULL when the limit forbids
 * it (the buf is then marked as overflown); buf_advance says how many were written. */
MUST_USE char *buf_reserve(struct buf *b, size_t n);
void buf_advance(struct buf *b, size_t n);

/* buf_drop removes the first `n` bytes; buf_cut shortens to `n`; buf_clear empties and forgets an
 * overflow but keeps the memory. */
void buf_drop(struct buf *b, size_t n);
void buf_cut(struct buf *b, size_t n);
void buf_clear(struct buf *b);

/* buf_view borrows the bytes until the next change. */
MUST_USE struct span buf_view(const struct buf *b);

/* buf_text ends the bytes with a NUL that does not count and borrows them as a C string. */
MUST_USE const char *buf_text(struct buf *b);

/* buf_take_text moves the bytes out as a heap string ended by NUL; the buf is empty after. */
MUST_USE char *buf_take_text(struct buf *b);

#endif
