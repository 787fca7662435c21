/*
 * Intents: leave to send the final dot of one mail, durable before the dot leaves. Append-only.
 */
#ifndef POSTROOM_STORE_INTENT_H
#define POSTROOM_STORE_INTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/letter.h"

struct db;

/* intent_add writes one for a composed letter: all that is to be known of the mail after its bytes
 * are gone, and what it takes to make the same bytes again. `node` is the daemon's start. */
MUST_USE bool intent_add(struct db *db, const struct letter *letter, int64_t node, int64_t now_ms,
                         int64_t *ret_intent, struct error *err);

/* One as it is on record: what is known of a mail when its bytes are gone. */
struct intent_row {
    int64_t id;
    int64_t at;
    struct span mail_from; /* the return path */
    struct span sender;    /* the From field */
    struct span subject;
    int64_t date; /* of the Date field */
    int64_t size;
    struct span digest;            /* SHA-256 of the bytes as sent */
    int64_t template_revision;     /* 0: none */
    struct span template_name;     /* at == NULL: none */
    struct span template_language; /* at == NULL: none */
};

struct intent_list {
    struct intent_row *at;
    size_t n;
};

/* intent_list_read reads the last `most` intents of a delivery, in their order. */
MUST_USE bool intent_list_read(struct db *db, struct arena *arena, int64_t delivery, size_t most,
                               struct intent_list *ret_list, struct error *err);

/* An intent nobody has written an outcome for: the latest one of a delivery that is `sending`. */
struct intent_open {
    int64_t intent; /* 0: there is none */
    int64_t delivery;
};

/* intent_open_next finds the first open one after the intent `after`. */
MUST_USE bool intent_open_next(struct db *db, int64_t after, struct intent_open *ret_open,
                               struct error *err);

/* The mark: no intent up to it is open, so that a start need not look at those.
 * intent_mark_advance moves it to just before the first open one. */
MUST_USE bool intent_mark_read(struct db *db, int64_t *ret_mark, struct error *err);
MUST_USE bool intent_mark_advance(struct db *db, struct error *err);

/* intent_node_new notes a start of the daemon and gives the number its intents carry. */
MUST_USE bool intent_node_new(struct db *db, int64_t now_ms, int64_t *ret_node, struct error *err);

#endif
