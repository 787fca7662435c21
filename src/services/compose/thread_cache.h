/*
 * The ranges of threads a worker has read lately: a hundred thousand mails about one event read it
 * once. What a mail may say (texts, redactions, labels) is never older than the store's content
 * epoch says; names and titles may be up to a minute old.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_THREAD_CACHE_H
#define POSTROOM_SERVICES_COMPOSE_THREAD_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/notice_content.h"
#include "store/content.h"

struct thread_cache;

/* thread_cache_new makes an empty one, thread_cache_free ends it (NULL is allowed). */
MUST_USE struct thread_cache *thread_cache_new(void);
void thread_cache_free(struct thread_cache *cache);

/* thread_cache_read gives the range of the delivery's thread, read or remembered, borrowed until
 * the next call; *ret_generation is another number whenever it was read anew. */
MUST_USE bool thread_cache_read(struct thread_cache *cache, struct db *db,
                                const struct content_delivery *delivery, int64_t now_ms,
                                const struct notice_thread **ret_thread, uint64_t *ret_generation,
                                struct error *err);

#endif
