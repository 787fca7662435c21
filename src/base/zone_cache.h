/*
 * The time zones a worker has used lately.
 */
#ifndef POSTROOM_BASE_ZONE_CACHE_H
#define POSTROOM_BASE_ZONE_CACHE_H

#include "base/compiler.h"
#include "base/span.h"
#include "base/zone.h"

struct zone_cache;

/* zone_cache_new makes an empty one, zone_cache_free ends it (NULL is allowed). */
MUST_USE struct zone_cache *zone_cache_new(void);
void zone_cache_free(struct zone_cache *cache);

/* zone_cache_find gives the zone of a name, borrowed until the next call; NULL, which is UTC, for
 * an empty or unknown one. */
MUST_USE const struct zone *zone_cache_find(struct zone_cache *cache, struct span name);

#endif
