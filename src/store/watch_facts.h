/*
 * What decides about one person on a list of scopes: their own watches and those of the lists they
 * are on, as they are or as they were. And who there is to decide about.
 */
#ifndef POSTROOM_STORE_WATCH_FACTS_H
#define POSTROOM_STORE_WATCH_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/scope.h"
#include "domain/watch_decision.h"

struct db;

enum { WATCH_FACTS_LIMIT = 2 * SCOPES_LIMIT };

/* A person's watches on the topics of a scope list. */
struct watch_facts {
    struct watch_fact at[WATCH_FACTS_LIMIT];
    size_t n;
};

/* watch_facts_now reads them as they are, watch_facts_before from the log, as they were when event
 * `seq` was taken in. More than WATCH_FACTS_LIMIT are an ERROR_LIMIT. */
MUST_USE bool watch_facts_now(struct db *db, int64_t person, const struct scope_list *scopes,
                              struct watch_facts *ret_facts, struct error *err);
MUST_USE bool watch_facts_before(struct db *db, int64_t person, const struct scope_list *scopes,
                                 int64_t seq, struct watch_facts *ret_facts, struct error *err);

/* The lists that watch topics of a scope list. */
enum { WATCHING_LISTS_LIMIT = 256 };

struct watching_lists {
    int64_t at[WATCHING_LISTS_LIMIT];
    size_t n;
};

/* watching_lists_read finds them; more than WATCHING_LISTS_LIMIT are an ERROR_LIMIT. */
MUST_USE bool watching_lists_read(struct db *db, const struct scope_list *scopes,
                                  struct watching_lists *ret_lists, struct error *err);

/* watch_next_person gives the smallest person id above `after` who watches any of the topics in
 * `scopes`, or is on one of the lists that do; 0 when there is none. */
MUST_USE bool watch_next_person(struct db *db, const struct scope_list *scopes,
                                const struct watching_lists *lists, int64_t after,
                                int64_t *ret_person, struct error *err);

#endif
