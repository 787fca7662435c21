/*
 * What happened in a range of seqs, for the digests that tell of it: who did it, what it concerns,
 * which labels guard it. It is the same for all people.
 */
#ifndef POSTROOM_STORE_CONTENT_RANGE_H
#define POSTROOM_STORE_CONTENT_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "store/content.h"

struct db;

struct content_ids {
    const int64_t *at; /* rising */
    size_t n;
};

struct content_range {
    struct content_ids actors; /* people who did any of it */
    struct content_ids scopes; /* topics any of it concerns */
    const struct span *labels; /* of the events and of all those topics */
    size_t label_count;
    bool has_deadline; /* an event has one */
};

/* content_range_read reads it; texts and arrays are in the arena. */
MUST_USE bool content_range_read(struct db *db, struct arena *arena, int64_t from_seq,
                                 int64_t to_seq, struct content_range *ret_range,
                                 struct error *err);

/* content_range_threads gives the threads of what concerns a topic that the delivery's person
 * watches in that mode, in the delivery's range. */
MUST_USE bool content_range_threads(struct db *db, struct arena *arena,
                                    const struct content_delivery *delivery, enum watch_mode mode,
                                    struct content_ids *ret_threads, struct error *err);

/* content_ids_hold tells whether an id is among them. */
MUST_USE bool content_ids_hold(struct content_ids ids, int64_t id);

#endif
