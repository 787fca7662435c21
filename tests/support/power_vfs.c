/*
 * The VFS: every call goes on to the system's own, but writes, truncations and syncs are counted,
 * may fail, and are told to power_disk.
 */
#include "tests/support/power_vfs.h"

#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tests/support/file_image.h"
#include "tests/support/power_disk.h"

struct power_vfs {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    pthread_mutex_t lock; /* guards what follows */
    struct power_disk disk;
    int64_t operations;
    int64_t cut_at;  /* counted as operations, 0: never */
    int64_t fail_at; /* likewise */
    bool is_cut;
    bool is_full;
    bool is_alone; /* of one thread */
    bool in_memory;
    void (*synced)(void *owner); /* NULL: nobody asks */
    void *synced_owner;
};

/* SQLite's file: ours, with the real one behind it. */
struct open_file {
    sqlite3_file base;
    struct power_vfs *power;
    struct disk_file *disk; /* NULL for files without a name */
    sqlite3_file *real;
    struct file_image *image; /* it is kept in memory alone; NULL: it is not */
};

static struct open_file *self(sqlite3_file *file)
{
    return (struct open_file *)(void *)file;
}

static struct power_vfs *power_of(sqlite3_vfs *vfs)
{
    return vfs->pAppData;
}

static void lock(struct power_vfs *power)
{
    (void)pthread_mutex_lock(&power->lock);
}

static void unlock(struct power_vfs *power)
{
    (void)pthread_mutex_unlock(&power->lock);
}

/* Counts an operation; SQLITE_OK when it may go on. `ret_torn`: it is the one at which the power
 * goes, and may leave some of its work behind. */
static int count_operation(struct power_vfs *power, int failure, bool *ret_torn)
{
    *ret_torn = false;
    if (power->is_cut)
        return failure;
    power->operations++;
    if (power->operations == power->fail_at)
        return failure;
    if (power->operations == power->cut_at) {
        power->is_cut = true;
        *ret_torn = true;
    }
    return SQLITE_OK;
}

/* ---- a file, in memory or behind us ---- */

static int size_of(const struct open_file *f, sqlite3_int64 *ret_size)
{
    if (f->image == NULL)
        return f->real->pMethods->xFileSize(f->real, ret_size);
    *ret_size = f->image->size;
    return SQLITE_OK;
}

static int put(const struct open_file *f, const void *from, int n, sqlite3_int64 at)
{
    if (f->image == NULL)
        return f->real->pMethods->xWrite(f->real, from, n, at);
    file_image_write(f->image, from, n, at);
    return SQLITE_OK;
}

static int cut(const struct open_file *f, sqlite3_int64 to)
{
    if (f->image == NULL)
        return f->real->pMethods->xTruncate(f->real, to);
    file_image_truncate(f->image, to);
    return SQLITE_OK;
}

/* ---- a file ---- */

static int power_close(sqlite3_file *file)
{
    struct open_file *f = self(file);
    int code = f->real->pMethods->xClose(f->real);

    alloc_free(f->real);
    return code;
}

static int power_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
    struct open_file *f = self(file);

    if (f->image != NULL)
        return file_image_read(f->image, to, n, at);
    return f->real->pMethods->xRead(f->real, to, n, at);
}

static bool keeps(const struct open_file *f)
{
    return f->disk != NULL && (f->power->in_memory || !f->power->is_alone);
}

static int write_locked(struct open_file *f, const void *from, int n, sqlite3_int64 at)
{
    sqlite3_int64 size = 0;
    bool is_torn;
    int code = count_operation(f->power, SQLITE_IOERR_WRITE, &is_torn);

    if (code != SQLITE_OK)
        return code;
    if (f->power->is_full && size_of(f, &size) == SQLITE_OK && at + n > size)
        return SQLITE_FULL;
    if (keeps(f))
        disk_file_keep(f->disk, f->real, at, at + n);
    code = put(f, from, n, at);
    return is_torn ? SQLITE_IOERR_WRITE : code;
}

static int power_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
    struct open_file *f = self(file);
    int code;

    lock(f->power);
    code = write_locked(f, from, n, at);
    unlock(f->power);
    return code;
}

static int truncate_locked(struct open_file *f, sqlite3_int64 to)
{
    sqlite3_int64 size = 0;
    bool is_torn;
    int code = count_operation(f->power, SQLITE_IOERR_TRUNCATE, &is_torn);

    if (code != SQLITE_OK)
        return code;
    (void)size_of(f, &size);
    if (keeps(f))
        disk_file_keep(f->disk, f->real, to, size);
    code = cut(f, to);
    return is_torn ? SQLITE_IOERR_TRUNCATE : code;
}

