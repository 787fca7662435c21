/*
 * Digests that are due become deliveries. Nothing was pushed to their watchers: each person's row
 * says from where on they are to be told, and composing asks the law of each event. A digest tells
 * of what happened until its hour, so that all who are due then share one range.
 */
#ifndef POSTROOM_SERVICES_FANOUT_DIGEST_RUN_H
#define POSTROOM_SERVICES_FANOUT_DIGEST_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "services/fanout/promotion.h"

struct db;
struct digest_run;

/* digest_run_new makes what is kept between steps, the ends of ranges; nothing of it
 * matters after a crash. digest_run_free ends it (NULL is allowed). */
MUST_USE struct digest_run *digest_run_new(void);
void digest_run_free(struct digest_run *run);

/* digest_run_step looks after the digests due, at most terms->notices of them; gives how many it
 * found. */
MUST_USE bool digest_run_step(struct digest_run *run, struct db *db,
                              const struct promotion_terms *terms, size_t *ret_count,
                              struct error *err);

#endif
