/*
 * What a file holds, in memory: in a growing array, or mapped where the file is too large for that.
 * Reads, writes and truncations are as SQLite asks for them, without the system.
 */
#ifndef POSTROOM_TESTS_SUPPORT_FILE_IMAGE_H
#define POSTROOM_TESTS_SUPPORT_FILE_IMAGE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct file_image {
    char *bytes;
    int64_t size;
    int64_t room;
    int descriptor; /* of a file that is mapped, with `room` bytes; 0: it is not */
};

void file_image_fini(struct file_image *image);

/* file_image_load reads the whole file through `real`. */
void file_image_load(struct file_image *image, sqlite3_file *real);

/* file_image_map maps a file: what is written then is the file's. Its `bytes` never move. */
void file_image_map(struct file_image *image, const char *path);

/* file_image_read gives SQLITE_IOERR_SHORT_READ, and zeros, behind the end. */
int file_image_read(const struct file_image *image, void *to, int n, int64_t at);
void file_image_write(struct file_image *image, const void *from, int n, int64_t at);
void file_image_truncate(struct file_image *image, int64_t to);

#endif
