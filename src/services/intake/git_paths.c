/*
 * A set of folders that grows with each path by what is new, and the prefix all paths share.
 */
#include "services/intake/git_paths.h"

#include "base/text.h"

void git_paths_init(struct git_paths *paths, struct arena *arena)
{
    *paths = (struct git_paths){ .arena = arena };
    paths->at = ARENA_ARRAY(arena, struct git_path, GIT_PATHS_LIMIT);
    table_init(&paths->table);
}

void git_paths_fini(struct git_paths *paths)
{
    table_fini(&paths->table);
}

/* "a/b" of "a/b/c", nothing of "a". */
static struct span folder_of(struct span path)
{
    size_t slash = span_last_index(path, '/');

    return span_first(path, slash < path.n ? slash : 0);
}

static bool holds(struct span folder, struct span path)
{
    return folder.n == 0 ||
           (span_starts(path, folder) && path.n > folder.n && path.at[folder.n] == '/');
}

static bool is_same(const struct table_node *node, const void *key)
{
    const struct git_folder *folder = (const struct git_folder *)(const void *)node;

    return span_equal(folder->path, *(const struct span *)key);
}

/* A known folder's own ones are known. */
static void add_folders(struct git_paths *paths, struct span path)
{
    for (struct span at = folder_of(path); at.n > 0; at = folder_of(at)) {
        uint64_t hash = table_hash(at);
        struct git_folder *folder;

        if (table_find(&paths->table, hash, is_same, &at) != NULL)
            return;
        if (paths->folder_count == GIT_FOLDERS_LIMIT) {
            paths->folders_left_out = true;
            return;
        }
        folder = ARENA_NEW(paths->arena, struct git_folder);
        folder->path = arena_copy(paths->arena, at);
        folder->next = paths->folders;
        paths->folders = folder;
        paths->folder_count++;
        table_put(&paths->table, &folder->node, hash);
    }
}

static void share(struct git_paths *paths, struct span path)
{
    if (!paths->any)
        paths->whole = arena_copy(paths->arena, folder_of(path));
    paths->any = true;
    while (!holds(paths->whole, path))
        paths->whole = folder_of(paths->whole);
}

static void name(struct git_paths *paths, const struct git_path *path)
{
    if (paths->n == GIT_PATHS_LIMIT) {
        paths->left_out++;
        return;
    }
    for (size_t i = 0; i < paths->n; i++)
        if (span_equal(paths->at[i].path, path->path))
            return;
    paths->at[paths->n] = *path;
    paths->at[paths->n++].path = arena_copy(paths->arena, path->path);
}

void git_paths_add(struct git_paths *paths, const struct git_path *path)
{
    share(paths, path->path);
    add_folders(paths, path->path);
    name(paths, path);
}

struct span git_paths_whole(const struct git_paths *paths)
{
    struct span whole = paths->whole;

    while (!text_is_utf8(whole))
        whole = folder_of(whole);
    return whole;
}

json_t *git_paths_folders(const struct git_paths *paths)
{
    json_t *array = json_array();

    for (const struct git_folder *f = paths->folders; f != NULL; f = f->next)
        if (text_is_utf8(f->path))
            (void)json_array_append_new(array, json_stringn(f->path.at, f->path.n));
    return array;
}
