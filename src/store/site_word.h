/*
 * What the servers of a site said of themselves: that they take nothing of a stream, or so much at
 * most. The engine lives by what it has in memory; here is what it knows, for those who ask.
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

struct site_word {
    struct span site;  /* its key */
    struct span about; /* a stream's name, or "mails" (a minute), "connections", ... */
    int64_t most;      /* so many at most; 0 with a stream: nothing of it */
    int64_t since;
    int64_t until;
    struct span text; /* the server's own words; at == NULL: none */
};

/* site_word_put writes one in place of what was said of the same before. On the ledger. */
MUST_USE bool site_word_put(struct db *db, const struct site_word *word, struct error *err);

/* site_words_forget drops all: a daemon that starts begins anew. */
MUST_USE bool site_words_forget(struct db *db, struct error *err);

struct site_word_list {
    struct site_word *at;
    size_t n;
};

enum { SITE_WORDS_MOST = 20 };

/* site_word_list_read gives what holds for a site at `now_ms`, at most SITE_WORDS_MOST. */
MUST_USE bool site_word_list_read(struct db *db, struct arena *arena, struct span site,
                                  int64_t now_ms, struct site_word_list *ret_list,
                                  struct error *err);

#endif
