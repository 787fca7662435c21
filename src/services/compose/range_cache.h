/*
 * The ranges of digests a worker is at: what happened, read once for all who are told of it, and
 * the views of it. People who watch the same in the same mode, may see the same and have no part
 * in it themselves have one view: what the law says to one of them it says to all.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_RANGE_CACHE_H
#define POSTROOM_SERVICES_COMPOSE_RANGE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "crypto/digest.h"
#include "store/content.h"
#include "store/content_person.h"

struct gathered;
struct range_cache;
struct range;

/* range_cache_new makes an empty one, range_cache_free ends it (NULL is allowed). */
MUST_USE struct range_cache *range_cache_new(void);
void range_cache_free(struct range_cache *cache);

/* range_cache_find gives the delivery's range, read or remembered, borrowed until the next call. */
MUST_USE bool range_cache_find(struct range_cache *cache, struct db *db,
                               const struct content_delivery *delivery, int64_t now_ms,
                               struct range **ret_range, struct error *err);

/* range_generation is another number whenever the range was read anew. */
MUST_USE uint64_t range_generation(const struct range *range);

/* range_thread gives the part of a thread that lies in the range. */
MUST_USE bool range_thread(struct range *range, struct db *db,
                           const struct content_delivery *delivery, int64_t thread,
                           const struct notice_thread **ret_thread, struct error *err);

/* range_view sums up the view of the delivery's person; false when they have one of their own. */
MUST_USE bool range_view(const struct range *range, const struct content_delivery *delivery,
                         enum watch_mode mode, const struct content_person *person,
                         unsigned char ret_view[DIGEST_SIZE]);

/* range_recall fills in the threads of a view as they were judged for somebody before; false when
 * nobody was. range_remember keeps them: they and what they point to live in range_arena. */
MUST_USE struct arena *range_arena(struct range *range);
MUST_USE bool range_recall(const struct range *range, const unsigned char view[DIGEST_SIZE],
                           struct gathered *gathered);
void range_remember(struct range *range, const unsigned char view[DIGEST_SIZE],
                    const struct gathered *gathered);

#endif
