/*
 * A pool of threads around one queue.
 */
#include "io/worker.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/alloc.h"
#include "io/mailbox.h"

struct worker_pool {
    struct worker_options options;
    pthread_t *threads;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    struct list queue;
    bool ending;
};

/* Waits for the next piece of work; NULL at the end, when all is done. */
static struct work *take_work(struct worker_pool *pool)
{
    struct list *first;

    (void)pthread_mutex_lock(&pool->lock);
    while (list_empty(&pool->queue) && !pool->ending)
        (void)pthread_cond_wait(&pool->changed, &pool->lock);
    first = list_first(&pool->queue);
    if (first != NULL)
        list_remove(first);
    (void)pthread_mutex_unlock(&pool->lock);
    return first != NULL ? CONTAINER_OF(first, struct work, link) : NULL;
}

static void *serve(void *argument)
{
    struct worker_pool *pool = argument;
    const struct worker_options *options = &pool->options;
    void *state = options->state_new != NULL ? options->state_new(options->owner) : NULL;
    char name[16] = ""; /* the kernel's limit */
    struct work *work;

    memcpy(name, options->name, strnlen(options->name, sizeof(name) - 1));
    (void)pthread_setname_np(pthread_self(), name);
    while ((work = take_work(pool)) != NULL) {
        work->run(work, state);
        mailbox_post(work->answers, &work->link);
    }
    if (options->state_free != NULL)
        options->state_free(state);
    return NULL;
}

struct worker_pool *worker_pool_new(const struct worker_options *options)
{
    struct worker_pool *pool = NEW(struct worker_pool);
    sigset_t all;
    sigset_t old;

    assert(options->threads >= 1);
    pool->options = *options;
    pool->threads = alloc_array(options->threads, sizeof(pthread_t));
    list_init(&pool->queue);
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->changed, NULL);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    for (size_t i = 0; i < options->threads; i++) {
        int result = pthread_create(&pool->threads[i], NULL, serve, pool);

        assert(result == 0);
        (void)result;
    }
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    return pool;
}

void worker_submit(struct worker_pool *pool, struct work *work)
{
    (void)pthread_mutex_lock(&pool->lock);
    list_append(&pool->queue, &work->link);
    (void)pthread_cond_signal(&pool->changed);
    (void)pthread_mutex_unlock(&pool->lock);
}

void worker_pool_free(struct worker_pool *pool)
{
    if (pool == NULL)
        return;
    (void)pthread_mutex_lock(&pool->lock);
    pool->ending = true;
    (void)pthread_cond_broadcast(&pool->changed);
    (void)pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->options.threads; i++)
        (void)pthread_join(pool->threads[i], NULL);
    (void)pthread_cond_destroy(&pool->changed);
    (void)pthread_mutex_destroy(&pool->lock);
    alloc_free(pool->threads);
    alloc_free(pool);
}
