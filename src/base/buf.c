/*
 * Growing bytes.
 */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

void buf_init(struct buf *b, size_t limit)
{
    *b = (struct buf){ .limit = limit };
}

void buf_fini(struct buf *b)
{
    alloc_free(b->at);
    *b = (struct buf){ .limit = b->limit };
}

/* One byte more than asked for is kept, for buf_text's NUL. */
char *buf_reserve(struct buf *b, size_t n)
{
    size_t room = b->room > 0 ? b->room : 64;

    if (n > b->limit - b->n) {
        b->overflown = true;
        return NULL;
    }
    while (room < b->n + n + 1)
        room *= 2;
    if (room != b->room) {
        b->at = alloc_grow(b->at, room);
        b->room = room;
    }
    return b->at + b->n;
}

void buf_advance(struct buf *b, size_t n)
{
    assert(b->n + n < b->room);
    b->n += n;
}

void buf_put(struct buf *b, struct span bytes)
{
    char *to;

    if (bytes.n == 0)
        return;
    to = buf_reserve(b, bytes.n);
    if (to == NULL)
        return;
    memcpy(to, bytes.at, bytes.n);
    b->n += bytes.n;
}

void buf_put_text(struct buf *b, const char *text)
{
    buf_put(b, span_of(text));
}

void buf_put_byte(struct buf *b, char byte)
{
    char *to = buf_reserve(b, 1);

    if (to == NULL)
        return;
    *to = byte;
    b->n++;
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    int length;
    char *to;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    to = buf_reserve(b, (size_t)length);
    if (to == NULL)
        return;
    va_start(args, format);
    (void)vsnprintf(to, (size_t)length + 1, format, args);
    va_end(args);
    b->n += (size_t)length;
}

void buf_drop(struct buf *b, size_t n)
{
    assert(n <= b->n);
    if (n == 0)
        return;
    memmove(b->at, b->at + n, b->n - n);
    b->n -= n;
}

void buf_cut(struct buf *b, size_t n)
{
    assert(n <= b->n);
    b->n = n;
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->overflown = false;
}

struct span buf_view(const struct buf *b)
{
    return (struct span){ b->at, b->n };
}

const char *buf_text(struct buf *b)
{
    if (b->at == NULL)
        return "";
    b->at[b->n] = '\0';
    return b->at;
}

char *buf_take_text(struct buf *b)
{
    char *text = b->at;

    if (text == NULL)
        return alloc_zeroed(1);
    text[b->n] = '\0';
    *b = (struct buf){ .limit = b->limit };
    return text;
}
