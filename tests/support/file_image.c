/*
 * A growing array, or a mapping of much more than the file will have, whose file grows.
 */
#include "tests/support/file_image.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"

enum { ROOM_LEAST = 1 << 16, GROWTH = 1 << 26 };

#define MAPPED_MOST (INT64_C(1) << 38)

static void set_length(const struct file_image *image, int64_t length)
{
    int result = ftruncate(image->descriptor, length);

    assert(result == 0);
    (void)result;
}

static void unmap(const struct file_image *image)
{
    (void)munmap(image->bytes, (size_t)MAPPED_MOST);
    set_length(image, image->size);
    (void)close(image->descriptor);
}

void file_image_fini(struct file_image *image)
{
    if (image->descriptor > 0)
        unmap(image);
    else
        alloc_free(image->bytes);
    *image = (struct file_image){ 0 };
}

void file_image_map(struct file_image *image, const char *path)
{
    image->descriptor = open(path, O_RDWR | O_CLOEXEC);
    assert(image->descriptor > 0);
    image->size = lseek(image->descriptor, 0, SEEK_END);
    image->room = image->size;
    image->bytes = mmap(NULL, (size_t)MAPPED_MOST, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_NORESERVE, image->descriptor, 0);
    assert(image->bytes != MAP_FAILED);
}

/* What is added reads as zeros. */
static void make_room(struct file_image *image, int64_t size)
{
    int64_t room = image->room > 0 ? image->room : ROOM_LEAST;

    if (size <= image->room)
        return;
    if (image->descriptor > 0) {
        image->room = (size + GROWTH - 1) / GROWTH * GROWTH;
        set_length(image, image->room);
        return;
    }
    while (room < size)
        room *= 2;
    image->bytes = alloc_grow(image->bytes, (size_t)room);
    memset(image->bytes + image->room, 0, (size_t)(room - image->room));
    image->room = room;
}

void file_image_load(struct file_image *image, sqlite3_file *real)
{
    sqlite3_int64 size = 0;

    (void)real->pMethods->xFileSize(real, &size);
    make_room(image, size);
    image->size = size;
    if (size > 0)
        (void)real->pMethods->xRead(real, image->bytes, (int)size, 0);
}

int file_image_read(const struct file_image *image, void *to, int n, int64_t at)
{
    int64_t there = at < image->size ? image->size - at : 0;

    if (there >= n) {
        memcpy(to, image->bytes + at, (size_t)n);
        return SQLITE_OK;
    }
    if (there > 0)
        memcpy(to, image->bytes + at, (size_t)there);
    memset((char *)to + there, 0, (size_t)(n - there));
    return SQLITE_IOERR_SHORT_READ;
}

void file_image_write(struct file_image *image, const void *from, int n, int64_t at)
{
    make_room(image, at + n);
    memcpy(image->bytes + at, from, (size_t)n);
    if (at + n > image->size)
        image->size = at + n;
}

void file_image_truncate(struct file_image *image, int64_t to)
{
    if (to < image->size)
        memset(image->bytes + to, 0, (size_t)(image->size - to));
    make_room(image, to);
    image->size = to;
}
