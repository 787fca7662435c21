/*
 * Reading template files. Whether a file is a good template is the compiler's affair.
 */
#include "services/compose/template_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "services/compose/builtin_templates_internal.h"
#include "services/compose/notice_template.h"
#include "services/compose/template_scan.h"

static const struct {
    const char *ending;
    enum template_file_part part;
} endings[] = { { ".subject.txt", FILE_SUBJECT },
                { ".text.txt", FILE_TEXT },
                { ".partial.txt", FILE_PARTIAL_TEXT },
                { ".partial.html", FILE_PARTIAL_HTML },
                { ".html", FILE_HTML } };

static bool is_word(struct span s, size_t most)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return s.n > 0 && s.n <= most;
}

/* Takes a file's name apart. */
static bool read_name(struct template_file *f)
{
    struct span rest = span_of(f->file);
    size_t i = 0;

    while (i < ARRAY_LENGTH(endings) && !span_ends(rest, span_of(endings[i].ending)))
        i++;
    if (i == ARRAY_LENGTH(endings))
        return false;
    f->part = endings[i].part;
    rest.n -= strlen(endings[i].ending);
    f->name = span_take_until(&rest, '.');
    f->language = rest;
    if (span_equal_nocase(rest, SPAN(TEMPLATE_LANGUAGE_DEFAULT)))
        f->language.n = 0;
    return is_word(f->name, TEMPLATE_NAME_MOST) &&
           (rest.n == 0 || is_word(rest, TEMPLATE_LANGUAGE_MOST));
}

static void file_free(struct template_file *f)
{
    alloc_free(f->file);
    alloc_free(f->bytes);
}

static bool same_place(const struct template_file *a, const struct template_file *b)
{
    return a->part == b->part && span_equal(a->name, b->name) &&
           span_equal_nocase(a->language, b->language);
}

/* Takes over `bytes`; a file that was there in the same place goes. */
static bool add(struct template_files *files, const char *name, char *bytes, struct error *err)
{
    struct template_file f = { .file = alloc_text(name), .bytes = bytes, .n = strlen(bytes) };

    if (!read_name(&f)) {
        file_free(&f);
        return error_set(err, ERROR_INVALID,
                         "%s is no name of a template: NAME.subject.txt, NAME.text.txt, "
                         "NAME.html, NAME.partial.txt or NAME.partial.html, or with a language, "
                         "NAME.de.html",
                         name);
    }
    for (size_t i = 0; i < files->n; i++) {
        if (same_place(&files->at[i], &f)) {
            file_free(&files->at[i]);
            files->at[i] = f;
            return true;
        }
    }
    if (files->n == files->room) {
        files->room = files->room > 0 ? 2 * files->room : 16;
        files->at = alloc_grow(files->at, files->room * sizeof(files->at[0]));
    }
    files->at[files->n++] = f;
    return true;
}

static bool read_bytes(int folder, const char *name, struct buf *to, struct error *err)
{
    CLEANUP(cleanup_descriptor) int descriptor = openat(folder, name, O_RDONLY | O_CLOEXEC);
    ssize_t n = 1;

    if (descriptor < 0)
        return error_set_errno(err, errno, "opening %s", name);
    while (n > 0) {
        char *room = buf_reserve(to, 4096);

        if (room == NULL)
            return error_set(err, ERROR_LIMIT, "%s: longer than %d bytes", name,
                             TEMPLATE_SOURCE_MOST);
        n = read(descriptor, room, 4096);
        if (n < 0)
            return error_set_errno(err, errno, "reading %s", name);
        buf_advance(to, (size_t)n);
    }
    return true;
}

/* Windows' line ends are no fault. */
static char *with_unix_lines(struct span bytes)
{
    char *text = alloc_zeroed(bytes.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < bytes.n; i++)
        if (bytes.at[i] != '\r' || i + 1 == bytes.n || bytes.at[i + 1] != '\n')
            text[n++] = bytes.at[i];
    return text;
}

static bool read_file(struct template_files *files, int folder, const char *name, struct error *err)
{
    CLEANUP(buf_fini) struct buf bytes;

    buf_init(&bytes, TEMPLATE_SOURCE_MOST + 4096);
    if (files->n >= TEMPLATE_FILES_MOST)
        return error_set(err, ERROR_LIMIT, "more than %d files", TEMPLATE_FILES_MOST);
    if (!read_bytes(folder, name, &bytes, err))
        return false;
    if (memchr(bytes.at != NULL ? bytes.at : "", '\0', bytes.n) != NULL)
        return error_set(err, ERROR_INVALID, "%s: holds a NUL byte", name);
    return add(files, name, with_unix_lines(buf_view(&bytes)), err);
}

static void close_folder(DIR **folder)
{
    if (*folder != NULL)
        (void)closedir(*folder);
}

static bool read_folder(struct template_files *files, const char *path, struct error *err)
{
    CLEANUP(close_folder) DIR *folder = opendir(path);
    const struct dirent *entry;

    if (folder == NULL)
        return error_set_errno(err, errno, "opening %s", path);
    /* readdir's answer is this stream's own: no other thread has it. */
    while ((entry = readdir(folder)) != NULL) { /* NOLINT(concurrency-mt-unsafe): see above */
        struct span name = span_of(entry->d_name);

        if (span_starts(name, SPAN(".")) || span_ends(name, SPAN("~")))
            continue;
        if (!read_file(files, dirfd(folder), entry->d_name, err))
            return error_wrap(err, "%s", path);
    }
    return true;
}

bool template_files_read(struct template_files *files, const char *folder, struct error *err)
{
    for (const struct embedded_file *f = builtin_templates; f->name != NULL; f++)
        if (!add(files, f->name, alloc_text(f->bytes), err))
            return false;
    return folder == NULL || read_folder(files, folder, err);
}

const struct template_file *template_files_find(const struct template_files *files,
                                                struct span name, struct span language,
                                                enum template_file_part part)
{
    for (size_t i = 0; i < files->n; i++) {
        const struct template_file *f = &files->at[i];

        if (f->part == part && span_equal(f->name, name) && span_equal(f->language, language))
            return f;
    }
    return NULL;
}

void template_files_fini(struct template_files *files)
{
    for (size_t i = 0; i < files->n; i++)
        file_free(&files->at[i]);
    alloc_free(files->at);
}
