/*
 * Foreign text made safe for the place it goes to, and laid out. Whatever comes in (controls,
 * broken UTF-8, markup, line breaks), what goes out is valid UTF-8 that stays inside its place.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_TEMPLATE_ESCAPE_H
#define POSTROOM_SERVICES_COMPOSE_TEMPLATE_ESCAPE_H

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

enum template_escape {
    ESCAPE_TEXT,    /* plain text */
    ESCAPE_HTML,    /* text, or a quoted attribute */
    ESCAPE_URL,     /* a whole URL in a quoted attribute: http, https or mailto, else "#" */
    ESCAPE_URL_PART /* a piece of one: percent-encoded */
};

enum template_layout {
    LAYOUT_LINE,  /* one line: line breaks and runs of blanks become one space */
    LAYOUT_BRIEF, /* the first line that says something, at most BRIEF_COLUMNS */
    LAYOUT_LINES, /* lines stay lines; in HTML with <br>, and URLs become links */
    LAYOUT_QUOTE  /* plain text: each line after "> " */
};

enum { BRIEF_COLUMNS = 140 };

/* template_escape_put appends `text`, escaped and laid out. */
void template_escape_put(struct buf *to, struct span text, enum template_escape escape,
                         enum template_layout layout);

/* template_escape_put_title appends `text` as one line of at most `most` characters; what is left
 * out shows as an ellipsis. */
void template_escape_put_title(struct buf *to, struct span text, size_t most);

/* template_escape_url_safe tells whether a link to `url` may be shown: absolute, http, https,
 * mailto or cid (a part of the mail), without blanks and controls. */
MUST_USE bool template_escape_url_safe(struct span url);

#endif
