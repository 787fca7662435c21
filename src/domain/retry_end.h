/*
 * When a delivery is given up.
 */
#ifndef POSTROOM_DOMAIN_RETRY_END_H
#define POSTROOM_DOMAIN_RETRY_END_H

#include <stdint.h>

#include "base/compiler.h"
#include "domain/delivery.h"
#include "domain/settings.h"

/* retry_end gives the moment after which no attempt starts: so long after the first due time as
 * the stream says, or the delivery's own deadline (0: none) when that is earlier. */
MUST_USE int64_t retry_end(const struct settings *settings, enum stream_id stream,
                           int64_t first_due, int64_t deadline);

#endif
