/*
 * Content transfer encodings (RFC 2045 section 6): bodies made fit for any road. What comes out
 * is ASCII in lines of at most 78 octets that end with CRLF, holds no NUL, and no line starts
 * with "--=_" or "From ".
 */
#ifndef POSTROOM_PROTOCOL_MAIL_TRANSFER_H
#define POSTROOM_PROTOCOL_MAIL_TRANSFER_H

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

enum transfer_encoding { TRANSFER_7BIT, TRANSFER_QUOTED_PRINTABLE, TRANSFER_BASE64 };

/* transfer_put_text appends `text` in the lightest encoding that is safe for it and tells which:
 * 7bit when it is plain, else quoted-printable or base64, whichever is shorter. Line ends become
 * CRLF, the last line is ended too, and what is not UTF-8 becomes U+FFFD. */
enum transfer_encoding transfer_put_text(struct buf *to, struct span text);

/* transfer_put_bytes appends `bytes` in base64, so that they come out exactly. */
void transfer_put_bytes(struct buf *to, struct span bytes);

/* transfer_name gives the name for Content-Transfer-Encoding. */
MUST_USE const char *transfer_name(enum transfer_encoding encoding);

#endif
