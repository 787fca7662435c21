/*
 * A mailbox: a list under a mutex, and a uv_async that wakes the loop when the list was empty.
 */
#include "io/mailbox.h"

#include <assert.h>
#include <pthread.h>

#include "base/alloc.h"
#include "io/loop_internal.h"

struct mailbox {
    uv_async_t wake;
    struct loop *loop;
    void (*receive)(void *owner, struct list *posted);
    void *owner;
    pthread_mutex_t lock; /* guards `posted` */
    struct list posted;
};

static void move_all(struct list *from, struct list *to)
{
    list_init(to);
    if (list_empty(from))
        return;
    *to = *from;
    to->next->prev = to;
    to->prev->next = to;
    list_init(from);
}

void mailbox_flush(struct mailbox *box)
{
    struct list posted;

    (void)pthread_mutex_lock(&box->lock);
    move_all(&box->posted, &posted);
    (void)pthread_mutex_unlock(&box->lock);
    if (!list_empty(&posted))
        box->receive(box->owner, &posted);
}

static void on_wake(uv_async_t *handle)
{
    struct mailbox *box = handle->data;
    struct loop *loop = box->loop;

    mailbox_flush(box);
    loop_settle(loop);
}

struct mailbox *mailbox_new(struct loop *loop, void (*receive)(void *owner, struct list *posted),
                            void *owner)
{
    struct mailbox *box = NEW(struct mailbox);
    int result = uv_async_init(&loop->uv, &box->wake, on_wake);

    assert(result == 0);
    (void)result;
    box->loop = loop;
    box->wake.data = box;
    box->receive = receive;
    box->owner = owner;
    list_init(&box->posted);
    (void)pthread_mutex_init(&box->lock, NULL);
    return box;
}

void mailbox_post(struct mailbox *box, struct list *item)
{
    bool was_empty;

    (void)pthread_mutex_lock(&box->lock);
    was_empty = list_empty(&box->posted);
    list_append(&box->posted, item);
    (void)pthread_mutex_unlock(&box->lock);
    if (was_empty)
        (void)uv_async_send(&box->wake);
}

static void on_closed(uv_handle_t *handle)
{
    struct mailbox *box = handle->data;

    (void)pthread_mutex_destroy(&box->lock);
    alloc_free(box);
}

void mailbox_free(struct mailbox *box)
{
    if (box != NULL)
        uv_close((uv_handle_t *)&box->wake, on_closed);
}
