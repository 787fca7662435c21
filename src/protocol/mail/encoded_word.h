/*
 * Encoded-words (RFC 2047): other scripts in header fields.
 */
#ifndef POSTROOM_PROTOCOL_MAIL_ENCODED_WORD_H
#define POSTROOM_PROTOCOL_MAIL_ENCODED_WORD_H

#include "base/span.h"
#include "protocol/mail/fold.h"

/* encoded_word_put appends `text`, valid UTF-8 without control characters, as one or more encoded
 * words, in B or Q, whichever is shorter. What they decode to is exactly `text`, spaces included,
 * as long as no encoded-word of somebody else stands beside them. */
void encoded_word_put(struct fold *f, struct span text);

#endif
