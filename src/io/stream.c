/*
 * Streams on the real loop: a non-blocking socket of ours under uv_poll. Reading goes into the
 * loop's one buffer, writing to the kernel at once; only what it does not take is kept here. So a
 * command and its reply cost one epoll_wait, one recv and one send, and no allocation.
 *
 * Events are told only from the loop, never from inside a call of the owner's: what a call finds
 * out is noted and told by the timer `report` in the next turn.
 */
#include "io/stream.h"

#include <assert.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "io/listener.h"
#include "io/loop_internal.h"
#include "io/stream_internal.h"
#include "io/timer.h"
#include "io/tls_session_internal.h"

enum {
    READ_ROUNDS = 8,            /* reads of one stream in a turn, before others have theirs */
    KEPT_ROOM = 16 * 1024,      /* memory an idle stream keeps for writing */
    COMPACT_ABOVE = 256 * 1024, /* sent bytes are not moved over before there are so many */
};

enum stream_phase {
    STREAM_CONNECTING,
    STREAM_ACCEPTED, /* has no owner yet */
    STREAM_OPEN,     /* bytes go both ways, in the clear or under TLS */
    STREAM_HANDSHAKE,
    STREAM_OVER,  /* `closed` was told */
    STREAM_CLOSED /* stream_close was called; the memory goes soon */
};

struct stream {
    struct loop *loop;
    const struct stream_events *events;
    void *owner;
    struct endpoint peer;
    enum stream_phase phase;
    int fd;
    bool polled; /* `poll` is initialised */
    int watched; /* what `poll` waits for */
    uv_poll_t poll;
    struct timer report;
    bool paused;
    bool ending; /* stream_end was called */
    struct buf unsent;
    size_t sent;           /* how many bytes at the front of `unsent` are gone already */
    struct error *failure; /* found in a call of the owner's, to be told */
    struct tls_session *tls;
    bool secure;           /* `tls` is established */
    int handshake_waits;   /* UV_READABLE or UV_WRITABLE */
    bool read_waits_write; /* TLS must write before it can read on, */
    bool write_waits_read; /* and the other way round */
};

static void on_poll(uv_poll_t *handle, int status, int events);

static bool is_over(const struct stream *s)
{
    return s->phase == STREAM_OVER || s->phase == STREAM_CLOSED;
}

static bool may_read(const struct stream *s)
{
    return s->phase == STREAM_OPEN && !s->paused;
}

size_t stream_unsent(const struct stream *s)
{
    return s->unsent.n - s->sent;
}

static int wanted_events(const struct stream *s)
{
    bool can_write = stream_unsent(s) > 0 && !s->write_waits_read && s->failure == NULL;

    switch (s->phase) {
    case STREAM_CONNECTING:
        return s->failure == NULL ? UV_WRITABLE : 0;
    case STREAM_HANDSHAKE:
        return can_write ? UV_WRITABLE : s->handshake_waits;
    case STREAM_OPEN:
        return (may_read(s) || s->write_waits_read ? UV_READABLE : 0) |
               (can_write || (may_read(s) && s->read_waits_write) ? UV_WRITABLE : 0);
    case STREAM_ACCEPTED:
    case STREAM_OVER:
    case STREAM_CLOSED:
        break;
    }
    return 0;
}

/* Lets the poll wait for what the stream's state wants. */
static void watch(struct stream *s)
{
    int wanted = wanted_events(s);

    if (s->phase == STREAM_CLOSED || !s->polled || wanted == s->watched)
        return;
    s->watched = wanted;
    if (wanted == 0)
        (void)uv_poll_stop(&s->poll);
    else
        (void)uv_poll_start(&s->poll, wanted, on_poll);
}

/* Notes a failure found inside a call of the owner's. What is unsent stays so: nobody shall take it
 * for gone to the peer. */
static void fail(struct stream *s, const struct error *err)
{
    if (s->failure != NULL)
        return;
    s->failure = NEW(struct error);
    *s->failure = *err;
    timer_start(&s->report, 0);
}

