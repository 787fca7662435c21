/*
 * Reading template files. Whether a file is a good template is the compiler's affair.
 */
#include "services/compose/template_files.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "services/compose/builtin_templates_internal.h"
#include "services/compose/notice_template.h"
#include "services/compose/template_scan.h"
#include "store/template.h"

static const struct {
    const char *name;
    const char *ending;
} parts[FILE_PARTS] = { [FILE_SUBJECT] = { "subject", ".subject.txt" },
                        [FILE_TEXT] = { "text", ".text.txt" },
                        [FILE_HTML] = { "html", ".html" },
                        [FILE_PARTIAL_TEXT] = { "partial.txt", ".partial.txt" },
                        [FILE_PARTIAL_HTML] = { "partial.html", ".partial.html" } };

enum { NAME_MOST = TEMPLATE_NAME_MOST + TEMPLATE_LANGUAGE_MOST + 20 };

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
    size_t i = FILE_PARTS;

    /* From behind: ".html" ends the name of a partial as well. */
    while (i > 0 && !span_ends(rest, span_of(parts[i - 1].ending)))
        i--;
    if (i == 0)
        return false;
    f->part = (enum template_file_part)(i - 1);
    rest.n -= strlen(parts[i - 1].ending);
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
static bool add(struct template_files *files, const char *name, char *bytes,
                enum template_origin origin, struct error *err)
{
    struct template_file f = {
        .file = alloc_text(name), .origin = origin, .bytes = bytes, .n = strlen(bytes)
    };

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
    return add(files, name, with_unix_lines(buf_view(&bytes)), TEMPLATE_OF_FOLDER, err);
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
        if (!add(files, f->name, alloc_text(f->bytes), TEMPLATE_BUILT_IN, err))
            return false;
    return folder == NULL || read_folder(files, folder, err) || error_wrap(err, "templates");
}

void template_files_copy(struct template_files *files, const struct template_files *from)
{
    files->at = alloc_array(from->n, sizeof(files->at[0]));
    files->room = from->n;
    for (; files->n < from->n; files->n++) {
        struct template_file *f = &files->at[files->n];
        bool named;

        *f = from->at[files->n];
        f->file = alloc_text(f->file);
        f->bytes = alloc_text(f->bytes);
        named = read_name(f);
        assert(named);
    }
}

bool template_files_overlay(struct template_files *files, struct db *db, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct template_row_list rows;

    arena_init(&arena);
    if (!template_rows_read(db, &arena, &rows, err))
        return false;
    for (size_t i = 0; i < rows.n; i++)
        if (!add(files, arena_text(&arena, rows.at[i].file), with_unix_lines(rows.at[i].source),
                 TEMPLATE_STORED, err))
            return false;
    return true;
}

bool template_files_name(const struct template_files *files, struct span name, struct span language,
                         enum template_file_part part, char **ret_name, struct error *err)
{
    CLEANUP(buf_fini) struct buf file;
    struct template_file f;

    buf_init(&file, NAME_MOST);
    buf_put(&file, name);
    if (language.n > 0 && !span_equal_nocase(language, SPAN(TEMPLATE_LANGUAGE_DEFAULT)))
        buf_printf(&file, ".%.*s", SPAN_ARGS(language));
    buf_put_text(&file, parts[part].ending);
    f = (struct template_file){ .file = (char *)(uintptr_t)buf_text(&file) };
    if (file.overflown || !read_name(&f) || f.part != part || !span_equal(f.name, name))
        return error_set(err, ERROR_INVALID,
                         "\"%.*s\" in the language \"%.*s\" is no name of a template: letters, "
                         "digits, - and _",
                         SPAN_ARGS(span_first(name, TEMPLATE_NAME_MOST)),
                         SPAN_ARGS(span_first(language, TEMPLATE_LANGUAGE_MOST)));
    for (size_t i = 0; i < files->n; i++) {
        if (same_place(&files->at[i], &f)) {
            *ret_name = alloc_text(files->at[i].file);
            return true;
        }
    }
    *ret_name = alloc_text(f.file);
    return true;
}

const char *template_file_part_name(enum template_file_part part)
{
    return parts[part].name;
}

bool template_file_part_read(struct span word, enum template_file_part *ret_part)
{
    for (size_t i = 0; i < FILE_PARTS; i++) {
        if (span_equal(word, span_of(parts[i].name))) {
            *ret_part = (enum template_file_part)i;
            return true;
        }
    }
    return false;
}

const char *template_origin_name(enum template_origin origin)
{
    static const char *const names[] = { [TEMPLATE_BUILT_IN] = "built in",
                                         [TEMPLATE_OF_FOLDER] = "folder",
                                         [TEMPLATE_STORED] = "store" };

    return names[origin];
}

const char *template_files_sample(void)
{
    return builtin_samples[0].bytes;
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
