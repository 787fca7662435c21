/*
 * An open file description lock (fcntl(2)) on a file of its own: closing another descriptor of
 * the same file does not drop it, as it would a POSIX lock, and SQLite's own locks are not
 * touched. The file says who holds it; it is never removed, because a name that comes and goes
 * can be locked twice.
 */
#include "store/store_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/span.h"
#include "base/text.h"

enum { LOCK_MODE = 0640, HOLDER_ROOM = 128 };

struct store_lock {
    int descriptor;
};

/* Two names of one store share its lock. */
static void resolve(const char *store_path, char *path)
{
    if (realpath(store_path, path) == NULL)
        (void)snprintf(path, PATH_MAX, "%s", store_path);
}

static bool is_held(int system_errno)
{
    return system_errno == EAGAIN || system_errno == EACCES;
}

/* The file says "123 postroom serve"; it may say nothing yet. */
static bool tell_holder(int descriptor, const char *store_path, struct error *err)
{
    char text[HOLDER_ROOM];
    ssize_t n = pread(descriptor, text, sizeof text, 0);
    struct span who = span_trim((struct span){ text, n > 0 ? (size_t)n : 0 });
    struct span pid = span_take_until(&who, ' ');
    int64_t number;

    if (!text_to_integer(pid, 1, INT_MAX, &number) || !text_is_utf8(who))
        return error_set(err, ERROR_CONFLICT, "another process holds %s", store_path);
    return error_set(err, ERROR_CONFLICT, "another %.*s (pid %d) holds %s", SPAN_ARGS(who),
                     (int)number, store_path);
}

static bool write_holder(int descriptor, const char *who)
{
    char text[HOLDER_ROOM];
    int n = snprintf(text, sizeof text, "%d %.100s\n", (int)getpid(), who);

    return ftruncate(descriptor, 0) == 0 && pwrite(descriptor, text, (size_t)n, 0) == n;
}

static bool lock_file(int descriptor, const char *store_path, const char *who, struct error *err)
{
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    if (fcntl(descriptor, F_OFD_SETLK, &whole) != 0) {
        if (is_held(errno))
            return tell_holder(descriptor, store_path, err);
        return error_set_errno(err, errno, "locking %s", store_path);
    }
    if (!write_holder(descriptor, who))
        return error_set_errno(err, errno, "writing the lock of %s", store_path);
    return true;
}

bool store_lock_take(const char *store_path, const char *who, struct store_lock **ret_lock,
                     struct error *err)
{
    char path[PATH_MAX];
    char name[PATH_MAX + sizeof ".lock"];
    int descriptor;

    resolve(store_path, path);
    (void)snprintf(name, sizeof name, "%s.lock", path);
    descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC, LOCK_MODE);
    if (descriptor < 0)
        return error_set_errno(err, errno, "opening %s", name);
    if (!lock_file(descriptor, path, who, err)) {
        (void)close(descriptor);
        return false;
    }
    *ret_lock = NEW(struct store_lock);
    (*ret_lock)->descriptor = descriptor;
    return true;
}

void store_lock_release(struct store_lock *lock)
{
    if (lock == NULL)
        return;
    (void)close(lock->descriptor);
    alloc_free(lock);
}