/* Tells the last event. */
static void finish(struct stream *s, const struct error *why)
{
    timer_stop(&s->report);
    s->phase = STREAM_OVER;
    watch(s);
    s->events->closed(s->owner, why);
}

static enum transfer transfer_out(struct stream *s, struct span bytes, size_t *ret_n,
                                  struct error *err)
{
    enum transfer result = s->secure ? tls_session_write(s->tls, bytes, ret_n, err)
                                     : socket_write(s->fd, bytes, ret_n, err);

    s->write_waits_read = result == TRANSFER_WAIT_READ;
    return result;
}

static enum transfer transfer_in(struct stream *s, size_t *ret_n, struct error *err)
{
    char *to = s->loop->buffer;
    enum transfer result = s->secure ? tls_session_read(s->tls, to, LOOP_BUFFER_SIZE, ret_n, err)
                                     : socket_read(s->fd, to, LOOP_BUFFER_SIZE, ret_n, err);

    s->read_waits_write = result == TRANSFER_WAIT_WRITE;
    return result;
}

/* Writes what the kernel takes and returns the rest. */
static struct span write_out(struct stream *s, struct span bytes)
{
    while (bytes.n > 0) {
        struct error err;
        size_t n = 0;
        enum transfer result = transfer_out(s, bytes, &n, &err);

        if (result == TRANSFER_FAILED)
            fail(s, &err);
        if (result != TRANSFER_DONE)
            break;
        bytes = span_rest(bytes, n);
    }
    return bytes;
}

/* Forgets what is sent, without moving the rest at each turn. */
static void compact(struct stream *s)
{
    if (stream_unsent(s) == 0) {
        if (s->unsent.room > KEPT_ROOM)
            buf_fini(&s->unsent);
        buf_clear(&s->unsent);
        s->sent = 0;
    } else if (s->sent > COMPACT_ABOVE && s->sent > s->unsent.n / 2) {
        buf_drop(&s->unsent, s->sent);
        s->sent = 0;
    }
}

static void flush(struct stream *s)
{
    struct span rest = write_out(s, span_rest(buf_view(&s->unsent), s->sent));

    s->sent = s->unsent.n - rest.n;
    compact(s);
}

/* Closes the sending side once nothing is left to send. */
static void end_if_due(struct stream *s)
{
    if (!s->ending || s->failure != NULL || stream_unsent(s) > 0)
        return;
    if (s->secure)
        tls_session_end(s->tls);
    socket_end(s->fd);
}

static void flush_and_tell(struct stream *s)
{
    if (stream_unsent(s) == 0 || s->failure != NULL)
        return;
    flush(s);
    if (stream_unsent(s) > 0)
        return;
    end_if_due(s);
    if (s->events->drained != NULL)
        s->events->drained(s->owner);
}

/* Reads once; true when there may be more that polling would not tell of. */
static bool take_in_once(struct stream *s)
{
    struct error err;
    size_t n = 0;

    switch (transfer_in(s, &n, &err)) {
    case TRANSFER_DONE:
        s->events->received(s->owner, (struct span){ s->loop->buffer, n });
        return may_read(s) &&
               (s->failure != NULL || (s->secure && tls_session_has_pending(s->tls)));
    case TRANSFER_END:
        finish(s, s->failure);
        return false;
    case TRANSFER_FAILED:
        finish(s, s->failure != NULL ? s->failure : &err);
        return false;
    case TRANSFER_WAIT_READ:
    case TRANSFER_WAIT_WRITE:
        break;
    }
    return false;
}

/* True when all that can be read now has been. */
static bool take_in(struct stream *s)
{
    for (int round = 0; round < READ_ROUNDS; round++)
        if (!take_in_once(s))
            return true;
    timer_start(&s->report, 0);
    return false;
}

/* The connection stands: what was written before goes out. */
static void open_up(struct stream *s)
{
    s->phase = STREAM_OPEN;
    flush(s);
    end_if_due(s);
}

