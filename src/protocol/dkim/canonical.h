/*
 * Canonical forms of header fields and bodies (RFC 6376 section 3.4), hashed as they are made.
 */
#ifndef POSTROOM_PROTOCOL_DKIM_CANONICAL_H
#define POSTROOM_PROTOCOL_DKIM_CANONICAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"
#include "crypto/digest.h"

enum dkim_canonical { DKIM_RELAXED, DKIM_SIMPLE };

/* A body while its pieces pass by. */
struct dkim_body {
    struct digest *digest;
    enum dkim_canonical canonical;
    size_t line_ends; /* seen, but not known to be followed by anything */
    bool after_cr;
    bool blank; /* white space seen, but not known to be followed by anything in its line */
    bool empty; /* nothing but line ends so far */
    size_t n;
    char chunk[2048]; /* canonical, not yet hashed */
};

/* dkim_body_start begins a body, dkim_body_add takes its next bytes, cut anywhere, dkim_body_end
 * gives the hash for bh=. `digest` serves until then. */
void dkim_body_start(struct dkim_body *b, struct digest *digest, enum dkim_canonical canonical);
void dkim_body_add(struct dkim_body *b, struct span bytes);
void dkim_body_end(struct dkim_body *b, unsigned char ret_hash[DIGEST_SIZE]);

/* dkim_field_put appends the canonical form of a header field, given with or without its last line
 * end, without one. */
void dkim_field_put(struct buf *to, struct span field, enum dkim_canonical canonical);

/* dkim_canonical_name gives "relaxed" or "simple". */
MUST_USE const char *dkim_canonical_name(enum dkim_canonical canonical);

#endif
