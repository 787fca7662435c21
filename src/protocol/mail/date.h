/*
 * Dates of header fields (RFC 5322 section 3.3): "Tue, 24 Nov 2026 18:00:00 +0100".
 */
#ifndef POSTROOM_PROTOCOL_MAIL_DATE_H
#define POSTROOM_PROTOCOL_MAIL_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

/* date_put appends the moment as a clock shows it that is `offset_minutes` ahead of UTC. Moments
 * before 1970 or after 9999 are moved to there, offsets beyond a day to none. */
void date_put(struct buf *to, int64_t utc_ms, int offset_minutes);

/* date_is_valid tells whether a field's value reads as a date with a year of four digits and a
 * zone; comments may follow. */
MUST_USE bool date_is_valid(struct span value);

#endif
