/*
 * Header fields of mail that goes to many (RFC 2919, 2369, 8058, 3834).
 */
#ifndef POSTROOM_PROTOCOL_MAIL_LIST_HEADERS_H
#define POSTROOM_PROTOCOL_MAIL_LIST_HEADERS_H

#include "base/buf.h"
#include "base/span.h"

/* list_id_put appends the identity of the list of those who watch `key`, without angle brackets:
 * "issue/12" at example.org is "12.issue.example.org". Any key gives a valid identity of at most
 * 255 bytes, different keys different ones. `domain` is A-labels. */
void list_id_put(struct buf *to, struct span key, struct span domain);

/* list_headers_put_id writes List-Id: a name for people and the identity. A name that is not ASCII
 * is left out, since many programs that filter by List-Id know no encoded-words. */
void list_headers_put_id(struct buf *to, struct span label, struct span key, struct span domain);

/* list_headers_put_unsubscribe writes List-Unsubscribe with a URI and, unless empty, a mailto URI,
 * and for a URI of https, as the RFC wants it, List-Unsubscribe-Post, which makes it work with one
 * click. */
void list_headers_put_unsubscribe(struct buf *to, struct span uri, struct span mailto_uri);

/* list_headers_put_automatic writes Auto-Submitted: auto-generated, so that no machine answers. */
void list_headers_put_automatic(struct buf *to);

#endif
