/*
 * The real loop: libuv's, with one uv_timer that stands for all timers and a list of calls to
 * make between events. It does not know streams or mailboxes; they sit on `uv` themselves and
 * end each of their callbacks with loop_settle.
 */
#include "io/loop.h"

#include <assert.h>
#include <signal.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "io/loop_internal.h"

/* libuv fails here for want of memory or descriptors alone: nothing a caller could do. */
static void must(int result)
{
    assert(result == 0);
    (void)result;
}

static void on_stop(uv_async_t *handle)
{
    uv_stop(handle->loop);
}

/* A peer that is gone is told by EPIPE; OpenSSL writes with write(2), which has no MSG_NOSIGNAL. */
static void ignore_sigpipe(void)
{
    struct sigaction old;
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    if (sigaction(SIGPIPE, NULL, &old) == 0 && old.sa_handler == SIG_DFL)
        (void)sigaction(SIGPIPE, &ignore, NULL);
}

struct loop *loop_new(const char *name)
{
    struct loop *loop = NEW(struct loop);

    ignore_sigpipe();
    loop->name = name;
    loop->armed_for = INT64_MAX;
    heap_init(&loop->timers);
    must(uv_loop_init(&loop->uv));
    must(uv_async_init(&loop->uv, &loop->stop, on_stop));
    must(uv_timer_init(&loop->uv, &loop->later));
    must(uv_idle_init(&loop->uv, &loop->soon));
    loop->later.data = loop;
    loop->soon.data = loop;
    return loop;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    loop_settle(loop);
    uv_close((uv_handle_t *)&loop->stop, NULL);
    uv_close((uv_handle_t *)&loop->later, NULL);
    uv_close((uv_handle_t *)&loop->soon, NULL);
    must(uv_run(&loop->uv, UV_RUN_DEFAULT)); /* the close callbacks of all that was closed */
    must(uv_loop_close(&loop->uv));
    heap_fini(&loop->timers);
    alloc_free(loop->deferred);
    alloc_free(loop);
}

void loop_run(struct loop *loop)
{
    loop_settle(loop);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
}

static void *run_in_thread(void *argument)
{
    struct loop *loop = argument;
    char name[16] = ""; /* the kernel's limit */

    memcpy(name, loop->name, strnlen(loop->name, sizeof(name) - 1));
    (void)pthread_setname_np(pthread_self(), name);
    loop_run(loop);
    return NULL;
}

/* Signals are for the thread that started the program. */
void loop_start(struct loop *loop)
{
    sigset_t all;
    sigset_t old;

    (void)sigfillset(&all);
    must(pthread_sigmask(SIG_SETMASK, &all, &old));
    must(pthread_create(&loop->thread, NULL, run_in_thread, loop));
    must(pthread_sigmask(SIG_SETMASK, &old, NULL));
}

void loop_join(struct loop *loop)
{
    must(pthread_join(loop->thread, NULL));
}

void loop_stop(struct loop *loop)
{
    must(uv_async_send(&loop->stop));
}

int64_t loop_now_ms(const struct loop *loop)
{
    (void)loop;
    return clock_utc_ms();
}

int64_t loop_monotonic_ms(const struct loop *loop)
{
    (void)loop;
    return clock_monotonic_us() / 1000;
}

void loop_defer(struct loop *loop, void (*run)(void *owner), void *owner)
{
    if (loop->deferred_count == loop->deferred_room) {
        loop->deferred_room = loop->deferred_room > 0 ? loop->deferred_room * 2 : 16;
        loop->deferred = alloc_grow(loop->deferred, loop->deferred_room * sizeof(struct deferred));
    }
    loop->deferred[loop->deferred_count++] = (struct deferred){ run, owner };
}

void loop_settle(struct loop *loop)
{
    for (size_t i = 0; i < loop->deferred_count; i++) {
        struct deferred call = loop->deferred[i]; /* the array may move in the call */

        call.run(call.owner);
    }
    loop->deferred_count = 0;
}

struct heap *loop_timers(struct loop *loop)
{
    return &loop->timers;
}

/* No timer of libuv's may be due: it would start over in the same round and starve the sockets. */
static void fire_timers(struct loop *loop)
{
    loop->armed_for = INT64_MIN; /* what is started meanwhile is looked at once, below */
    timers_fire_due(loop);
    loop->armed_for = INT64_MAX;
    loop_timers_changed(loop);
}

static void on_later(uv_timer_t *handle)
{
    fire_timers(handle->data);
}

static void on_soon(uv_idle_t *handle)
{
    (void)uv_idle_stop(handle);
    fire_timers(handle->data);
}

/* A timer that moved to later leaves `later` as it is: waking once for nothing is cheaper than
 * setting it anew at each of the many timeouts that are renewed before they come. */
void loop_timers_changed(struct loop *loop)
{
    struct heap_node *first = heap_first(&loop->timers);
    int64_t wait;

    if (first == NULL || first->key >= loop->armed_for)
        return;
    loop->armed_for = first->key;
    wait = first->key - loop_monotonic_ms(loop);
    if (wait > 0)
        must(uv_timer_start(&loop->later, on_later, (uint64_t)wait, 0));
    else
        must(uv_idle_start(&loop->soon, on_soon));
}
