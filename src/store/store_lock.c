/*
 * An open file description lock (fcntl(2)) on a file of its own: closing another descriptor of
 * the same file does not drop it, as it would a POSIX lock, and SQLite's own locks are not
 * touched. The file says who holds it; it is never removed, because a name that comes and goes
 * can be locked twice.
 *
 * Two bytes are locked. HOLDING is the lock itself. NAMING is held for the moment between taking
 * that and having written who did, so that whoever is turned away reads the name of the holder and
 * never nothing, or the name of the one before.
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
#include "base/cleanup.h"
#include "base/span.h"
#include "base/text.h"

enum { HOLDING, NAMING };
enum { LOCK_MODE = 0640, HOLDER_ROOM = 128, LOCK_NAME_ROOM = PATH_MAX + sizeof ".lock" };

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

static struct flock byte_lock(short type, off_t byte)
{
    return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
}

/* Waits for those who write their name, which is a matter of microseconds. */
static bool lock_naming(int descriptor, short type, const char *store_path, struct error *err)
{
    struct flock naming = byte_lock(type, NAMING);

    while (fcntl(descriptor, F_OFD_SETLKW, &naming) != 0)
        if (errno != EINTR)
            return error_set_errno(err, errno, "locking %s", store_path);
    return true;
}

/* The file says "123 postroom serve". */
static struct store_lock_holder read_holder(int descriptor)
{
    struct store_lock_holder holder = { .held = true };
    char text[HOLDER_ROOM];
    ssize_t n = pread(descriptor, text, sizeof text, 0);
    struct span who = span_trim((struct span){ text, n > 0 ? (size_t)n : 0 });
    struct span pid = span_take_until(&who, ' ');
    int64_t number;

    if (text_to_integer(pid, 1, INT_MAX, &number) && text_is_utf8(who)) {
        holder.pid = (int)number;
        span_copy(who, holder.who, sizeof holder.who);
    }
    return holder;
}

static bool tell_holder(int descriptor, const char *store_path, struct error *err)
{
    struct store_lock_holder holder = read_holder(descriptor);

    if (holder.pid == 0)
        return error_set(err, ERROR_CONFLICT, "another process holds %s", store_path);
    return error_set(err, ERROR_CONFLICT, "another %s (pid %d) holds %s", holder.who, holder.pid,
                     store_path);
}

static bool write_holder(int descriptor, const char *who)
{
    char text[HOLDER_ROOM];
    int n = snprintf(text, sizeof text, "%d %.60s\n", (int)getpid(), who);

    return ftruncate(descriptor, 0) == 0 && pwrite(descriptor, text, (size_t)n, 0) == n;
}

/* With NAMING held. */
static bool lock_holding(int descriptor, const char *store_path, const char *who, struct error *err)
{
    struct flock holding = byte_lock(F_WRLCK, HOLDING);

    if (fcntl(descriptor, F_OFD_SETLK, &holding) != 0) {
        if (is_held(errno))
            return tell_holder(descriptor, store_path, err);
        return error_set_errno(err, errno, "locking %s", store_path);
    }
    if (!write_holder(descriptor, who))
        return error_set_errno(err, errno, "writing the lock of %s", store_path);
    return true;
}

static bool lock_file(int descriptor, const char *store_path, const char *who, struct error *err)
{
    return lock_naming(descriptor, F_WRLCK, store_path, err) &&
           lock_holding(descriptor, store_path, who, err) &&
           lock_naming(descriptor, F_UNLCK, store_path, err);
}

static void name_lock(const char *store_path, char *path, char *name)
{
    resolve(store_path, path);
    (void)snprintf(name, LOCK_NAME_ROOM, "%s.lock", path);
}

bool store_lock_take(const char *store_path, const char *who, struct store_lock **ret_lock,
                     struct error *err)
{
    char path[PATH_MAX];
    char name[LOCK_NAME_ROOM];
    int descriptor;

    name_lock(store_path, path, name);
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

/* Whether another open file of the lock holds it, and who that is. */
static bool look(int descriptor, const char *name, struct store_lock_holder *ret_holder,
                 struct error *err)
{
    struct flock holding = byte_lock(F_RDLCK, HOLDING);

    if (!lock_naming(descriptor, F_RDLCK, name, err))
        return false;
    if (fcntl(descriptor, F_OFD_GETLK, &holding) != 0)
        return error_set_errno(err, errno, "looking at %s", name);
    *ret_holder = (struct store_lock_holder){ .held = false };
    if (holding.l_type != F_UNLCK)
        *ret_holder = read_holder(descriptor);
    return true;
}

bool store_lock_look(const char *store_path, struct store_lock_holder *ret_holder,
                     struct error *err)
{
    char path[PATH_MAX];
    char name[LOCK_NAME_ROOM];
    CLEANUP(cleanup_descriptor) int descriptor = -1;

    name_lock(store_path, path, name);
    descriptor = open(name, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 && errno != ENOENT)
        return error_set_errno(err, errno, "opening %s", name);
    if (descriptor >= 0)
        return look(descriptor, name, ret_holder, err);
    *ret_holder = (struct store_lock_holder){ .held = false };
    return true;
}

void store_lock_release(struct store_lock *lock)
{
    if (lock == NULL)
        return;
    (void)close(lock->descriptor);
    alloc_free(lock);
}
