/*
 * What holds at a site beside the shipped table and the settings, by whose word, for those who ask:
 * that it is paused, takes nothing of a stream, or so much at most. The engine lives by the same.
 */
#ifndef POSTROOM_STORE_SITE_WORD_H
#define POSTROOM_STORE_SITE_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

#define SITE_WORD_PAUSE "pause"

struct site_word {
    struct span site; /* its key */
    struct span
        about;      /* SITE_WORD_PAUSE, a stream's name, "mails" (a minute), "connections", ... */
    struct span by; /* "operator", "server", "learned" */
    int64_t most;   /* so many at most; 0 with a pause or a stream: nothing */
    int64_t since;
    int64_t until;    /* 0: for good */
    struct span text; /* the server's own words, or the operator's; at == NULL: none */
};

struct site_word_list {
    struct site_word *at;
    size_t n;
};

enum { SITE_WORDS_MOST = 30 };

/* site_word_list_read gives what holds for a site at `now_ms`, at most SITE_WORDS_MOST. */
MUST_USE bool site_word_list_read(struct db *db, struct arena *arena, struct span site,
                                  int64_t now_ms, struct site_word_list *ret_list,
                                  struct error *err);

#endif
