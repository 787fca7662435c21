/*
 * Message identities (RFC 5322 section 3.6.4): "<left@right>".
 */
#ifndef POSTROOM_PROTOCOL_MAIL_MESSAGE_ID_H
#define POSTROOM_PROTOCOL_MAIL_MESSAGE_ID_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

enum { MESSAGE_ID_MOST = 250 };

/* message_id_put appends "<left@domain>"; bytes of `left` that may not stand there become "-", so
 * uniqueness is the caller's: letters, digits, "." and "-" are safe. */
void message_id_put(struct buf *to, struct span left, struct span domain);

/* message_id_is_valid tells whether `id`, with its angle brackets, may be written into a header:
 * dot-atoms or a literal in brackets, at most MESSAGE_ID_MOST bytes. */
MUST_USE bool message_id_is_valid(struct span id);

/* message_id_take cuts the next valid identity off a field such as References, past everything
 * else; false when there is none left. */
MUST_USE bool message_id_take(struct span *text, struct span *ret_id);

#endif
