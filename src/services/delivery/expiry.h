/*
 * Deadlines (law 6): what is past its time ends, in whatever state it waits. Runs on the ledger.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_EXPIRY_H
#define POSTROOM_SERVICES_DELIVERY_EXPIRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/settings.h"
#include "store/delivery.h"

struct db;

/* expiry_is_due is true when no attempt of the delivery may start any more. */
MUST_USE bool expiry_is_due(const struct settings *settings, const struct delivery_row *row,
                            int64_t now_ms);

/* expiry_end ends it as expired, with the words of the last try as its text. */
MUST_USE bool expiry_end(struct db *db, struct delivery_row *row, int64_t now_ms,
                         struct error *err);

/* expiry_end_due ends the delivery if it waits (or is held) and is due; one that is being sent is
 * seen to when its outcome is known. *ret_waits is true when it still waits, not being due. */
MUST_USE bool expiry_end_due(struct db *db, const struct settings *settings, int64_t delivery,
                             int64_t now_ms, bool *ret_waits, struct error *err);

/* expiry_sweep does so for some of those whose deadline is over, and marks how far it came;
 * *ret_more is true when there are more. */
MUST_USE bool expiry_sweep(struct db *db, const struct settings *settings, int64_t now_ms,
                           bool *ret_more, struct error *err);

#endif
