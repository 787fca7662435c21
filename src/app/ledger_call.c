/*
 * A job of the ledger with a semaphore in it.
 */
#include "app/ledger_call.h"

#include <errno.h>
#include <semaphore.h>
#include <stddef.h>

#include "base/alloc.h"
#include "io/mailbox.h"
#include "store/ledger.h"

struct ledger_caller {
    struct ledger *ledger;
    struct mailbox *answers;
};

struct call {
    struct ledger_job job; /* first */
    bool (*function)(void *owner, struct db *db, struct error *err);
    void *owner;
    sem_t done;
};

static bool run(struct ledger_job *job, struct db *db, struct error *err)
{
    struct call *call = (struct call *)job;

    return call->function(call->owner, db, err);
}

static void receive(void *owner, struct list *posted)
{
    (void)owner;
    LIST_EACH (posted, link) {
        struct call *call = (struct call *)CONTAINER_OF(link, struct ledger_job, link);

        list_remove(link);
        (void)sem_post(&call->done); /* the call is gone after this */
    }
}

struct ledger_caller *ledger_caller_new(struct ledger *ledger, struct loop *loop)
{
    struct ledger_caller *caller = NEW(struct ledger_caller);

    caller->ledger = ledger;
    caller->answers = mailbox_new(loop, receive, NULL);
    return caller;
}

bool ledger_call(struct ledger_caller *caller,
                 bool (*function)(void *owner, struct db *db, struct error *err), void *owner,
                 struct error *err)
{
    struct call call = {
        .job = { .name = "call", .rank = LEDGER_REQUEST, .run = run, .answers = caller->answers },
        .function = function,
        .owner = owner
    };

    (void)sem_init(&call.done, 0, 0);
    ledger_submit(caller->ledger, &call.job);
    while (sem_wait(&call.done) != 0 && errno == EINTR)
        continue;
    (void)sem_destroy(&call.done);
    if (!call.job.ok)
        *err = call.job.error;
    return call.job.ok;
}

void ledger_caller_free(struct ledger_caller *caller)
{
    if (caller == NULL)
        return;
    mailbox_free(caller->answers);
    alloc_free(caller);
}
