/*
 * What a file holds, in memory: without the system. Reads, writes and
 * truncations are as SQLite asks for them.
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
};

void file_image_fini(struct file_image *image);

/* file_image_load reads the whole file through `real`. */
void file_image_load(struct file_image *image, sqlite3_file *real);

/* file_image_read gives SQLITE_IOERR_SHORT_READ, and zeros, behind the end. */
int file_image_read(const struct file_image *image, void *to, int n, int64_t at);
void file_image_write(struct file_image *image, const void *from, int n, int64_t at);
void file_image_truncate(struct file_image *image, int64_t to);

#endif
