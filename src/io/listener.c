/*
 * Listening sockets on the real loop.
 */
#include "io/listener.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "io/loop_internal.h"
#include "io/socket_internal.h"
#include "io/stream_internal.h"
#include "io/timer.h"

enum {
    ACCEPTS_A_TURN = 64,
    REST_MS = 100 /* without descriptors, the kernel's queue holds who comes meanwhile */
};

struct listener {
    struct loop *loop;
    const struct listener_events *events;
    void *owner;
    struct endpoint at;
    struct stat file; /* of a Unix socket */
    int fd;
    bool closed;
    uv_poll_t poll;
    struct timer rest;
};

static void on_ready(uv_poll_t *handle, int status, int events);

static void resume(void *owner)
{
    struct listener *l = owner;

    (void)uv_poll_start(&l->poll, UV_READABLE, on_ready);
}

static void rest(struct listener *l, int reason)
{
    CLEANUP(buf_fini) struct buf name;

    buf_init(&name, 256);
    endpoint_put(&name, &l->at);
    log_warning("accept-failed", log_text("listener", buf_text(&name)),
                log_text("error", strerrordesc_np(reason)));
    (void)uv_poll_stop(&l->poll);
    timer_start(&l->rest, REST_MS);
}

static void on_ready(uv_poll_t *handle, int status, int events)
{
    struct listener *l = handle->data;
    struct loop *loop = l->loop;

    (void)status;
    (void)events;
    for (int i = 0; i < ACCEPTS_A_TURN && !l->closed; i++) {
        struct endpoint peer;
        int fd = socket_accept(l->fd, &peer);

        if (fd >= 0) {
            l->events->accepted(l->owner, stream_accepted(loop, fd, &peer));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            break;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            rest(l, errno);
            break;
        }
    }
    loop_settle(loop);
}

struct listener *listener_open(struct loop *loop, const struct endpoint *at, unsigned unix_mode,
                               const struct listener_events *events, void *owner, struct error *err)
{
    struct listener *l;
    int fd;

    if (!socket_listen(at, unix_mode, &fd, err))
        return NULL;
    l = NEW(struct listener);
    l->loop = loop;
    l->events = events;
    l->owner = owner;
    l->fd = fd;
    l->at = socket_local(fd);
    if (at->ip.version == 0)
        (void)lstat(at->path, &l->file);
    timer_init(&l->rest, loop, resume, l);
    (void)uv_poll_init(&loop->uv, &l->poll, fd);
    l->poll.data = l;
    resume(l);
    return l;
}

bool listener_socket(const struct endpoint *at, int *ret_fd, struct error *err)
{
    return socket_listen(at, 0, ret_fd, err);
}

struct endpoint listener_endpoint(const struct listener *l)
{
    return l->at;
}

static void on_handle_closed(uv_handle_t *handle)
{
    alloc_free(handle->data);
}

/* A file that somebody put in the place of ours stays. */
static void remove_file(const struct listener *l)
{
    struct stat file;

    if (l->at.ip.version == 0 && lstat(l->at.path, &file) == 0 && file.st_dev == l->file.st_dev &&
        file.st_ino == l->file.st_ino)
        (void)unlink(l->at.path);
}

void listener_close(struct listener *l)
{
    if (l == NULL)
        return;
    l->closed = true;
    timer_stop(&l->rest);
    remove_file(l);
    uv_close((uv_handle_t *)&l->poll, on_handle_closed);
    (void)close(l->fd);
}
