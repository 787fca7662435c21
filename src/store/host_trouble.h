/*
 * What is remembered of mail servers for a while, as far as people are told of it: the engine that
 * runs has it in memory and writes down what changes; one that starts has forgotten all.
 */
#ifndef POSTROOM_STORE_HOST_TROUBLE_H
#define POSTROOM_STORE_HOST_TROUBLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

struct host_trouble_row {
    struct span ip;
    struct span trouble; /* down, tls-broken, chunking-broken, groups-broken */
    int64_t since;
    int64_t until;
    struct span text; /* what it was found by */
};

/* host_trouble_put keeps one of a host of a site, host_trouble_drop ends it, host_trouble_forget
 * ends all. On the ledger; texts are borrowed. */
MUST_USE bool host_trouble_put(struct db *db, struct span site,
                               const struct host_trouble_row *trouble, struct error *err);
MUST_USE bool host_trouble_drop(struct db *db, struct span site, struct span ip,
                                struct span trouble, struct error *err);
MUST_USE bool host_trouble_forget(struct db *db, struct error *err);

enum { HOST_TROUBLES_SHOWN = 100 };

struct host_trouble_list {
    struct host_trouble_row *at;
    size_t n;
};

/* host_trouble_list_read reads those of a site that hold at `now_ms`, at most HOST_TROUBLES_SHOWN,
 * into the arena. */
MUST_USE bool host_trouble_list_read(struct db *db, struct arena *arena, struct span site,
                                     int64_t now_ms, struct host_trouble_list *ret_list,
                                     struct error *err);

#endif
