/*
 * A folder for one test, gone with all that is in it when the test is over:
 *     CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
 */
#ifndef POSTROOM_TESTS_SUPPORT_SCRATCH_H
#define POSTROOM_TESTS_SUPPORT_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"

struct scratch {
    char folder[256];
    char path[300]; /* of a file in it, made by scratch_path */
};

UNUSED static struct scratch scratch_new(void)
{
    struct scratch s = { "", "" };
    const char *base = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe): tests set nothing */

    (void)snprintf(s.folder, sizeof s.folder, "%.200s/postroom-test-XXXXXX",
                   base != NULL ? base : "/tmp");
    if (mkdtemp(s.folder) == NULL)
        perror(s.folder);
    return s;
}

/* The path of `name` in the folder, valid until the next call. */
UNUSED static const char *scratch_path(struct scratch *s, const char *name)
{
    (void)snprintf(s->path, sizeof s->path, "%s/%.40s", s->folder, name);
    return s->path;
}

static int scratch_remove(const char *path, const struct stat *is, int flag, struct FTW *ftw)
{
    (void)is;
    (void)flag;
    (void)ftw;
    return remove(path);
}

UNUSED static void scratch_fini(struct scratch *s)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): changes no folder without FTW_CHDIR */
    (void)nftw(s->folder, scratch_remove, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
