/*
 * Reviews: whose waiting notices are to be asked about again, since a reason for them may be gone.
 * Asking is one row in the transaction that takes the reason away; the work is done in slices.
 */
#ifndef POSTROOM_STORE_REVIEW_H
#define POSTROOM_STORE_REVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

struct db;

/* Whose. The numbers are in the store; the lower is done first. */
enum review_of {
    REVIEW_PERSON = 0,
    REVIEW_LIST,  /* of all on a list */
    REVIEW_TOPIC, /* of all who watch a topic, and all on lists that do */
    REVIEW_ENDED, /* of all on a list that was removed, who leave it by that */
};

struct review {
    enum review_of of;
    int64_t subject; /* the id */
    int64_t cursor;  /* done up to here: a thread, a person */
};

/* review_ask wants one from the beginning; of a person without notices it wants nothing. */
MUST_USE bool review_ask(struct db *db, enum review_of of, int64_t subject, struct error *err);

/* review_ask_members wants those of who are on a list, up to person `last`, before they leave it.
 */
MUST_USE bool review_ask_members(struct db *db, int64_t list, int64_t last, struct error *err);

/* review_next gives the one that is to be done next; *ret_found is false when there is none. */
MUST_USE bool review_next(struct db *db, struct review *ret_review, bool *ret_found,
                          struct error *err);

/* review_spread turns the next `people` of a list's or a topic's review into reviews of persons
 * and moves its cursor, or ends it when there are no more. */
MUST_USE bool review_spread(struct db *db, const struct review *review, size_t people,
                            struct error *err);

/* review_advance keeps how far it is; review_end takes it away. */
MUST_USE bool review_advance(struct db *db, const struct review *review, int64_t cursor,
                             struct error *err);
MUST_USE bool review_end(struct db *db, const struct review *review, struct error *err);

#endif
