/*
 * The files of templates: the built-in ones, those of a folder over them, and those that were set
 * in the store over these.
 */
#ifndef POSTROOM_SERVICES_COMPOSE_TEMPLATE_FILES_H
#define POSTROOM_SERVICES_COMPOSE_TEMPLATE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

enum template_file_part {
    FILE_SUBJECT,
    FILE_TEXT,
    FILE_HTML,
    FILE_PARTIAL_TEXT,
    FILE_PARTIAL_HTML,
    FILE_PARTS
};

enum template_origin { TEMPLATE_BUILT_IN, TEMPLATE_OF_FOLDER, TEMPLATE_STORED };

struct template_file {
    char *file;           /* "notice.de.text.txt" */
    struct span name;     /* "notice", in `file` */
    struct span language; /* "de", in `file`; empty: none named */
    enum template_file_part part;
    enum template_origin origin;
    char *bytes; /* LF lines, ended by a NUL that does not count */
    size_t n;
};

struct template_files {
    struct template_file *at;
    size_t n;
    size_t room;
};

enum { TEMPLATE_FILES_MOST = 1000 };

/* template_files_read fills an empty list with the built-in files and those of `folder` (NULL:
 * none), which go before built-in ones of the same name. In the folder, names that begin with "."
 * or end with "~" are passed over; any other that is no name of a template is refused. */
MUST_USE bool template_files_read(struct template_files *files, const char *folder,
                                  struct error *err);

/* template_files_copy makes a copy in an empty list. */
void template_files_copy(struct template_files *files, const struct template_files *from);

/* template_files_overlay puts those over them that the store has. */
MUST_USE bool template_files_overlay(struct template_files *files, struct db *db,
                                     struct error *err);

/* template_files_name gives what the file of that place is called, on the heap: as the one that is
 * there, whose language may be written otherwise. Fails when no file can be called so. */
MUST_USE bool template_files_name(const struct template_files *files, struct span name,
                                  struct span language, enum template_file_part part,
                                  char **ret_name, struct error *err);

/* template_file_part_name gives "subject", "text", "html", "partial.txt" or "partial.html";
 * template_file_part_read reads it. */
MUST_USE const char *template_file_part_name(enum template_file_part part);
MUST_USE bool template_file_part_read(struct span word, enum template_file_part *ret_part);

/* template_origin_name gives "built in", "folder" or "store". */
MUST_USE const char *template_origin_name(enum template_origin origin);

/* template_files_sample gives the built-in sample data, JSON. */
MUST_USE const char *template_files_sample(void);

/* template_files_find gives the file of that name, language ("" for none) and part, or NULL. */
MUST_USE const struct template_file *template_files_find(const struct template_files *files,
                                                         struct span name, struct span language,
                                                         enum template_file_part part);

/* template_files_fini frees them. */
void template_files_fini(struct template_files *files);

#endif
