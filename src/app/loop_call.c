/*
 * A letter with a semaphore in it.
 */
#include "app/loop_call.h"

#include <errno.h>
#include <semaphore.h>

#include "base/alloc.h"
#include "base/list.h"
#include "io/mailbox.h"

struct loop_caller {
    struct mailbox *box;
};

struct call {
    struct list link; /* first */
    void (*function)(void *owner);
    void *owner;
    sem_t done;
};

static void receive(void *owner, struct list *posted)
{
    (void)owner;
    LIST_EACH (posted, link) {
        struct call *call = (struct call *)link;

        list_remove(link);
        call->function(call->owner);
        (void)sem_post(&call->done); /* the call is gone after this */
    }
}

struct loop_caller *loop_caller_new(struct loop *loop)
{
    struct loop_caller *caller = NEW(struct loop_caller);

    caller->box = mailbox_new(loop, receive, NULL);
    return caller;
}

void loop_call(struct loop_caller *caller, void (*function)(void *owner), void *owner)
{
    struct call call = { .function = function, .owner = owner };

    list_init(&call.link);
    (void)sem_init(&call.done, 0, 0);
    mailbox_post(caller->box, &call.link);
    while (sem_wait(&call.done) != 0 && errno == EINTR)
        continue;
    (void)sem_destroy(&call.done);
}

void loop_caller_free(struct loop_caller *caller)
{
    mailbox_free(caller->box);
    alloc_free(caller);
}
