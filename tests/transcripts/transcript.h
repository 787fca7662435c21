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
    ITEM_PEER, /* what the other side says: fed to the machine; neighbouring lines are one block */
    ITEM_OWN,  /* one line that the machine must have said */
    ITEM_ORDER /* anything else: mail, quit, expect, ... */
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

/* transcript_read reads a file into `arena`. `peer` is the letter of the side that is fed to the
 * machine: 'S' when a client is tested, 'C' when a server is. */
MUST_USE bool transcript_read(const char *path, char peer, struct arena *arena,
                              struct transcript *ret_transcript, struct error *err);

/* transcript_unescape gives what a text with escapes stands for, in `arena`. */
MUST_USE struct span transcript_unescape(struct arena *arena, struct span text);

/* transcript_longest and transcript_total tell how many bytes of the peer come in one block, and
 * in all. */
MUST_USE size_t transcript_longest(const struct transcript *t);
MUST_USE size_t transcript_total(const struct transcript *t);

/* transcript_has is true when this order stands in it word for word. */
MUST_USE bool transcript_has(const struct transcript *t, struct span order);

/* transcript_tests makes one cmocka test of each .smtp file of `folder`, run with its path as
 * state, and runs them all; gives the number of those that failed. */
int transcript_tests(const char *folder, void (*holds)(void **state));

/* transcript_word cuts off and gives the next word of an order; empty at the end. */
MUST_USE struct span transcript_word(struct span *order);

#endif
