/*
 * Addresses and domains not to be mailed. A target is the normal form of an address, or '@' and a
 * domain; the scope is '*' for all mail, SUPPRESSION_OF_TOPICS for all that is sent because
 * somebody watches or is addressed (a password they forgot still reaches them), or the key of a
 * topic or list.
 */
#ifndef POSTROOM_STORE_SUPPRESSION_H
#define POSTROOM_STORE_SUPPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

/* No topic has a key like that. */
#define SUPPRESSION_OF_TOPICS "*/*"

struct suppression {
    struct span target;
    struct span scope;
    struct span reason;
    struct span origin;
    int64_t at;
    int64_t until; /* 0: no end */
};

/* suppression_put bars the target, and makes stale what was composed for it. One that stands
 * already is only ever made stronger: a weaker reason (domain/suppression_reason.h) does not
 * replace it, and of two different weights the later end counts. One of the same weight, or one
 * that has run out by s->at, is replaced. */
MUST_USE bool suppression_put(struct db *db, const struct suppression *s, struct error *err);

/* What names one. */
struct suppression_key {
    struct span target;
    struct span scope;
};

/* suppression_find reads one, run out or not; texts are in the arena. */
MUST_USE bool suppression_find(struct db *db, struct arena *arena,
                               const struct suppression_key *key,
                               struct suppression *ret_suppression, bool *ret_found,
                               struct error *err);

/* suppression_remove ends one; *ret_removed tells whether there was any. */
MUST_USE bool suppression_remove(struct db *db, struct span target, struct span scope,
                                 int64_t now_ms, bool *ret_removed, struct error *err);

/* suppression_bars tells whether all mail to an address is suppressed at `at_ms`; its reason is a
 * copy in `reason`, cut to `room`. */
MUST_USE bool suppression_bars(struct db *db, struct span normal, struct span domain, int64_t at_ms,
                               bool *ret_bars, char *reason, size_t room, struct error *err);

/* suppression_is_of_topics is true for a scope that bars mail about any topic. */
MUST_USE bool suppression_is_of_topics(struct span scope);

struct suppression_list {
    struct suppression *at;
    size_t n;
};

/* suppression_page reads those after `after`, two empty texts at first, by target and scope. */
MUST_USE bool suppression_page(struct db *db, struct arena *arena,
                               const struct suppression_key *after, size_t limit,
                               struct suppression_list *ret_list, struct error *err);

#endif
