/*
 * Phrases (RFC 5322 section 3.2.5): what a person or a list is called, beside its address.
 */
#ifndef POSTROOM_PROTOCOL_MAIL_PHRASE_H
#define POSTROOM_PROTOCOL_MAIL_PHRASE_H

#include "base/span.h"
#include "protocol/mail/fold.h"

/* phrase_put appends `name`, a clean line, as atoms, as a quoted string or, where it must, as
 * encoded-words, which never stand in quotes. An empty name appends nothing. */
void phrase_put(struct fold *f, struct span name);

#endif
