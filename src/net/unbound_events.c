/*
 * The pluggable event table of libunbound (unbound-event.h): descriptors by io/watcher, timeouts
 * by io/timer. It behaves as libunbound's own small table does: a timeout fires once, an event
 * without UB_EV_PERSIST ends with the first report.
 *
 * The callbacks may free the event they are called for: nothing is touched after them.
 */
#include <assert.h>
#include <string.h>
#include <sys/time.h>
#include <unbound-event.h>

#include "base/alloc.h"
#include "io/timer.h"
#include "io/watcher.h"
#include "net/unbound_events_internal.h"

/* From libunbound's util/ub_event.h, which is not installed. */
enum {
    EVENT_MAGIC = 0x44d74d78,
    EVENT_TIMEOUT = 0x01,
    EVENT_READ = 0x02,
    EVENT_WRITE = 0x04,
    EVENT_PERSIST = 0x10
};

struct base {
    struct ub_event_base head;
    struct loop *loop;
};

struct event {
    struct ub_event head;
    struct loop *loop;
    int fd; /* -1: a timer alone */
    short bits;
    void (*call)(int fd, short bits, void *argument);
    void *argument;
    struct watcher *watcher;
    struct timer timer;
};

static struct event *event_of(struct ub_event *head)
{
    return CONTAINER_OF(head, struct event, head);
}

static int event_delete(struct ub_event *head)
{
    struct event *e = event_of(head);

    timer_stop(&e->timer);
    watcher_free(e->watcher);
    e->watcher = NULL;
    return 0;
}

static void on_ready(void *owner, int what)
{
    struct event *e = owner;
    short bits = (short)(((what & WATCH_READ) != 0 ? EVENT_READ : 0) |
                         ((what & WATCH_WRITE) != 0 ? EVENT_WRITE : 0));

    if ((e->bits & EVENT_PERSIST) == 0)
        (void)event_delete(&e->head);
    e->call(e->fd, bits, e->argument);
}

static void on_timeout(void *owner)
{
    struct event *e = owner;

    e->call(e->fd, EVENT_TIMEOUT, e->argument);
}

static void start_timer(struct event *e, const struct timeval *after)
{
    int64_t ms = (int64_t)after->tv_sec * 1000 + (after->tv_usec + 999) / 1000;

    timer_start(&e->timer, ms > 0 ? ms : 0);
}

static int event_add(struct ub_event *head, struct timeval *timeout)
{
    struct event *e = event_of(head);
    int wanted = ((e->bits & EVENT_READ) != 0 ? WATCH_READ : 0) |
                 ((e->bits & EVENT_WRITE) != 0 ? WATCH_WRITE : 0);

    (void)event_delete(head);
    if (wanted != 0 && e->fd >= 0)
        e->watcher = watcher_new(e->loop, e->fd, wanted, on_ready, e);
    if (timeout != NULL && (e->bits & EVENT_TIMEOUT) != 0)
        start_timer(e, timeout);
    return 0;
}

static void event_add_bits(struct ub_event *head, short bits)
{
    struct event *e = event_of(head);

    e->bits = (short)(e->bits | bits);
}

static void event_del_bits(struct ub_event *head, short bits)
{
    struct event *e = event_of(head);

    e->bits = (short)(e->bits & ~bits);
}

static void event_set_fd(struct ub_event *head, int fd)
{
    event_of(head)->fd = fd;
}

static void event_free(struct ub_event *head)
{
    (void)event_delete(head);
    alloc_free(event_of(head));
}

static int event_add_timer(struct ub_event *head, struct ub_event_base *base,
                           void (*call)(int, short, void *), void *argument,
                           struct timeval *timeout)
{
    struct event *e = event_of(head);

    (void)base;
    e->call = call;
    e->argument = argument;
    e->bits |= EVENT_TIMEOUT;
    start_timer(e, timeout);
    return 0;
}

static int event_del_timer(struct ub_event *head)
{
    timer_stop(&event_of(head)->timer);
    return 0;
}

/* Signals are the program's affair; a library context never asks for them. */
static int refuse_signal(struct ub_event *head, struct timeval *timeout)
{
    (void)head;
    (void)timeout;
    return -1;
}

static int refuse_signal_end(struct ub_event *head)
{
    (void)head;
    return -1;
}

static struct ub_event *event_new(struct ub_event_base *head, int fd, short bits,
                                  void (*call)(int, short, void *), void *argument)
{
    static struct ub_event_vmt table = {
        .add_bits = event_add_bits,
        .del_bits = event_del_bits,
        .set_fd = event_set_fd,
        .free = event_free,
        .add = event_add,
        .del = event_delete,
        .add_timer = event_add_timer,
        .del_timer = event_del_timer,
        .add_signal = refuse_signal,
        .del_signal = refuse_signal_end,
    };
    struct base *base = CONTAINER_OF(head, struct base, head);
    struct event *e = NEW(struct event);

    e->head = (struct ub_event){ .magic = EVENT_MAGIC, .vmt = &table };
    e->loop = base->loop;
    e->fd = fd;
    e->bits = bits;
    e->call = call;
    e->argument = argument;
    timer_init(&e->timer, base->loop, on_timeout, e);
    return &e->head;
}

static struct ub_event *refuse_signal_event(struct ub_event_base *head, int fd,
                                            void (*call)(int, short, void *), void *argument)
{
    (void)head;
    (void)fd;
    (void)call;
    (void)argument;
    return NULL;
}

/* The loop is run by its thread, not through the table. */
static int refuse_dispatch(struct ub_event_base *head)
{
    (void)head;
    return -1;
}

static int refuse_exit(struct ub_event_base *head, struct timeval *timeout)
{
    (void)head;
    (void)timeout;
    return -1;
}

void unbound_events_free(struct ub_event_base *head)
{
    if (head != NULL)
        alloc_free(CONTAINER_OF(head, struct base, head));
}

struct ub_event_base *unbound_events_new(struct loop *loop)
{
    static struct ub_event_base_vmt table = {
        .free = unbound_events_free,
        .dispatch = refuse_dispatch,
        .loopexit = refuse_exit,
        .new_event = event_new,
        .new_signal = refuse_signal_event,
    };
    struct base *base = NEW(struct base);

    base->head = (struct ub_event_base){ .magic = EVENT_MAGIC, .vmt = &table };
    base->loop = loop;
    return &base->head;
}
