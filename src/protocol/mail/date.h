/*
 * Dates of header fields (RFC 5322 section 3.3): "Tue, 24 Nov 2026 18:00:00 +0100".
 */
#ifndef POSTROOM_PROTOCOL_MAIL_DATE_H
#define POSTROOM_PROTOCOL_MAIL_DATE_H

#include <stdint.h>

#include "base/buf.h"

/* date_put appends the moment as a clock shows it that is `offset_minutes` ahead of UTC. Moments
 * before 1970 or after 9999 are moved to there, offsets beyond a day to none. */
void date_put(struct buf *to, int64_t utc_ms, int offset_minutes);

#endif
