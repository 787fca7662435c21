/*
 * Content on the wire: what may leave, dots doubled, and the end that every server understands
 * the same way.
 */
#ifndef POSTROOM_PROTOCOL_SMTP_CONTENT_H
#define POSTROOM_PROTOCOL_SMTP_CONTENT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

enum { SMTP_CONTENT_LINE_MAX = 998 }; /* octets without CR LF: RFC 5321, 4.5.3.1.6 */

/* smtp_content_fault says why `content` may not leave, or NULL: a CR or LF that is not part of a
 * CR LF, a NUL, a line over 998 octets. A last line without its CR LF is no fault. */
MUST_USE const char *smtp_content_fault(struct span content);

/* A writer of one content. It borrows the bytes until smtp_content_ended. */
struct smtp_content {
    struct span rest;
    bool at_line_start;
    bool is_chunk;
    bool ended; /* the final dot, or the last octet of a chunk, has been put */
};

/* smtp_content_start begins with content that has no fault. smtp_content_start_chunk begins with
 * one that goes as it is, counted before (BDAT): no dot is doubled and none ends it. */
void smtp_content_start(struct smtp_content *c, struct span content);
void smtp_content_start_chunk(struct smtp_content *c, struct span content);

/* smtp_content_put moves on: appends bytes, dots doubled, until `to` holds `most` bytes or more
 * (by a few) or the content and its final CR LF . CR LF are put. */
void smtp_content_put(struct smtp_content *c, struct buf *to, size_t most);

#endif
