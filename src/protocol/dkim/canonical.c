/*
 * Canonical forms. Bodies pass in runs: what stays as it is, single spaces included, is copied at
 * once; line ends and white space wait until it is known what follows them. A CR or LF alone is a
 * byte like any other, as RFC 6376 has it; none leaves us.
 */
#include "protocol/dkim/canonical.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_line_end(char c)
{
    return c == '\r' || c == '\n';
}

void dkim_body_start(struct dkim_body *b, struct digest *digest, enum dkim_canonical canonical)
{
    b->digest = digest;
    b->canonical = canonical;
    b->line_ends = 0;
    b->after_cr = false;
    b->blank = false;
    b->empty = true;
    b->n = 0;
    digest_start(digest);
}

static void put(struct dkim_body *b, struct span bytes)
{
    if (b->n + bytes.n > sizeof b->chunk) {
        digest_add(b->digest, (struct span){ b->chunk, b->n });
        b->n = 0;
    }
    if (bytes.n > sizeof b->chunk) {
        digest_add(b->digest, bytes);
        return;
    }
    memcpy(b->chunk + b->n, bytes.at, bytes.n);
    b->n += bytes.n;
}

/* Puts bytes of a line, and before them what has waited for them. */
static void put_text(struct dkim_body *b, struct span bytes)
{
    for (; b->line_ends > 0; b->line_ends--)
        put(b, SPAN("\r\n"));
    if (b->blank)
        put(b, SPAN(" "));
    put(b, bytes);
    b->blank = false;
    b->empty = false;
}

/* How many bytes at the start of `bytes` stay as they are; the first one does. */
static size_t run_length(const struct dkim_body *b, struct span bytes)
{
    bool relaxed = b->canonical == DKIM_RELAXED;
    size_t n = 1;

    for (; n < bytes.n; n++) {
        char c = bytes.at[n];

        if ((unsigned char)c > ' ')
            continue;
        if (is_line_end(c))
            break;
        if (!relaxed || !is_blank(c))
            continue;
        if (c == '\t' || n + 1 == bytes.n || is_blank(bytes.at[n + 1]) ||
            is_line_end(bytes.at[n + 1]))
            break;
    }
    return n;
}

/* One byte after a CR: ends the line, or shows that the CR was a byte of it. */
static void settle_cr(struct dkim_body *b, char next)
{
    b->after_cr = false;
    if (next == '\n') {
        b->line_ends++;
        b->blank = false;
    } else {
        put_text(b, SPAN("\r"));
    }
}

void dkim_body_add(struct dkim_body *b, struct span bytes)
{
    while (bytes.n > 0) {
        char c = bytes.at[0];
        size_t n = 1;

        if (b->after_cr) {
            settle_cr(b, c);
            n = c == '\n';
        } else if (c == '\r') {
            b->after_cr = true;
        } else if (b->canonical == DKIM_RELAXED && is_blank(c)) {
            b->blank = true;
        } else {
            n = run_length(b, bytes);
            put_text(b, span_first(bytes, n));
        }
        bytes = span_rest(bytes, n);
    }
}

void dkim_body_end(struct dkim_body *b, unsigned char ret_hash[DIGEST_SIZE])
{
    if (b->after_cr)
        settle_cr(b, '\0');
    if (!b->empty || b->canonical == DKIM_SIMPLE)
        put(b, SPAN("\r\n"));
    digest_add(b->digest, (struct span){ b->chunk, b->n });
    digest_end(b->digest, ret_hash);
}

/* A value unfolded, each run of white space a single space, none at the ends. */
static void put_relaxed_value(struct buf *to, struct span value)
{
    bool blank = false;

    value = span_trim(value);
    for (size_t i = 0; i < value.n; i++) {
        char c = value.at[i];

        if (is_line_end(c))
            continue;
        if (is_blank(c)) {
            blank = true;
            continue;
        }
        if (blank)
            buf_put_byte(to, ' ');
        buf_put_byte(to, c);
        blank = false;
    }
}

static void put_relaxed(struct buf *to, struct span field)
{
    struct span name = span_trim(span_take_until(&field, ':'));

    for (size_t i = 0; i < name.n; i++)
        buf_put_byte(to, span_lower(name.at[i]));
    buf_put_byte(to, ':');
    put_relaxed_value(to, field);
}

void dkim_field_put(struct buf *to, struct span field, enum dkim_canonical canonical)
{
    if (span_ends(field, SPAN("\r\n")))
        field = span_first(field, field.n - 2);
    if (canonical == DKIM_RELAXED)
        put_relaxed(to, field);
    else
        buf_put(to, field);
}

const char *dkim_canonical_name(enum dkim_canonical canonical)
{
    return canonical == DKIM_RELAXED ? "relaxed" : "simple";
}
