/*
 * May a person be mailed, and where: their addresses against the suppressions.
 */
#ifndef POSTROOM_STORE_REACH_H
#define POSTROOM_STORE_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/mail_address.h"
#include "domain/scope.h"

struct db;

enum reach_verdict {
    REACH_GOOD,
    REACH_NO_ADDRESS,  /* none, or none in a good state */
    REACH_SUPPRESSED,  /* every good address is suppressed */
    REACH_UNSUBSCRIBED /* one of the addresses asked for no more of this */
};

struct reach {
    enum reach_verdict verdict;
    struct mail_address address; /* for REACH_GOOD: the first one that may be mailed */
};

/* reach_person tells where a person may be mailed at `at_ms` about something that concerns the
 * topics in `scopes`: suppressions of all mail count, and those of one of the topics. */
MUST_USE bool reach_person(struct db *db, int64_t person, const struct scope_list *scopes,
                           int64_t at_ms, struct reach *ret_reach, struct error *err);

/* A suppression of one of a person's addresses or of its domain. Texts are in the arena. */
struct reach_bar {
    struct span target;
    struct span scope;
    struct span reason;
    struct span origin;
    int64_t at;
    int64_t until; /* 0: no end */
};

enum { REACH_BARS_LIMIT = 100 };

struct reach_bar_list {
    struct reach_bar *at;
    size_t n;
};

/* reach_bars lists them, at most REACH_BARS_LIMIT. */
MUST_USE bool reach_bars(struct db *db, struct arena *arena, int64_t person,
                         struct reach_bar_list *ret_bars, struct error *err);

#endif
