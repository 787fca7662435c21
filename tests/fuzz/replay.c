/*
 * Runs a fuzz target over the files of a folder: the seeds, and every input that once broke it.
 * Not a fuzzer: that is the same target linked with libFuzzer (script/fuzz).
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/fuzz/target.h"

#define SEED_SIZE_MOST (1024 * 1024)

/* Feeds one file from a block of exactly its size, so that a read beyond the end is seen. */
static bool replay_file(const char *folder, const char *name)
{
    char path[4096];
    CLEANUP(cleanup_file) FILE *file = NULL;
    uint8_t *read_in, *exact;
    size_t size;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "rb");
    if (file == NULL) {
        printf("# opening %s: %s\n", path, strerrordesc_np(errno));
        return false;
    }
    read_in = alloc_zeroed(SEED_SIZE_MOST);
    size = fread(read_in, 1, SEED_SIZE_MOST, file);
    exact = alloc_zeroed(size > 0 ? size : 1);
    memcpy(exact, read_in, size);
    alloc_free(read_in);
    (void)LLVMFuzzerTestOneInput(exact, size);
    alloc_free(exact);
    return true;
}

static bool replay_folder(const char *folder, int *ret_count)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    bool fine = true;
    int count = 0;

    if (dir == NULL) {
        printf("# opening %s: %s\n", folder, strerrordesc_np(errno));
        return false;
    }
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread, and safe in glibc anyway */
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        fine = replay_file(folder, entry->d_name) && fine;
        count++;
    }
    (void)closedir(dir);
    *ret_count = count;
    return fine;
}

int main(int argc, char **argv)
{
    int count = 0;
    bool fine = argc == 2 && replay_folder(argv[1], &count) && count > 0;

    printf("1..1\n%sok 1 - %d seeds\n", fine ? "" : "not ", count);
    return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
