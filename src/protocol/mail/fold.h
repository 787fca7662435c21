/*
 * A header field while it is written: words that go on a further line when this one is full
 * (RFC 5322 section 2.2.3). Lines have at most 76 octets unless a single word has more; the last
 * octet is kept for a comma or semicolon.
 */
#ifndef POSTROOM_PROTOCOL_MAIL_FOLD_H
#define POSTROOM_PROTOCOL_MAIL_FOLD_H

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

enum { FOLD_LINE_MOST = 76, FOLD_WORD_MOST = FOLD_LINE_MOST - 2 };

struct fold {
    struct buf *to;
    size_t column;
    size_t words; /* on this line */
};

/* fold_start begins the field `name`, which header_name_is_valid takes. */
void fold_start(struct fold *f, struct buf *to, const char *name);

/* fold_word appends a space and `word`, on a new line if this one has no room. */
void fold_word(struct fold *f, struct span word);

/* fold_attach appends `bytes` to the word before, such as a comma. */
void fold_attach(struct fold *f, struct span bytes);

/* fold_join appends `bytes` to the word before without a space, or on a new line if this one has no
 * room: for values in which white space does not count. */
void fold_join(struct fold *f, struct span bytes);

/* fold_room tells how long the next word may be to stay on this line. */
MUST_USE size_t fold_room(const struct fold *f);

/* fold_break makes the next word start a new line, unless this one has no word yet. */
void fold_break(struct fold *f);

/* fold_end ends the field. */
void fold_end(struct fold *f);

#endif
