/*
 * What became of a person's watches, as watch_log has it.
 */
#ifndef POSTROOM_STORE_WATCH_HISTORY_H
#define POSTROOM_STORE_WATCH_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/watch_decision.h"
#include "store/page.h"
#include "store/watch.h"

struct db;

/* A change: the watch as it was from then on. Texts are in the arena. */
struct watch_entry {
    int64_t id;
    struct watch watch; /* without who */
    bool ended;
    bool refuses; /* ended for good */
    int64_t at;
    struct span cause; /* "command", "event 12", ... */
};

struct watch_history {
    struct watch_entry *at;
    size_t n;
};

/* watch_history_read reads a page of who watched what, by id. */
MUST_USE bool watch_history_read(struct db *db, struct arena *arena, int64_t who, struct page page,
                                 struct watch_history *ret_history, struct error *err);

/* watch_end_find tells when a watch that spoke for event `seq` was ended since; for one of a list,
 * when the person left the list or the list's watch was ended. */
MUST_USE bool watch_end_find(struct db *db, int64_t person, const struct watch_fact *watch,
                             int64_t seq, int64_t *ret_at, bool *ret_found, struct error *err);

/* watch_history_find reads one change, with who it is of. */
MUST_USE bool watch_history_find(struct db *db, struct arena *arena, int64_t id,
                                 struct watch_entry *ret_entry, bool *ret_found, struct error *err);

/* watch_history_last reads the last changes of one watch, the newest first, at most `limit`. */
MUST_USE bool watch_history_last(struct db *db, struct arena *arena, const struct watch *watch,
                                 size_t limit, struct watch_history *ret_history,
                                 struct error *err);

#endif
