/*
 * The connection opens with a thread's first letter, and again after it could not be opened: a
 * store that cannot be read is that letter's failure.
 */
#include "services/delivery/composing.h"

#include "base/alloc.h"
#include "io/worker.h"
#include "store/db.h"

struct composing {
    const struct delivery_engine_options *options;
    struct db *db;
    void *worker;
};

static void *composing_new(void *owner)
{
    struct composing *c = NEW(struct composing);

    c->options = owner;
    c->worker = c->options->letters.worker_new(c->options->letters.context);
    return c;
}

static void composing_free(void *state)
{
    struct composing *c = state;

    c->options->letters.worker_free(c->worker);
    db_close(c->db);
    alloc_free(c);
}

struct worker_pool *composing_pool_new(struct loop *loop,
                                       const struct delivery_engine_options *options)
{
    const struct worker_options pool = { .name = "composer",
                                         .threads = options->composers,
                                         .state_new = composing_new,
                                         .state_free = composing_free,
                                         .owner = (void *)(uintptr_t)options,
                                         .loop = loop };

    return worker_pool_new(&pool);
}

bool composing_letter(struct composing *c, int64_t delivery, int64_t now_ms,
                      struct letter *ret_letter, struct error *err)
{
    const struct delivery_engine_options *options = c->options;

    if (c->db == NULL && !db_open(options->settings->database, DB_READ, &c->db, err))
        return false;
    return options->letters.make(c->worker, c->db, delivery, now_ms, ret_letter, err);
}
