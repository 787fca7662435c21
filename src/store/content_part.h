/*
 * The parts of a mail of several threads, for composing it.
 */
#ifndef POSTROOM_STORE_CONTENT_PART_H
#define POSTROOM_STORE_CONTENT_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

struct content_part {
    int64_t thread;
    int64_t from_seq;
    int64_t to_seq;
    struct span last_message_id; /* of the thread's last mail that was delivered; empty: none yet */
    bool owed;                   /* a mail about some of it failed before */
    bool put_off; /* a digest left it out, as the application wanted: no digest has told of it */
};

struct content_part_list {
    struct content_part *at;
    size_t n;
};

/* content_parts_read reads all parts of a delivery, by thread. */
MUST_USE bool content_parts_read(struct db *db, struct arena *arena, int64_t delivery,
                                 struct content_part_list *ret_parts, struct error *err);

#endif
