/*
 * Reading a header field by field (RFC 5322 section 2.2). The text has CRLF line ends.
 */
#ifndef POSTROOM_PROTOCOL_MAIL_FIELD_H
#define POSTROOM_PROTOCOL_MAIL_FIELD_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/span.h"

/* A field as it stands: borrowed. */
struct field {
    struct span name;  /* without the white space that old mail has before the colon */
    struct span value; /* what follows the colon, folded, without the last line end */
    struct span whole; /* with its line end */
};

/* field_take cuts the next field off `text`; false at the empty line, at the end, and where a line
 * stands that is no field: there a header ends. */
MUST_USE bool field_take(struct span *text, struct field *ret_field);

/* field_header gives the fields at the start of `message`, each with its line end; `ret_body` is
 * what follows them, without the empty line. */
MUST_USE struct span field_header(struct span message, struct span *ret_body);

/* field_find gives the first field of that name. */
MUST_USE bool field_find(struct span header, const char *name, struct field *ret_field);

/* field_text gives a value unfolded and trimmed, in the arena. */
MUST_USE struct span field_text(struct arena *arena, struct span value);

#endif
