/*
 * Workers that read the store. A connection opens with its thread's first question, so that a
 * store that cannot be opened is that question's failure and not the pool's.
 */
#include "store/reader.h"

#include <stdint.h>

#include "store/db.h"
#include "store/db_internal.h"

static void *open_reader(void *path)
{
    return db_reader_new(path);
}

static void close_reader(void *db)
{
    db_close(db);
}

struct worker_pool *reader_pool_new(struct loop *loop, const char *path, size_t threads)
{
    const struct worker_options options = { .name = "reader",
                                            .threads = threads,
                                            .state_new = open_reader,
                                            .state_free = close_reader,
                                            .owner = (void *)(uintptr_t)path,
                                            .loop = loop };

    return worker_pool_new(&options);
}
