/*
 * Foreign text made safe to write: valid UTF-8 whatever came in, and no control byte that could
 * end a line or a string.
 */
#ifndef POSTROOM_PROTOCOL_MAIL_CLEAN_H
#define POSTROOM_PROTOCOL_MAIL_CLEAN_H

#include "base/buf.h"
#include "base/span.h"

/* clean_put_line appends `text` as one line: each control character becomes a space, what is not
 * UTF-8 the replacement character U+FFFD; spaces at both ends are dropped. */
void clean_put_line(struct buf *to, struct span text);

/* clean_put_lines appends `text` in lines that end with CRLF, the last one too: bare CR and LF
 * become CRLF, NUL is dropped, what is not UTF-8 becomes U+FFFD. */
void clean_put_lines(struct buf *to, struct span text);

#endif
