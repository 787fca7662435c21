/*
 * Values of answers as text of one line, for tables and fields: what is in a cell, how wide it is,
 * and how it is made narrower.
 */
#ifndef POSTROOM_APP_SHOW_CELL_H
#define POSTROOM_APP_SHOW_CELL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

/* cell_put_text writes text as one line, without what would drive a terminal; cell_put_json any
 * value so. */
void cell_put_text(struct buf *to, struct span text);
void cell_put_json(struct buf *to, const json_t *value);

/* cell_width counts the characters of a text. */
MUST_USE size_t cell_width(struct span text);

/* cell_is_moment is true for a time in UTC, "2026-11-24T18:00:00.000Z"; cell_put_moment writes it
 * to the second, or with `is_short` to the minute. */
MUST_USE bool cell_is_moment(struct span text);
void cell_put_moment(struct buf *to, struct span moment, bool is_short);

/* cell_put_cut writes a text in at most `most` characters: of a name the middle is left out, of
 * words the end, with an ellipsis for it. */
void cell_put_cut(struct buf *to, struct span text, size_t most);

/* cell_take_line takes from a text what fits into a line of `most` characters, broken at a space
 * where there is one. */
MUST_USE struct span cell_take_line(struct span *text, size_t most);

#endif
