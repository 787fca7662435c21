/*
 * Dialogues: what was said in a try, kept for a while, and orders to keep those of somebody.
 */
#ifndef POSTROOM_STORE_DIALOGUE_H
#define POSTROOM_STORE_DIALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

/* dialogue_put keeps the packed dialogue of an attempt until a time; attempt_add does it. */
MUST_USE bool dialogue_put(struct db *db, int64_t attempt, struct span packed, int64_t until,
                           struct error *err);

/* dialogue_prune drops some whose time is over; *ret_more: there are more. */
MUST_USE bool dialogue_prune(struct db *db, int64_t now_ms, bool *ret_more, struct error *err);

/* dialogue_next gives when the time of the first one is over; DIALOGUE_NEVER when there is none. */
#define DIALOGUE_NEVER INT64_MAX
MUST_USE bool dialogue_next(struct db *db, int64_t *ret_until, struct error *err);

/* An order: all dialogues with `name`, which is a recipient domain, a site's key or a host. */
struct dialogue_keep {
    struct span name;
    int64_t until;
    struct span words; /* who ordered it */
};

struct dialogue_keep_list {
    struct dialogue_keep *at;
    size_t n;
};

/* So many orders may hold at a time. */
enum { DIALOGUE_KEEPS_MOST = 100 };

/* The news of an order; its key is read by dialogue_keep_read. */
#define DIALOGUE_KEEP_NEWS "dialogue-keep"

/* dialogue_keep_put orders it, in place of an earlier order for that name, and tells the news;
 * `until` in the past ends one. ERROR_LIMIT when too many hold. */
MUST_USE bool dialogue_keep_put(struct db *db, const struct dialogue_keep *keep, int64_t now_ms,
                                struct error *err);

/* dialogue_keep_list_read reads the orders that hold. dialogue_keep_read takes the key of the news
 * apart, borrowing the name; the words are empty. */
MUST_USE bool dialogue_keep_list_read(struct db *db, struct arena *arena, int64_t now_ms,
                                      struct dialogue_keep_list *ret_list, struct error *err);
MUST_USE bool dialogue_keep_read(struct span key, struct dialogue_keep *ret_keep);

#endif
