/*
 * Bytes as text and back: base64 (RFC 4648 section 4), base64url without padding (section 5),
 * lower-case base32 without padding (section 6, letters folded: survives mailbox names whose case
 * somebody changed), lower-case hex.
 */
#ifndef POSTROOM_BASE_ENCODINGS_H
#define POSTROOM_BASE_ENCODINGS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

/* Each _put appends the encoded form of `bytes` to `to`. */
void base64_put(struct buf *to, struct span bytes);
void base64url_put(struct buf *to, struct span bytes);
void base32_put(struct buf *to, struct span bytes);
void hex_put(struct buf *to, struct span bytes);

/* Each _read appends the decoded bytes to `to`; false when `text` is not exactly such an
 * encoding (foreign letters, wrong length, bits left over that are not zero). */
MUST_USE bool base64_read(struct buf *to, struct span text);
MUST_USE bool base64url_read(struct buf *to, struct span text);
MUST_USE bool base32_read(struct buf *to, struct span text);
MUST_USE bool hex_read(struct buf *to, struct span text);

#endif
