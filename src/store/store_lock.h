/*
 * The lock beside the store ("postroom.db.lock") that makes its one writer the only one: a daemon,
 * or a command in its own process. The kernel holds it for the process and drops it at its end,
 * however that comes.
 */
#ifndef POSTROOM_STORE_STORE_LOCK_H
#define POSTROOM_STORE_STORE_LOCK_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"

struct store_lock;

/* How the daemon calls itself. */
#define STORE_LOCK_DAEMON "postroom serve"

/* store_lock_take takes the lock of the store at `store_path`, which need not exist yet, for `who`
 * ("postroom serve"). Does not wait for it: a lock that is held is ERROR_CONFLICT and the text says
 * by whom: "another postroom serve (pid 123) holds /srv/postroom.db". */
MUST_USE bool store_lock_take(const char *store_path, const char *who, struct store_lock **ret_lock,
                              struct error *err);

/* Who holds a lock. */
struct store_lock_holder {
    bool held;
    int pid;      /* 0: not known */
    char who[64]; /* as they called themselves; "" when that is not known */
};

/* store_lock_look tells who holds the lock of the store at `store_path`, without touching it. */
MUST_USE bool store_lock_look(const char *store_path, struct store_lock_holder *ret_holder,
                              struct error *err);

/* store_lock_release gives it up; NULL is allowed. The file stays. */
void store_lock_release(struct store_lock *lock);

#endif
