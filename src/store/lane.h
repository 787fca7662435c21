/*
 * Lanes: one row per stream and recipient domain that says how much waits there and how far it
 * has been taken up. Claims and restarts read lanes, never the whole queue.
 */
#ifndef POSTROOM_STORE_LANE_H
#define POSTROOM_STORE_LANE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/delivery.h"

struct db;

/* next_due of a lane without retry rows, and the due time of what nobody will try. */
#define LANE_NEVER INT64_C(4611686018427387904) /* 2^62 */

/* lane_enter counts one more waiting delivery, making the lane when it is new; lane_leave one
 * less. */
MUST_USE bool lane_enter(struct db *db, enum stream_id stream, struct span domain,
                         struct error *err);
MUST_USE bool lane_leave(struct db *db, enum stream_id stream, struct span domain,
                         struct error *err);

/* lane_tell wakes the dispatcher for a lane that got something to do: what was made, released or
 * made due by hand. The news is "lane", its key as lane_key_read reads it. */
void lane_tell(struct db *db, enum stream_id stream, struct span domain);
MUST_USE bool lane_key_read(struct span key, enum stream_id *ret_stream, struct span *ret_domain);

/* lane_retry_put adds a delivery to those tried again at `due_at`; lane_retry_drop takes it out. */
MUST_USE bool lane_retry_put(struct db *db, enum stream_id stream, struct span domain,
                             int64_t due_at, int64_t delivery, struct error *err);
MUST_USE bool lane_retry_drop(struct db *db, enum stream_id stream, struct span domain,
                              int64_t due_at, int64_t delivery, struct error *err);

#endif
