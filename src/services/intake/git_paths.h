/*
 * The paths that a push changed, as they are seen: the first of them with their numbers of lines,
 * and the folders they lie in. A push of a million files costs the memory of its folders.
 */
#ifndef POSTROOM_SERVICES_INTAKE_GIT_PATHS_H
#define POSTROOM_SERVICES_INTAKE_GIT_PATHS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/span.h"
#include "base/table.h"

#define GIT_UNKNOWN INT64_C(-1)

enum {
    GIT_PATHS_LIMIT = 300,    /* that are named */
    GIT_FOLDERS_LIMIT = 20000 /* that are looked up as topics */
};

struct git_path {
    struct span path;
    int64_t added; /* lines, GIT_UNKNOWN for a binary file or when nobody counted */
    int64_t removed;
};

struct git_folder {
    struct table_node node; /* first */
    struct git_folder *next;
    struct span path;
};

struct git_paths {
    struct arena *arena;
    struct git_path *at; /* the first GIT_PATHS_LIMIT, each once */
    size_t n;
    int64_t left_out;           /* counting again what several references changed */
    bool any;                   /* one was seen at all */
    struct span whole;          /* the deepest folder that holds all of them */
    struct table table;         /* of folders */
    struct git_folder *folders; /* those that hold any, the latest first */
    size_t folder_count;
    bool folders_left_out;
};

/* git_paths_init makes an empty set in the arena, git_paths_fini ends it. */
void git_paths_init(struct git_paths *paths, struct arena *arena);
void git_paths_fini(struct git_paths *paths);

/* git_paths_add notes a path, which is copied where it is kept. */
void git_paths_add(struct git_paths *paths, const struct git_path *path);

/* git_paths_whole gives the deepest folder of a name in UTF-8 that holds all paths; empty: the
 * root. */
MUST_USE struct span git_paths_whole(const struct git_paths *paths);

/* git_paths_folders gives an array of the folders whose names are UTF-8; a new reference. */
MUST_USE json_t *git_paths_folders(const struct git_paths *paths);

#endif
