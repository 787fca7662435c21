/*
 * Recipient domains: which site serves them, how many tries failed in a row, until when they are
 * left alone, and what the operator ordered. The engine writes a row when a domain falls asleep or
 * wakes, and reads at its start who sleeps or is paused.
 */
#ifndef POSTROOM_STORE_DOMAIN_H
#define POSTROOM_STORE_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "store/delivery.h"

struct db;

/* What is to be written of a domain. */
struct domain_note {
    struct span name;     /* A-labels, or an address literal in brackets */
    struct span site;     /* key of its site; at == NULL keeps what is known */
    int64_t failures;     /* in a row; 0: the last try went well */
    int64_t asleep_until; /* 0: awake */
    struct span text;     /* words of the last failure; at == NULL: none */
    int64_t seen_at;
};

/* domain_note makes or brings up to date the row of a domain. On the ledger. */
MUST_USE bool domain_note(struct db *db, const struct domain_note *note, struct error *err);

/* domain_wake lets it sleep no longer; how often it failed stays known. On the ledger. */
MUST_USE bool domain_wake(struct db *db, struct span name, struct error *err);

/* What follows is by hand, on the ledger, and the engine hears of it. */

/* The news that a domain is paused, or no more; key "UNTIL DOMAIN". */
#define DOMAIN_PAUSED_NEWS "domain-paused"
/* The news that its hosts are to be asked for anew, and that it sleeps no more; key: its name. */
#define DOMAIN_RECHECK_NEWS "domain-recheck"

#define DOMAIN_PAUSED_FOR_GOOD (INT64_C(1) << 62)

/* domain_pause keeps its mail back until then; 0 lets it go on. Makes the row when it is new. */
struct domain_pause {
    struct span name;
    int64_t until;
    struct span words; /* who ordered it, and why */
    int64_t now_ms;
};

MUST_USE bool domain_pause(struct db *db, const struct domain_pause *pause, struct error *err);

/* domain_pause_read takes the key of the news apart. */
MUST_USE bool domain_pause_read(struct span key, int64_t *ret_until, struct span *ret_name);

/* domain_recheck wakes it, and lets the engine ask for its hosts anew. */
MUST_USE bool domain_recheck(struct db *db, struct span name, struct error *err);

/* A domain as it stands, a value without ownership. */
struct domain_row {
    char name[DELIVERY_DOMAIN_ROOM];
    char site[DELIVERY_DOMAIN_ROOM]; /* "" when not known */
    int64_t failures;
    int64_t asleep_until; /* 0: awake */
    char text[512];       /* "" when nothing failed */
    int64_t seen_at;
    int64_t paused_until; /* 0: it is not, or was */
    int64_t paused_at;
    char paused_words[400];
};

/* domain_find reads one; *ret_found is false when nothing is known of it. */
MUST_USE bool domain_find(struct db *db, struct span name, struct domain_row *ret_row,
                          bool *ret_found, struct error *err);

/* A walk over the domains that sleep, first those that wake first. It starts from
 * { .asleep_until = now_ms + 1 }, which leaves out who is awake by now. */
struct domain_walk {
    int64_t asleep_until; /* with the name: the last one given */
    char name[DELIVERY_DOMAIN_ROOM];
};

/* domain_asleep_each gives at most `room` further sleepers in `rows` and moves the walk behind
 * them; fewer than `room` are the last. */
MUST_USE bool domain_asleep_each(struct db *db, struct domain_walk *walk, struct domain_row *rows,
                                 size_t room, size_t *ret_n, struct error *err);

/* domain_each gives at most `room` domains after the name `after`, in order: all, or with
 * `only_paused` those paused by hand. */
struct domain_page {
    struct span after;
    bool only_paused;
    size_t room;
};

MUST_USE bool domain_each(struct db *db, const struct domain_page *page, struct domain_row *rows,
                          size_t *ret_n, struct error *err);

#endif
