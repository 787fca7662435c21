/*
 * What decides about one person in a range of seqs, read once for all threads of a digest.
 */
#ifndef POSTROOM_STORE_CONTENT_PERSON_H
#define POSTROOM_STORE_CONTENT_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/notice_content.h"
#include "store/content.h"

struct db;

struct content_watch {
    int64_t topic;
    struct notice_watch watch; /* but for its topic's index */
};

struct content_direct {
    int64_t seq;
    int64_t rank;
    struct span reason;
};

struct content_bar {
    bool everything;
    int64_t topic; /* else; 0: one that is none of ours */
    bool unsubscribed;
};

/* All of it in the arena; watches by topic, directs by seq. */
struct content_person {
    const struct content_watch *watches;
    size_t watch_count;
    const struct content_direct *directs; /* in the range */
    size_t direct_count;
    const struct span *labels; /* granted */
    size_t label_count;
    const struct content_bar *bars;
    size_t bar_count;
};

/* content_person_read reads it for the delivery's person and range; times are compared with
 * `now_ms`. */
MUST_USE bool content_person_read(struct db *db, struct arena *arena,
                                  const struct content_delivery *delivery, int64_t now_ms,
                                  struct content_person *ret_person, struct error *err);

/* content_person_grants tells whether the label is granted. */
MUST_USE bool content_person_grants(const struct content_person *person, struct span label);

/* content_person_reader gives what of it concerns a thread. */
void content_person_reader(const struct content_person *person,
                           const struct content_delivery *delivery,
                           const struct notice_thread *thread, struct arena *arena,
                           struct notice_reader *ret_reader);

#endif
