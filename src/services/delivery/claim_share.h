/*
 * How many mails each site may have in memory, so that no slow one leaves the others without: an
 * equal share, of which the unused part is nobody's. Domains whose site is not known yet have one
 * share together.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_CLAIM_SHARE_H
#define POSTROOM_SERVICES_DELIVERY_CLAIM_SHARE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/list.h"
#include "domain/delivery.h"

struct lane_queue;

struct claim_share {
    size_t n; /* claims taken up, and room for those that are being read */
    size_t parked_n;
    size_t let_go_n;                         /* lanes that were parked and have their turn now */
    struct list parked[STREAM_MAILOUTS + 1]; /* lanes that wait for room, by want_link */
};

/* claim_share_init makes an empty one. */
void claim_share_init(struct claim_share *share);

/* claim_share_room gives how many mails a lane may take up now; 0: it has to wait. */
MUST_USE size_t claim_share_room(const struct lane_queue *lane);

/* claim_share_is_over is true when the lane's site has more in memory than its share. */
MUST_USE bool claim_share_is_over(const struct lane_queue *lane);

/* claim_share_park lets a lane wait for room; it comes back to the engine's `wanting`. */
void claim_share_park(struct lane_queue *lane);

/* claim_share_take keeps room for a lane that is read now: the end of its turn. claim_share_pass
 * lets another have it. */
void claim_share_take(struct lane_queue *lane, size_t room);
void claim_share_pass(struct lane_queue *lane);

/* claim_share_add and claim_share_drop count claims of a lane, or room for them. */
void claim_share_add(struct lane_queue *lane, size_t n);
void claim_share_drop(struct lane_queue *lane, size_t n);

/* claim_share_leave takes a lane and what it has out of its share, before it gets another site or
 * none; claim_share_join puts it in. */
void claim_share_leave(struct lane_queue *lane);
void claim_share_join(struct lane_queue *lane);

#endif
