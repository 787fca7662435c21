/*
 * Watches: what a person wants to hear of a topic, and the log of every change, which answers
 * "why" months later.
 */
#ifndef POSTROOM_STORE_WATCH_H
#define POSTROOM_STORE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/scope.h"
#include "domain/watch_decision.h"
#include "domain/watching.h"

struct db;
struct arena;

enum { WATCH_ORIGIN_ROOM = 32 };

#define WATCH_ALL_KINDS INT64_C(-1)
#define WATCH_ORIGIN_MANUAL "manual"

/* A watch's row, a value. */
struct watch {
    int64_t topic;
    int64_t who;
    enum watch_mode mode;
    int64_t kinds; /* mask of event kinds */
    int64_t delay; /* ms; -1: the default window */
    int64_t until; /* 0: no end */
    char origin[WATCH_ORIGIN_ROOM];
    int64_t since; /* the highest event seq when it began */
};

/* watch_find reads one. */
MUST_USE bool watch_find(struct db *db, int64_t topic, int64_t who, struct watch *ret_watch,
                         bool *ret_found, struct error *err);

/* What became of a wish. */
enum watch_change { WATCH_CHANGED, WATCH_UNCHANGED, WATCH_KEPT };

/* watch_set makes or changes a watch as `wish` says; `since` is decided here: a watch that begins,
 * or begins again after a mute or its end, begins now. A wish that is not manual leaves a manual
 * watch alone: WATCH_KEPT. `cause` goes into the log: "command", "event 12". */
MUST_USE bool watch_set(struct db *db, const struct watch *wish, const char *cause, int64_t now_ms,
                        enum watch_change *ret_change, struct error *err);

/* watch_remove ends a watch; with `origin` only one of that origin. WATCH_UNCHANGED when there is
 * none, WATCH_KEPT when its origin is another. */
MUST_USE bool watch_remove(struct db *db, const struct watch *wish, const char *cause,
                           int64_t now_ms, enum watch_change *ret_change, struct error *err);

/* watch_page_of_person reads up to `limit` watches of a person by topic id, after `after`;
 * watch_page_of_topic those of a topic by person id. `ret_watches` has room for `limit`. */
MUST_USE bool watch_page_of_person(struct db *db, int64_t who, int64_t after, size_t limit,
                                   struct watch *ret_watches, size_t *ret_count, struct error *err);
MUST_USE bool watch_page_of_topic(struct db *db, int64_t topic, int64_t after, size_t limit,
                                  struct watch *ret_watches, size_t *ret_count, struct error *err);

/* watch_next_person gives the smallest person id above `after` who watches any of the topics in
 * `scopes`; 0 when there is none. */
MUST_USE bool watch_next_person(struct db *db, const struct scope_list *scopes, int64_t after,
                                int64_t *ret_person, struct error *err);

/* watch_facts reads a person's watches on the topics in `scopes`, as they are now. `ret_facts`
 * has room for scopes->n. */
MUST_USE bool watch_facts(struct db *db, int64_t person, const struct scope_list *scopes,
                          struct watch_fact *ret_facts, size_t *ret_count, struct error *err);

/* watch_facts_before reads them from the log, as they were when event `seq` was taken in. */
MUST_USE bool watch_facts_before(struct db *db, int64_t person, const struct scope_list *scopes,
                                 int64_t seq, struct watch_fact *ret_facts, size_t *ret_count,
                                 struct error *err);

#endif
