/*
 * What a write is about to change is kept by sectors until the next sync. When the power returns,
 * each sector so kept is put back or left as it was written.
 */
#include "tests/support/power_disk.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/table.h"
#include "tests/support/file_image.h"

/* What a sector held when the file was last synced. */
struct old_sector {
    struct table_node node;
    struct list link;
    int64_t number;
    char bytes[POWER_SECTOR];
};

/* A file, as long as it exists, open or not. */
struct disk_file {
    struct list link;
    char *path;
    bool is_safe; /* its name would survive */
    int64_t safe_size;
    struct list old; /* struct old_sector */
    struct table old_by_number;
    bool has_image;
    struct file_image image;
};

static void forget_old(struct disk_file *file)
{
    while (!list_empty(&file->old)) {
        struct old_sector *sector = CONTAINER_OF(file->old.next, struct old_sector, link);

        list_remove(&sector->link);
        alloc_free(sector);
    }
    table_clear(&file->old_by_number);
}

static void free_disk_file(struct disk_file *file)
{
    forget_old(file);
    table_fini(&file->old_by_number);
    file_image_fini(&file->image);
    list_remove(&file->link);
    alloc_free(file->path);
    alloc_free(file);
}

void power_disk_init(struct power_disk *disk, uint64_t seed)
{
    list_init(&disk->files);
    random_seed(&disk->chance, seed);
}

void power_disk_fini(struct power_disk *disk)
{
    while (!list_empty(&disk->files))
        free_disk_file(CONTAINER_OF(disk->files.next, struct disk_file, link));
}

static struct disk_file *find_file(const struct power_disk *disk, const char *path)
{
    LIST_EACH (&disk->files, link) {
        struct disk_file *file = CONTAINER_OF(link, struct disk_file, link);

        if (strcmp(file->path, path) == 0)
            return file;
    }
    return NULL;
}

struct disk_file *power_disk_know(struct power_disk *disk, const char *path, bool existed,
                                  int64_t size)
{
    struct disk_file *file = find_file(disk, path);

    if (file != NULL)
        return file;
    file = NEW(struct disk_file);
    file->path = alloc_text(path);
    file->is_safe = existed;
    file->safe_size = existed ? size : 0;
    list_init(&file->old);
    table_init(&file->old_by_number);
    list_append(&disk->files, &file->link);
    return file;
}

void power_disk_forget(struct power_disk *disk, const char *path)
{
    struct disk_file *file = find_file(disk, path);

    if (file != NULL)
        free_disk_file(file);
}

static uint64_t hash_of(int64_t number)
{
    return (uint64_t)number * UINT64_C(0x9e3779b97f4a7c15);
}

static bool is_sector(const struct table_node *node, const void *number)
{
    return CONTAINER_OF(node, struct old_sector, node)->number == *(const int64_t *)number;
}

static bool is_kept(const struct disk_file *file, int64_t number)
{
    return table_find(&file->old_by_number, hash_of(number), is_sector, &number) != NULL;
}

static void read_sector(const struct disk_file *file, sqlite3_file *real, struct old_sector *sector)
{
    int64_t at = sector->number * POWER_SECTOR;

    if (file->has_image)
        (void)file_image_read(&file->image, sector->bytes, POWER_SECTOR, at);
    else
        (void)real->pMethods->xRead(real, sector->bytes, POWER_SECTOR, at);
}

void disk_file_keep(struct disk_file *file, sqlite3_file *real, int64_t at, int64_t end)
{
    for (int64_t number = at / POWER_SECTOR; number * POWER_SECTOR < end; number++) {
        struct old_sector *sector;

        if (number * POWER_SECTOR >= file->safe_size || is_kept(file, number))
            continue;
        sector = NEW(struct old_sector);
        sector->number = number;
        read_sector(file, real, sector);
        list_append(&file->old, &sector->link);
        table_put(&file->old_by_number, &sector->node, hash_of(number));
    }
}

void disk_file_synced(struct disk_file *file, int64_t size)
{
    forget_old(file);
    file->is_safe = true;
    file->safe_size = size;
}

struct file_image *disk_file_image(struct disk_file *file, sqlite3_file *real)
{
    if (!file->has_image)
        file_image_load(&file->image, real);
    file->has_image = true;
    return &file->image;
}

struct file_image *disk_file_mapping(struct disk_file *file)
{
    if (!file->has_image)
        file_image_map(&file->image, file->path);
    file->has_image = true;
    return &file->image;
}

static bool coin(struct power_disk *disk)
{
    return random_below(&disk->chance, 2) == 0;
}

static void put_at(int descriptor, const char *bytes, int64_t n, int64_t at)
{
    ssize_t put = pwrite(descriptor, bytes, (size_t)n, at);

    assert(put == n);
    (void)put;
}

static void cut_to(int descriptor, int64_t size)
{
    int result = ftruncate(descriptor, size);

    assert(result == 0);
    (void)result;
}

/* What was added behind the safe end: kept with its length, kept in part as zeros, or gone. */
static void settle_tail(struct power_disk *disk, const struct disk_file *file, int descriptor)
{
    static const char zeros[POWER_SECTOR];
    int64_t size = lseek(descriptor, 0, SEEK_END);

    if (size <= file->safe_size)
        return;
    if (coin(disk)) {
        cut_to(descriptor, file->safe_size);
        return;
    }
    for (int64_t at = (file->safe_size + POWER_SECTOR - 1) / POWER_SECTOR * POWER_SECTOR;
         at + POWER_SECTOR <= size; at += POWER_SECTOR)
        if (coin(disk))
            put_at(descriptor, zeros, POWER_SECTOR, at);
}

static void settle_old(struct power_disk *disk, const struct disk_file *file, int descriptor)
{
    int64_t size = lseek(descriptor, 0, SEEK_END);

    LIST_EACH (&file->old, link) {
        const struct old_sector *sector = CONTAINER_OF(link, struct old_sector, link);
        int64_t at = sector->number * POWER_SECTOR;
        int64_t n = file->safe_size - at < POWER_SECTOR ? file->safe_size - at : POWER_SECTOR;

        /* what was cut off comes back; of the rest some */
        if (at + n > size || coin(disk))
            put_at(descriptor, sector->bytes, n, at);
    }
}

static void put_image(const struct disk_file *file, int descriptor)
{
    cut_to(descriptor, file->image.size);
    put_at(descriptor, file->image.bytes, file->image.size, 0);
}

static void settle_file(struct power_disk *disk, struct disk_file *file)
{
    int descriptor;

    if (!file->is_safe && coin(disk)) {
        (void)unlink(file->path);
        return;
    }
    descriptor = open(file->path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0)
        return;
    if (file->has_image)
        put_image(file, descriptor);
    settle_tail(disk, file, descriptor);
    settle_old(disk, file, descriptor);
    (void)close(descriptor);
}

void power_disk_settle(struct power_disk *disk)
{
    while (!list_empty(&disk->files)) {
        struct disk_file *file = CONTAINER_OF(disk->files.next, struct disk_file, link);

        settle_file(disk, file);
        free_disk_file(file);
    }
}