static int power_truncate(sqlite3_file *file, sqlite3_int64 to)
{
    struct open_file *f = self(file);
    int code;

    lock(f->power);
    code = truncate_locked(f, to);
    unlock(f->power);
    return code;
}

static int sync_locked(struct open_file *f)
{
    sqlite3_int64 size = 0;
    bool is_torn;
    int code = count_operation(f->power, SQLITE_IOERR_FSYNC, &is_torn);

    if (code != SQLITE_OK || is_torn)
        return SQLITE_IOERR_FSYNC;
    if (f->disk == NULL)
        return SQLITE_OK;
    (void)size_of(f, &size);
    disk_file_synced(f->disk, size);
    return SQLITE_OK;
}

static int power_sync(sqlite3_file *file, int flags)
{
    struct open_file *f = self(file);
    int code;

    (void)flags;
    lock(f->power);
    code = sync_locked(f);
    unlock(f->power);
    if (code == SQLITE_OK && f->power->synced != NULL)
        f->power->synced(f->power->synced_owner);
    return code;
}

static int power_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    return size_of(self(file), ret_size);
}

static int power_lock(sqlite3_file *file, int level)
{
    struct open_file *f = self(file);

    return f->power->is_alone ? SQLITE_OK : f->real->pMethods->xLock(f->real, level);
}

static int power_unlock(sqlite3_file *file, int level)
{
    struct open_file *f = self(file);

    return f->power->is_alone ? SQLITE_OK : f->real->pMethods->xUnlock(f->real, level);
}

static int power_check_lock(sqlite3_file *file, int *ret_is)
{
    struct open_file *f = self(file);

    *ret_is = 0;
    return f->power->is_alone ? SQLITE_OK : f->real->pMethods->xCheckReservedLock(f->real, ret_is);
}

/* Hints that would grow the file past our knowledge are not passed on. */
static int power_control(sqlite3_file *file, int what, void *argument)
{
    struct open_file *f = self(file);

    if (what == SQLITE_FCNTL_SIZE_HINT || what == SQLITE_FCNTL_CHUNK_SIZE)
        return SQLITE_OK;
    return f->real->pMethods->xFileControl(f->real, what, argument);
}

static int power_sector_size(sqlite3_file *file)
{
    (void)file;
    return POWER_SECTOR;
}

static int power_characteristics(sqlite3_file *file)
{
    struct open_file *f = self(file);

    return f->real->pMethods->xDeviceCharacteristics(f->real);
}

static int power_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **to)
{
    struct open_file *f = self(file);

    return f->real->pMethods->xShmMap(f->real, page, size, extend, to);
}

static int power_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    struct open_file *f = self(file);

    return f->power->is_alone ? SQLITE_OK : f->real->pMethods->xShmLock(f->real, offset, n, flags);
}

static void power_shm_barrier(sqlite3_file *file)
{
    struct open_file *f = self(file);

    f->real->pMethods->xShmBarrier(f->real);
}

static int power_shm_unmap(sqlite3_file *file, int delete)
{
    struct open_file *f = self(file);

    return f->real->pMethods->xShmUnmap(f->real, delete);
}

/* Where the file does not move in memory, what is read need not be copied. SQLite asks when it was
 * configured so (SQLITE_CONFIG_MMAP_SIZE). */
static int power_fetch(sqlite3_file *file, sqlite3_int64 at, int n, void **ret_bytes)
{
    const struct file_image *image = self(file)->image;

    *ret_bytes = NULL;
    if (image != NULL && image->descriptor > 0 && at + n <= image->size)
        *ret_bytes = image->bytes + at;
    return SQLITE_OK;
}

static int power_unfetch(sqlite3_file *file, sqlite3_int64 at, void *bytes)
{
    (void)file;
    (void)at;
    (void)bytes;
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 3,
    .xClose = power_close,
    .xRead = power_read,
    .xWrite = power_write,
    .xTruncate = power_truncate,
    .xSync = power_sync,
    .xFileSize = power_size,
    .xLock = power_lock,
    .xUnlock = power_unlock,
    .xCheckReservedLock = power_check_lock,
    .xFileControl = power_control,
    .xSectorSize = power_sector_size,
    .xDeviceCharacteristics = power_characteristics,
    .xShmMap = power_shm_map,
    .xShmLock = power_shm_lock,
    .xShmBarrier = power_shm_barrier,
    .xShmUnmap = power_shm_unmap,
    .xFetch = power_fetch,
    .xUnfetch = power_unfetch,
};

/* ---- the VFS ---- */

static bool is_log(const char *path)
{
    static const char end[] = "-wal";
    size_t n = strlen(path);

    return n >= sizeof end && strcmp(path + n - (sizeof end - 1), end) == 0;
}

