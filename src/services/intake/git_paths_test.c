/*
 * Paths and the folders they lie in.
 */
#include "services/intake/git_paths.h"

#include <stdio.h>

#include "tests/support/cmocka.h"

static void add(struct git_paths *paths, const char *path)
{
    git_paths_add(paths, &(struct git_path){ .path = span_of(path), .added = 1, .removed = 2 });
}

static void the_whole_push_lies_in_the_deepest_common_folder(void **state)
{
    static const struct {
        const char *paths[4];
        const char *whole;
    } cases[] = {
        { { "README" }, "" },
        { { "src/app/a.c" }, "src/app" },
        { { "src/app/a.c", "src/app/b/c.c" }, "src/app" },
        { { "src/app/a.c", "src/app2/a.c" }, "src" },
        { { "src/app/a.c", "src/app" }, "src" },
        { { "src/app/a.c", "doc/x", "src/app/b.c" }, "" },
        { { "src/\xff/a.c" }, "src" },
        { { NULL }, "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct arena arena;
        struct git_paths paths;

        arena_init(&arena);
        git_paths_init(&paths, &arena);
        for (size_t k = 0; cases[i].paths[k] != NULL; k++)
            add(&paths, cases[i].paths[k]);
        assert_true(span_equal(git_paths_whole(&paths), span_of(cases[i].whole)));
        git_paths_fini(&paths);
        arena_fini(&arena);
    }
}

static bool has(const json_t *array, const char *text)
{
    size_t i;
    json_t *item;

    json_array_foreach (array, i, item) {
        if (strcmp(json_string_value(item), text) == 0)
            return true;
    }
    return false;
}

static void each_folder_is_known_once_with_all_that_hold_it(void **state)
{
    struct arena arena;
    struct git_paths paths;
    json_t *folders;

    (void)state;
    arena_init(&arena);
    git_paths_init(&paths, &arena);
    add(&paths, "a/b/c/x");
    add(&paths, "a/b/d/x");
    add(&paths, "a/b/d/y");
    add(&paths, "a/\xfe/x");
    folders = git_paths_folders(&paths);
    assert_int_equal(json_array_size(folders), 4);
    assert_true(has(folders, "a") && has(folders, "a/b") && has(folders, "a/b/c") &&
                has(folders, "a/b/d"));
    json_decref(folders);
    git_paths_fini(&paths);
    arena_fini(&arena);
}

static void a_push_of_very_many_files_keeps_some_and_counts_the_rest(void **state)
{
    struct arena arena;
    struct git_paths paths;

    (void)state;
    arena_init(&arena);
    git_paths_init(&paths, &arena);
    for (int i = 0; i < GIT_FOLDERS_LIMIT + 10; i++) {
        char path[40];

        (void)snprintf(path, sizeof path, "f%d/x", i);
        add(&paths, path);
        if (i < 10)
            add(&paths, path); /* by another reference */
    }
    assert_int_equal(paths.n, GIT_PATHS_LIMIT);
    assert_int_equal(paths.left_out, GIT_FOLDERS_LIMIT + 10 - GIT_PATHS_LIMIT);
    assert_int_equal(paths.folder_count, GIT_FOLDERS_LIMIT);
    assert_true(paths.folders_left_out);
    git_paths_fini(&paths);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_push_lies_in_the_deepest_common_folder),
        cmocka_unit_test(each_folder_is_known_once_with_all_that_hold_it),
        cmocka_unit_test(a_push_of_very_many_files_keeps_some_and_counts_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
