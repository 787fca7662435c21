/*
 * One loop for all webhooks.
 */
#include "app/hook_front.h"

#include "app/loop_call.h"
#include "base/alloc.h"
#include "base/random.h"
#include "domain/settings.h"
#include "io/loop.h"
#include "services/hooks/hook_sender.h"
#include "store/db.h"

enum { POLL_MS = 500 };

struct hook_front {
    struct loop *loop;
    struct loop_caller *caller;
    struct db *db;
    struct hook_sender *sender;
};

struct hook_front *hook_front_new(const struct settings *settings, struct ledger *ledger,
                                  struct error *err)
{
    struct hook_front *front = NEW(struct hook_front);
    struct hook_sender_options options = { .ledger = ledger,
                                           .settings = settings,
                                           .poll_ms = POLL_MS };

    if (!db_open(settings->database, DB_READ, &front->db, err)) {
        alloc_free(front);
        return NULL;
    }
    front->loop = loop_new("hooks");
    front->caller = loop_caller_new(front->loop);
    options.loop = front->loop;
    options.db = front->db;
    random_secret(&options.seed, sizeof(options.seed));
    front->sender = hook_sender_new(&options);
    return front;
}

void hook_front_start(struct hook_front *front)
{
    loop_start(front->loop);
}

static void end_loop(void *owner)
{
    loop_stop(owner);
}

static void stop_sender(void *owner)
{
    struct hook_front *front = owner;

    hook_sender_stop(front->sender, end_loop, front->loop);
}

void hook_front_stop(struct hook_front *front)
{
    loop_call(front->caller, stop_sender, front);
    loop_join(front->loop);
}

void hook_front_free(struct hook_front *front)
{
    if (front == NULL)
        return;
    hook_sender_free(front->sender);
    loop_caller_free(front->caller);
    loop_free(front->loop);
    db_close(front->db);
    alloc_free(front);
}
