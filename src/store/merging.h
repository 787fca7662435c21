/*
 * Making one person of two, when somebody turns out to be known twice.
 */
#ifndef POSTROOM_STORE_MERGING_H
#define POSTROOM_STORE_MERGING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

struct db;

/* What goes over. */
struct merging {
    int64_t addresses;
    int64_t watches; /* but for topics the other watches too, whose watch stays */
    int64_t lists;   /* memberships, likewise */
    int64_t grants;
    int64_t notices; /* what waits */
};

/* merging_foresee counts what merging_of_people would move. */
MUST_USE bool merging_foresee(struct db *db, int64_t from, int64_t into,
                              struct merging *ret_merging, struct error *err);

/* merging_of_people moves all that is known of `from` to `into`: addresses, watches, memberships,
 * grants, what waits, what was heard, the record of mails. What either was told of a thread counts
 * as told. Mail to `from` that has not ended is cancelled and told anew; refused while one is being
 * sent or in doubt. `from` stays as an inactive row that leads to `into` by its key and number. */
MUST_USE bool merging_of_people(struct db *db, int64_t from, int64_t into, int64_t now_ms,
                                struct error *err);

#endif
