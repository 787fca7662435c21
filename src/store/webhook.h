/*
 * Webhooks: who is told of the outbox by HTTP, what they may see, and how far they have been told.
 */
#ifndef POSTROOM_STORE_WEBHOOK_H
#define POSTROOM_STORE_WEBHOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "store/page.h"

struct db;
struct event;

/* A webhook's row; texts are in the arena. */
struct webhook_row {
    int64_t id;
    struct span name;
    struct span url;
    struct span secret;
    struct span secret_before; /* signs, too, */
    int64_t before_until;      /* until then; 0: there is none */
    int64_t kinds;             /* of changes that it gets whole; events besides as it watches */
    int64_t made_at;
    int64_t through_seq; /* all up to here is settled */
    int64_t sending_seq; /* the end of the batch that was begun; 0: none */
    int64_t failures;    /* in a row, */
    int64_t failing_since;
    int64_t next_at; /* not tried before */
    int64_t answered_at;
    struct span problem;
    int64_t disabled_at; /* 0: it is not */
    struct span disabled_text;
};

/* webhook_insert stores a new one and gives it an id; the name must be free. */
MUST_USE bool webhook_insert(struct db *db, struct webhook_row *row, struct error *err);

/* webhook_rotate writes the two secrets of a row. */
MUST_USE bool webhook_rotate(struct db *db, const struct webhook_row *row, struct error *err);

/* webhook_find reads one by name; webhook_need fails when there is none. */
MUST_USE bool webhook_find(struct db *db, struct arena *arena, struct span name,
                           struct webhook_row *ret_row, bool *ret_found, struct error *err);
MUST_USE bool webhook_need(struct db *db, struct arena *arena, struct span name,
                           struct webhook_row *ret_row, struct error *err);

struct webhook_list {
    struct webhook_row *at;
    size_t n;
};

/* webhook_page reads a page by id. */
MUST_USE bool webhook_page(struct db *db, struct arena *arena, struct page page,
                           struct webhook_list *ret_list, struct error *err);

/* webhook_name gives the name of an id, "?" when it is gone. */
MUST_USE bool webhook_name(struct db *db, struct arena *arena, int64_t id, struct span *ret_name,
                           struct error *err);

/* webhook_remove ends it and its watches. */
MUST_USE bool webhook_remove(struct db *db, int64_t id, int64_t now_ms, struct error *err);

/* webhook_kinds gives the mask of the kinds that any webhook wants. */
MUST_USE bool webhook_kinds(struct db *db, int64_t *ret_kinds, struct error *err);

/* webhook_grant lets it see what carries a label; webhook_labels reads all of them. */
MUST_USE bool webhook_grant(struct db *db, int64_t id, struct span label, struct error *err);
MUST_USE bool webhook_labels(struct db *db, struct arena *arena, int64_t id,
                             struct span **ret_labels, size_t *ret_count, struct error *err);

/* webhook_may_see tells whether a label (absent: none) is granted to it; webhook_watches whether
 * its watches tell it of an event, as of `now_ms`: the nearest decides, as for people. */
MUST_USE bool webhook_may_see(struct db *db, int64_t id, struct span label, bool *ret_may,
                              struct error *err);
MUST_USE bool webhook_watches(struct db *db, int64_t id, const struct event *event, int64_t now_ms,
                              bool *ret_watches, struct error *err);

/* A batch that is to be sent: of what follows `after` up to `through`, by a row whose through_seq
 * was `known`. */
struct webhook_batch {
    int64_t webhook;
    int64_t known;
    int64_t after;
    int64_t through;
};

/* webhook_begin fixes the next batch before it is sent, so that what is sent again after a crash is
 * the same; *ret_begun is false when the row has changed meanwhile. webhook_settle: all of it has
 * been taken. webhook_skip: nothing of it was for the webhook. */
MUST_USE bool webhook_begin(struct db *db, const struct webhook_batch *batch, bool *ret_begun,
                            struct error *err);
MUST_USE bool webhook_settle(struct db *db, const struct webhook_batch *batch, int64_t now_ms,
                             struct error *err);
MUST_USE bool webhook_skip(struct db *db, const struct webhook_batch *batch, struct error *err);

struct webhook_failure {
    struct span problem;
    int64_t at;
    int64_t next_at; /* when it is tried again */
};

/* webhook_fail notes a failure; *ret_there is false when the webhook has been removed. */
MUST_USE bool webhook_fail(struct db *db, int64_t id, const struct webhook_failure *failure,
                           bool *ret_there, struct error *err);

/* webhook_disable stops it, saying why; webhook_enable lets it go on where it stood;
 * webhook_rewind lets it be told of all after `seq` again. */
MUST_USE bool webhook_disable(struct db *db, int64_t id, struct span why, int64_t now_ms,
                              struct error *err);
MUST_USE bool webhook_enable(struct db *db, int64_t id, struct error *err);
MUST_USE bool webhook_rewind(struct db *db, int64_t id, int64_t seq, struct error *err);

#endif
