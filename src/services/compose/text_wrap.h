/*
 * Plain text wrapped for a terminal. Lines that fit stay as they are; longer ones break at
 * blanks, and what goes on keeps the line's own indent, quote marks and the room of its bullet.
 * URLs are never broken.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_TEXT_WRAP_H
#define POSTROOM_SERVICES_COMPOSE_TEXT_WRAP_H

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

enum { TEXT_WRAP_COLUMNS = 72 };

/* text_wrap_put appends `text` with lines of at most `columns`, where words allow. */
void text_wrap_put(struct buf *to, struct span text, size_t columns);

/* text_columns tells how many columns of a terminal valid UTF-8 takes: two for wide characters
 * (East Asian, emoji), none for marks that combine. */
MUST_USE size_t text_columns(struct span text);

#endif
