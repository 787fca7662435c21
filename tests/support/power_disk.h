/*
 * What a disk has made safe, for the VFS of tests (power_vfs.h): of each file its length and the
 * sectors as they were at the last sync.
 */
#ifndef POSTROOM_TESTS_SUPPORT_POWER_DISK_H
#define POSTROOM_TESTS_SUPPORT_POWER_DISK_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/list.h"
#include "base/random.h"

enum { POWER_SECTOR = 512 };

struct disk_file;
struct file_image;

struct power_disk {
    struct list files; /* struct disk_file */
    struct random chance;
};

void power_disk_init(struct power_disk *disk, uint64_t seed);
void power_disk_fini(struct power_disk *disk);

/* power_disk_know gives the file of this path; one not known yet is safe with `size` bytes if it
 * existed, and else is new. power_disk_forget is for a file that was deleted. */
MUST_USE struct disk_file *power_disk_know(struct power_disk *disk, const char *path, bool existed,
                                           int64_t size);
void power_disk_forget(struct power_disk *disk, const char *path);

/* disk_file_keep keeps what the sectors from `at` to `end` hold, read through `real`, before they
 * change; disk_file_synced makes `size` bytes safe as they are. */
void disk_file_keep(struct disk_file *file, sqlite3_file *real, int64_t at, int64_t end);
void disk_file_synced(struct disk_file *file, int64_t size);

/* disk_file_image gives what the file holds, read through `real` when it is asked for first; from
 * then on that is the file, until the disk settles. */
MUST_USE struct file_image *disk_file_image(struct disk_file *file, sqlite3_file *real);

/* disk_file_mapping gives it mapped. Such a file must not settle. */
MUST_USE struct file_image *disk_file_mapping(struct disk_file *file);

/* power_disk_settle writes to every file what the disk may hold after a power cut: what was safe,
 * and a seeded choice of what was written since. Files must be closed. */
void power_disk_settle(struct power_disk *disk);

#endif
