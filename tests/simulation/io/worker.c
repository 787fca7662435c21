/*
 * Simulated workers: each "thread" takes a piece of work, and a seeded while later it is done.
 */
#include "io/worker.h"

#include <assert.h>

#include "base/alloc.h"
#include "io/mailbox.h"
#include "tests/simulation/world_internal.h"

enum { WORK_LEAST_US = 50, WORK_MOST_US = 2000 };

struct worker {
    struct worker_pool *pool;
    void *state;
    struct work *work;
    struct occurrence done;
};

struct worker_pool {
    struct mortal mortal;
    struct worker_options options;
    struct list queue;
    struct worker *workers;
};

static void begin_work(struct worker *worker)
{
    struct list *first = list_first(&worker->pool->queue);

    if (first == NULL)
        return;
    list_remove(first);
    worker->work = CONTAINER_OF(first, struct work, link);
    occurrence_plan(&worker->done,
                    WORK_LEAST_US + (int64_t)random_below(&world()->random, WORK_MOST_US));
}

static void finish_work(void *owner)
{
    struct worker *worker = owner;
    struct work *work = worker->work;

    worker->work = NULL;
    work->run(work, worker->state);
    mailbox_post(work->answers, &work->link);
    begin_work(worker);
}

/* The kernel closes what files a dead thread held. */
static void pool_die(struct mortal *mortal, enum sim_death death)
{
    struct worker_pool *pool = CONTAINER_OF(mortal, struct worker_pool, mortal);

    (void)death;
    for (size_t i = 0; i < pool->options.threads; i++) {
        struct worker *worker = &pool->workers[i];

        occurrence_cancel(&worker->done);
        if (pool->options.state_free != NULL)
            pool->options.state_free(worker->state);
    }
}

struct worker_pool *worker_pool_new(const struct worker_options *options)
{
    struct worker_pool *pool = NEW(struct worker_pool);

    assert(options->threads >= 1);
    mortal_init(&pool->mortal, options->loop, pool_die);
    pool->options = *options;
    list_init(&pool->queue);
    pool->workers = alloc_array(options->threads, sizeof(struct worker));
    for (size_t i = 0; i < options->threads; i++) {
        struct worker *worker = &pool->workers[i];

        worker->pool = pool;
        worker->state = options->state_new != NULL ? options->state_new(options->owner) : NULL;
        occurrence_init(&worker->done, "work", NULL, finish_work, worker);
    }
    return pool;
}

void worker_submit(struct worker_pool *pool, struct work *work)
{
    list_append(&pool->queue, &work->link);
    for (size_t i = 0; i < pool->options.threads; i++)
        if (pool->workers[i].work == NULL) {
            begin_work(&pool->workers[i]);
            return;
        }
}

/* The real one joins its threads here: all queued work is done now. */
void worker_pool_free(struct worker_pool *pool)
{
    if (pool == NULL)
        return;
    for (size_t i = 0; i < pool->options.threads; i++) {
        struct worker *worker = &pool->workers[i];

        while (worker->work != NULL) {
            occurrence_cancel(&worker->done);
            finish_work(worker);
        }
        if (pool->options.state_free != NULL)
            pool->options.state_free(worker->state);
    }
    mortal_end(&pool->mortal);
    alloc_free(pool->workers);
    alloc_free(pool);
}
