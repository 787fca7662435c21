/*
 * Reading beside the ledger: worker threads, each with a read-only connection of its own.
 */
#ifndef POSTROOM_STORE_READER_H
#define POSTROOM_STORE_READER_H

#include <stddef.h>

#include "base/compiler.h"
#include "base/error.h"
#include "io/worker.h"

struct loop;

/* reader_pool_new starts `threads` workers whose state (work->run's second argument) is a
 * struct db * for reading `path` (kept by pointer). It opens with the first statement: a store that
 * cannot be opened is that statement's failure. */
MUST_USE struct worker_pool *reader_pool_new(struct loop *loop, const char *path, size_t threads);

#endif