static void finish_connecting(struct stream *s)
{
    struct error err;

    if (s->failure != NULL || !socket_connect_result(s->fd, &s->peer, &err)) {
        finish(s, s->failure != NULL ? s->failure : &err);
        return;
    }
    open_up(s);
    s->events->connected(s->owner);
}

static void tell_secured(struct stream *s)
{
    struct tls_facts facts;

    s->secure = true;
    s->phase = STREAM_OPEN;
    end_if_due(s);
    tls_session_facts(s->tls, &facts);
    s->events->secured(s->owner, &facts);
    if (may_read(s) && tls_session_has_pending(s->tls))
        (void)take_in(s);
}

/* What was written in the clear goes out before the handshake begins. */
static void shake_hands(struct stream *s)
{
    struct error err;

    flush(s);
    if (s->failure != NULL) {
        finish(s, s->failure);
        return;
    }
    if (stream_unsent(s) > 0)
        return;
    switch (tls_session_handshake(s->tls, &err)) {
    case TRANSFER_DONE:
        tell_secured(s);
        break;
    case TRANSFER_WAIT_READ:
        s->handshake_waits = UV_READABLE;
        break;
    case TRANSFER_WAIT_WRITE:
        s->handshake_waits = UV_WRITABLE;
        break;
    case TRANSFER_END:
    case TRANSFER_FAILED:
        finish(s, &err);
        break;
    }
}

static void move_bytes(struct stream *s, int events)
{
    if ((events & UV_WRITABLE) != 0 || s->write_waits_read)
        flush_and_tell(s);
    if (may_read(s) && ((events & UV_READABLE) != 0 || s->read_waits_write))
        (void)take_in(s);
}

/* libuv reports an error of the socket as a bad status and stops polling: reading and writing will
 * meet the error themselves, after what the peer still sent. */
static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct stream *s = handle->data;
    struct loop *loop = s->loop;

    if (status < 0) {
        s->watched = 0;
        events = UV_READABLE | UV_WRITABLE;
    }
    if (s->phase == STREAM_CONNECTING)
        finish_connecting(s);
    else if (s->phase == STREAM_HANDSHAKE)
        shake_hands(s);
    else if (s->phase == STREAM_OPEN)
        move_bytes(s, events);
    watch(s);
    loop_settle(loop);
}

/* What a call could not tell, or a turn could not finish. */
static void on_report(void *owner)
{
    struct stream *s = owner;

    if (s->phase == STREAM_CONNECTING) {
        finish_connecting(s);
    } else if (s->phase == STREAM_HANDSHAKE) {
        shake_hands(s);
    } else if (s->phase == STREAM_OPEN) {
        if ((!may_read(s) || take_in(s)) && s->failure != NULL && s->phase == STREAM_OPEN)
            finish(s, s->failure);
    }
    watch(s);
}

static struct stream *stream_new(struct loop *loop, const struct endpoint *peer)
{
    struct stream *s = NEW(struct stream);

    s->loop = loop;
    s->peer = *peer;
    s->fd = -1;
    buf_init(&s->unsent, STREAM_UNSENT_LIMIT);
    timer_init(&s->report, loop, on_report, s);
    return s;
}

static bool take_socket(struct stream *s, int fd, struct error *err)
{
    int result = uv_poll_init(&s->loop->uv, &s->poll, fd);

    s->fd = fd;
    if (result != 0)
        return error_set(err, ERROR_TEMPORARY, "polling a socket: %s", uv_strerror(result));
    s->poll.data = s;
    s->polled = true;
    return true;
}

struct stream *stream_connect(struct loop *loop, const struct endpoint *source,
                              const struct endpoint *peer, const struct stream_events *events,
                              void *owner)
{
    struct stream *s = stream_new(loop, peer);
    struct error err;
    int fd;

    s->phase = STREAM_CONNECTING;
    s->events = events;
    s->owner = owner;
    if (!socket_connect(source, peer, &fd, &err) || !take_socket(s, fd, &err))
        fail(s, &err);
    else
        watch(s);
    return s;
}