static int power_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
                      int *ret_flags)
{
    struct power_vfs *power = power_of(vfs);
    struct open_file *f = self(file);
    bool existed = path != NULL && access(path, F_OK) == 0;
    sqlite3_int64 size = 0;
    int code;

    memset(f, 0, sizeof *f);
    f->real = alloc_zeroed((size_t)power->real->szOsFile);
    code = power->real->xOpen(power->real, path, f->real, flags, ret_flags);
    if (code != SQLITE_OK) {
        alloc_free(f->real);
        return code;
    }
    f->base.pMethods = &methods;
    f->power = power;
    if (path == NULL)
        return SQLITE_OK;
    (void)f->real->pMethods->xFileSize(f->real, &size);
    lock(power);
    f->disk = power_disk_know(&power->disk, path, existed, size);
    if (power->is_alone && (power->in_memory || is_log(path)))
        f->image = disk_file_image(f->disk, f->real);
    else if (power->is_alone && (flags & SQLITE_OPEN_MAIN_DB) != 0)
        f->image = disk_file_mapping(f->disk);
    unlock(power);
    return SQLITE_OK;
}

static int power_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
    struct power_vfs *power = power_of(vfs);
    int code = SQLITE_IOERR_DELETE;

    lock(power);
    if (!power->is_cut)
        code = power->real->xDelete(power->real, path, sync_folder);
    if (code == SQLITE_OK)
        power_disk_forget(&power->disk, path);
    unlock(power);
    return code;
}

static int power_access(sqlite3_vfs *vfs, const char *path, int flags, int *ret_is)
{
    struct power_vfs *power = power_of(vfs);

    return power->real->xAccess(power->real, path, flags, ret_is);
}

static int power_full_path(sqlite3_vfs *vfs, const char *path, int room, char *to)
{
    struct power_vfs *power = power_of(vfs);

    return power->real->xFullPathname(power->real, path, room, to);
}

struct power_vfs *power_vfs_new(uint64_t seed)
{
    struct power_vfs *power = NEW(struct power_vfs);
    int code;

    power->real = sqlite3_vfs_find(NULL);
    assert(power->real != NULL);
    power->vfs = *power->real; /* time, chance and loading stay the system's */
    power->vfs.iVersion = 2;
    power->vfs.zName = "power";
    power->vfs.szOsFile = sizeof(struct open_file);
    power->vfs.pAppData = power;
    power->vfs.pNext = NULL;
    power->vfs.xOpen = power_open;
    power->vfs.xDelete = power_delete;
    power->vfs.xAccess = power_access;
    power->vfs.xFullPathname = power_full_path;
    power_disk_init(&power->disk, seed);
    (void)pthread_mutex_init(&power->lock, NULL);
    code = sqlite3_vfs_register(&power->vfs, 1);
    assert(code == SQLITE_OK);
    (void)code;
    return power;
}

void power_vfs_free(struct power_vfs *power)
{
    (void)sqlite3_vfs_unregister(&power->vfs);
    (void)sqlite3_vfs_register(power->real, 1);
    power_disk_fini(&power->disk);
    (void)pthread_mutex_destroy(&power->lock);
    alloc_free(power);
}

void power_vfs_serve_one_thread(struct power_vfs *power, bool in_memory)
{
    power->is_alone = true;
    power->in_memory = in_memory;
}

void power_vfs_on_sync(struct power_vfs *power, void (*synced)(void *owner), void *owner)
{
    power->synced = synced;
    power->synced_owner = owner;
}

int64_t power_vfs_operations(struct power_vfs *power)
{
    int64_t n;

    lock(power);
    n = power->operations;
    unlock(power);
    return n;
}

void power_vfs_cut_at(struct power_vfs *power, int64_t n)
{
    lock(power);
    power->cut_at = n > 0 ? power->operations + n : 0;
    unlock(power);
}

void power_vfs_fail_at(struct power_vfs *power, int64_t n)
{
    lock(power);
    power->fail_at = n > 0 ? power->operations + n : 0;
    unlock(power);
}

void power_vfs_set_full(struct power_vfs *power, bool is_full)
{
    lock(power);
    power->is_full = is_full;
    unlock(power);
}

bool power_vfs_is_cut(struct power_vfs *power)
{
    bool is;

    lock(power);
    is = power->is_cut;
    unlock(power);
    return is;
}

void power_vfs_return(struct power_vfs *power)
{
    lock(power);
    power_disk_settle(&power->disk);
    power->is_cut = false;
    power->cut_at = 0;
    power->fail_at = 0;
    power->is_full = false;
    unlock(power);
}
