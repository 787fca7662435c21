/*
 * What changed between two texts, line by line, as people read it: lines that went, lines that
 * came, and a few around them that stayed. Bounded in time and in what it gives. Pure.
 */
#ifndef POSTROOM_DOMAIN_LINE_DIFF_H
#define POSTROOM_DOMAIN_LINE_DIFF_H

#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"

enum {
    LINE_DIFF_LINES_MOST = 4000, /* of each text; what follows is left out */
    LINE_DIFF_EDITS_MOST = 250,  /* with more, all between the first and the last is one change */
    LINE_DIFF_CONTEXT = 2        /* lines that stayed, before and behind a change */
};

enum line_diff_mark { LINE_STAYED, LINE_WENT, LINE_CAME, LINE_GAP };

struct line_diff_line {
    enum line_diff_mark mark;
    struct span text; /* without its line end; of a gap, lines that stayed and are not shown: empty
                       */
};

struct line_diff {
    const struct line_diff_line *lines;
    size_t count;
    size_t more; /* lines that went or came and are left out */
};

/* line_diff_make gives at most `most` lines, in the arena; their texts are in the two given. */
void line_diff_make(struct span old, struct span new, size_t most, struct arena *arena,
                    struct line_diff *ret_diff);

#endif