struct stream *stream_accepted(struct loop *loop, int fd, const struct endpoint *peer)
{
    struct stream *s = stream_new(loop, peer);
    struct error err;

    s->phase = STREAM_ACCEPTED;
    if (!take_socket(s, fd, &err))
        fail(s, &err);
    return s;
}

void stream_adopt(struct stream *s, const struct stream_events *events, void *owner)
{
    assert(s->phase == STREAM_ACCEPTED);
    s->events = events;
    s->owner = owner;
    s->phase = STREAM_OPEN;
    if (s->failure != NULL)
        timer_start(&s->report, 0);
    watch(s);
}

void stream_give(struct stream *s, const struct stream_events *events, void *owner)
{
    assert(!is_over(s) && s->phase != STREAM_ACCEPTED);
    s->events = events;
    s->owner = owner;
}

void stream_write(struct stream *s, struct span bytes)
{
    struct error err;

    assert(s->phase != STREAM_HANDSHAKE && s->phase != STREAM_CLOSED);
    if (bytes.n == 0 || is_over(s) || s->ending)
        return;
    if (s->phase == STREAM_OPEN && stream_unsent(s) == 0 && s->failure == NULL)
        bytes = write_out(s, bytes);
    buf_put(&s->unsent, bytes);
    if (s->unsent.overflown) {
        (void)error_set(&err, ERROR_LIMIT, "the peer does not take what is sent: %zu bytes wait",
                        s->unsent.n);
        fail(s, &err);
    }
    watch(s);
}

bool stream_has_input(const struct stream *s)
{
    return s->phase == STREAM_OPEN && socket_has_input(s->fd);
}

void stream_pause(struct stream *s)
{
    s->paused = true;
    watch(s);
}

void stream_resume(struct stream *s)
{
    s->paused = false;
    watch(s);
    if (s->phase == STREAM_OPEN && s->secure && tls_session_has_pending(s->tls))
        timer_start(&s->report, 0);
}

void stream_start_tls(struct stream *s, struct tls_context *context, const struct tls_peer *peer)
{
    struct error err;

    assert(s->tls == NULL);
    if (is_over(s) || s->failure != NULL)
        return;
    assert(s->phase == STREAM_OPEN && s->events->secured != NULL);
    s->tls = tls_session_new(context, s->fd, peer, &s->peer, &err);
    if (s->tls == NULL)
        fail(s, &err);
    s->phase = STREAM_HANDSHAKE;
    s->handshake_waits = UV_READABLE;
    timer_start(&s->report, 0);
    watch(s);
}

void stream_end(struct stream *s)
{
    if (s->ending || is_over(s))
        return;
    s->ending = true;
    if (s->phase == STREAM_OPEN)
        end_if_due(s);
}

static void stream_free(void *memory)
{
    struct stream *s = memory;

    tls_session_free(s->tls);
    buf_fini(&s->unsent);
    alloc_free(s->failure);
    alloc_free(s);
}

static void on_handle_closed(uv_handle_t *handle)
{
    stream_free(handle->data);
}

void stream_close(struct stream *s)
{
    assert(s->phase != STREAM_CLOSED);
    if (s->phase == STREAM_OPEN && s->secure && !s->ending && s->failure == NULL)
        tls_session_end(s->tls);
    timer_stop(&s->report);
    s->phase = STREAM_CLOSED;
    if (s->polled)
        uv_close((uv_handle_t *)&s->poll, on_handle_closed);
    else
        loop_defer(s->loop, stream_free, s);
    if (s->fd >= 0)
        (void)close(s->fd);
}

struct endpoint stream_local(const struct stream *s)
{
    return s->fd >= 0 && s->phase != STREAM_CLOSED ? socket_local(s->fd) : (struct endpoint){ 0 };
}

struct endpoint stream_peer(const struct stream *s)
{
    return s->peer;
}

bool stream_peer_ids(const struct stream *s, unsigned *ret_uid, unsigned *ret_gid)
{
    return s->phase != STREAM_CLOSED && s->fd >= 0 && socket_peer_ids(s->fd, ret_uid, ret_gid);
}
