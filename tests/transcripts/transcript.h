/*
 * A dialogue written down: what each side says, and what must come of it. The form is told in
 * README.md beside this file.
 */
#ifndef POSTROOM_TESTS_TRANSCRIPTS_TRANSCRIPT_H
#define POSTROOM_TESTS_TRANSCRIPTS_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

enum item_kind {
    ITEM_SERVER, /* "S: ..." bytes of the server; neighbouring ones are one block */
    ITEM_CLIENT, /* "C: ..." one line of the client */
    ITEM_ORDER   /* anything else: mail, quit, expect, ... */
};

struct item {
    enum item_kind kind;
    int line;         /* in the file */
    struct span text; /* bytes, or the words of the order; "<close>" and the like as written */
    bool mark;        /* text is one of those in angle brackets: an event, not bytes */
};

struct transcript {
    const char *path;
    struct item *items;
    size_t count;
};

/* transcript_read reads a file into `arena`. */
MUST_USE bool transcript_read(const char *path, struct arena *arena,
                              struct transcript *ret_transcript, struct error *err);

/* transcript_unescape gives what a text with escapes stands for, in `arena`. */
MUST_USE struct span transcript_unescape(struct arena *arena, struct span text);

/* transcript_word cuts off and gives the next word of an order; empty at the end. */
MUST_USE struct span transcript_word(struct span *order);

#endif
