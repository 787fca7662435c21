/*
 * Foreign descriptors under uv_poll.
 */
#include "io/watcher.h"

#include <assert.h>

#include "base/alloc.h"
#include "io/loop_internal.h"

struct watcher {
    uv_poll_t poll;
    struct loop *loop;
    int wanted;
    void (*ready)(void *owner, int what);
    void *owner;
};

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct watcher *w = handle->data;
    struct loop *loop = w->loop;
    int what = ((events & UV_READABLE) != 0 ? WATCH_READ : 0) |
               ((events & UV_WRITABLE) != 0 ? WATCH_WRITE : 0);

    w->ready(w->owner, status < 0 ? w->wanted : what);
    loop_settle(loop);
}

struct watcher *watcher_new(struct loop *loop, int fd, int wanted,
                            void (*ready)(void *owner, int what), void *owner)
{
    struct watcher *w = NEW(struct watcher);
    int events = ((wanted & WATCH_READ) != 0 ? UV_READABLE : 0) |
                 ((wanted & WATCH_WRITE) != 0 ? UV_WRITABLE : 0);
    int result = uv_poll_init(&loop->uv, &w->poll, fd);

    assert(result == 0);
    w->poll.data = w;
    w->loop = loop;
    w->wanted = wanted;
    w->ready = ready;
    w->owner = owner;
    result = uv_poll_start(&w->poll, events, on_poll);
    assert(result == 0);
    (void)result;
    return w;
}

static void on_closed(uv_handle_t *handle)
{
    alloc_free(handle->data);
}

void watcher_free(struct watcher *w)
{
    if (w != NULL)
        uv_close((uv_handle_t *)&w->poll, on_closed);
}
