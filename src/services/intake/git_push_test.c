/*
 * Pushes and the words they become.
 */
#include "services/intake/git_push.h"

#include <stdio.h>

#include "tests/support/cmocka.h"

#define ZERO "0000000000000000000000000000000000000000"
#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

enum { LIMIT = 100000 };

static struct git_ref ref_of(const char *name, const char *old, const char *new)
{
    return (struct git_ref){ .name = span_of(name),
                             .old = span_of(old),
                             .new = span_of(new),
                             .gained = GIT_UNKNOWN,
                             .lost = GIT_UNKNOWN,
                             .files = GIT_UNKNOWN,
                             .added = GIT_UNKNOWN,
                             .removed = GIT_UNKNOWN };
}

static struct git_ref counted(const char *old, const char *new, int64_t gained, int64_t lost)
{
    struct git_ref ref = ref_of("refs/heads/main", old, new);

    ref.gained = gained;
    ref.lost = lost;
    return ref;
}

static const char *text_of(const json_t *event, const char *field)
{
    return json_string_value(json_object_get(event, field));
}

static void a_title_says_what_became_of_the_reference(void **state)
{
    const struct {
        struct git_ref ref;
        const char *title;
    } cases[] = {
        { counted(A, B, 3, 0), "main: 3 commits" },
        { counted(A, B, 3, 1), "main rewritten: 3 commits in place of 1" },
        { counted(A, B, 0, 1), "main taken back by 1 commit" },
        { counted(ZERO, B, 1, 0), "new branch main: 1 commit" },
        { counted(ZERO, B, 0, 0), "new branch main" },
        { counted(A, ZERO, GIT_UNKNOWN, GIT_UNKNOWN), "main deleted" },
        { counted(A, B, GIT_UNKNOWN, GIT_UNKNOWN), "main moved" },
        { ref_of("refs/tags/v1", ZERO, A), "new tag v1" },
        { ref_of("refs/tags/v1", A, ZERO), "tag v1 deleted" },
        { ref_of("refs/notes/commits", ZERO, A), "new refs/notes/commits" },
        { ref_of("refs/heads/", ZERO, A), "new refs/heads/" },
        { ref_of("refs/heads/gr\xfc\x1b[31mn", A, ZERO), "gr\\xFC\\x1B[31mn deleted" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct git_ref ref = cases[i].ref;
        struct git_push push = { .topic = SPAN("repo/x"), .refs = &ref, .ref_count = 1 };
        json_t *event = git_push_event(&push, LIMIT);

        assert_string_equal(text_of(event, "title"), cases[i].title);
        assert_string_equal(text_of(event, "topic"), "repo/x");
        json_decref(event);
    }
}

/* A push of so many commits and files to main. */
struct story {
    struct arena arena;
    struct git_push push;
    struct git_ref refs[2];
};

static void story_begin(struct story *s, size_t commits, int64_t all_commits, int files)
{
    arena_init(&s->arena);
    s->refs[0] = counted(A, B, all_commits, 0);
    s->push = (struct git_push){ .topic = SPAN("repo/x"), .refs = s->refs, .ref_count = 1 };
    s->push.commits = ARENA_ARRAY(&s->arena, struct git_commit, commits);
    s->push.commit_count = commits;
    s->push.commits_left_out = all_commits - (int64_t)commits;
    for (size_t i = 0; i < commits; i++)
        s->push.commits[i] = (struct git_commit){
            .id = SPAN(B),
            .author = SPAN("Ana Silva"),
            .subject = span_of(arena_printf(&s->arena, "Step %zu", commits - i)),
        };
    git_paths_init(&s->push.paths, &s->arena);
    for (int i = 0; i < files; i++)
        git_paths_add(&s->push.paths,
                      &(struct git_path){ span_of(arena_printf(&s->arena, "src/%d.c", i)), i, 1 });
    s->refs[0].files = files;
    s->refs[0].added = s->refs[0].removed = files;
}

static void story_end(struct story *s)
{
    git_paths_fini(&s->push.paths);
    arena_fini(&s->arena);
}

static void one_commit_is_told_with_its_message(void **state)
{
    struct story s;
    json_t *event;

    (void)state;
    story_begin(&s, 1, 1, 2);
    s.push.commits[0].body = SPAN("Because\tit\r\nwas \x1b[31mnot.");
    event = git_push_event(&s.push, LIMIT);
    assert_string_equal(text_of(event, "title"), "main: Step 1");
    assert_string_equal(text_of(event, "text"), "bbbbbbbbbbbb Step 1 (Ana Silva)\n"
                                                "\n"
                                                "Because    it\n"
                                                "was \\x1B[31mnot.\n"
                                                "\n"
                                                "2 files changed, 2 lines added, 2 removed:\n"
                                                "src/0.c  +0 -1\n"
                                                "src/1.c  +1 -1\n");
    json_decref(event);
    story_end(&s);
}

static void authors_are_named_where_they_differ(void **state)
{
    struct story s;
    json_t *event;

    (void)state;
    story_begin(&s, 2, 2, 0);
    s.push.commits[1].author = SPAN("Bo");
    event = git_push_event(&s.push, LIMIT);
    assert_string_equal(text_of(event, "text"), "bbbbbbbbbbbb Step 2 (Ana Silva)\n"
                                                "bbbbbbbbbbbb Step 1 (Bo)\n\n");
    json_decref(event);
    story_end(&s);
}

static void a_huge_push_names_some_and_counts_the_rest(void **state)
{
    struct story s;
    json_t *event;

    (void)state;
    story_begin(&s, GIT_COMMITS_LIMIT, 12000, 1000);
    event = git_push_event(&s.push, 1 << 20);
    assert_string_equal(text_of(event, "title"), "main: 12000 commits");
    assert_non_null(strstr(text_of(event, "text"), "Step 101 (Ana Silva)\nand 11900 more\n"));
    assert_non_null(strstr(text_of(event, "text"), "src/29.c  +29 -1\nand 970 more\n"));
    json_decref(event);
    story_end(&s);
}

static void an_event_stays_below_its_limit(void **state)
{
    struct story s;

    (void)state;
    story_begin(&s, GIT_COMMITS_LIMIT, GIT_COMMITS_LIMIT, 1000);
    for (size_t limit = 1000; limit < 200000; limit *= 2) {
        json_t *event = git_push_event(&s.push, limit);

        assert_in_range(json_dumpb(event, NULL, 0, JSON_COMPACT), 1, limit);
        json_decref(event);
    }
    story_end(&s);
}

static void several_references_are_told_in_turn_and_add_up(void **state)
{
    struct story s;
    json_t *event;
    json_t *changes;

    (void)state;
    story_begin(&s, 2, 2, 1);
    s.refs[1] = ref_of("refs/tags/v1", ZERO, B);
    s.push.ref_count = 2;
    s.push.refs_left_out = 1;
    event = git_push_event(&s.push, LIMIT);
    assert_string_equal(text_of(event, "title"), "main: 2 commits, and 2 other references");
    assert_string_equal(text_of(event, "text"),
                        "main: 2 commits; 1 file changed, 1 line added, 1 removed\n"
                        "new tag v1\n"
                        "and 1 other reference\n"
                        "\n"
                        "bbbbbbbbbbbb Step 2\n"
                        "bbbbbbbbbbbb Step 1\n"
                        "All by Ana Silva\n"
                        "\n"
                        "1 file changed, 1 line added, 1 removed:\n"
                        "src/0.c  +0 -1\n");
    changes = json_object_get(event, "changes");
    assert_int_equal(json_array_size(changes), 2);
    assert_string_equal(text_of(json_array_get(changes, 0), "old"), "aaaaaaaaaaaa");
    assert_string_equal(text_of(json_array_get(changes, 1), "field"), "tag v1");
    assert_null(json_object_get(json_array_get(changes, 1), "old"));
    json_decref(event);
    story_end(&s);
}

static void commits_that_other_references_had_are_not_told_again(void **state)
{
    struct story s;
    json_t *event;

    (void)state;
    story_begin(&s, 0, 0, 0);
    s.refs[0].gained = 2;
    event = git_push_event(&s.push, LIMIT);
    assert_string_equal(text_of(event, "title"), "main: 2 commits");
    assert_string_equal(text_of(event, "text"),
                        "All commits had been pushed before, to other references.\n\n");
    assert_null(git_push_committer(&s.push));
    json_decref(event);
    story_end(&s);
}

static void a_merge_tells_what_is_new_and_counts_the_rest(void **state)
{
    struct story s;
    json_t *event;

    (void)state;
    story_begin(&s, 1, 1, 0);
    s.refs[0].gained = 3;
    event = git_push_event(&s.push, LIMIT);
    assert_string_equal(text_of(event, "text"),
                        "bbbbbbbbbbbb Step 1 (Ana Silva)\n"
                        "and 2 that had been pushed before, to other references\n\n");
    json_decref(event);
    story_end(&s);
}

static void a_commit_without_a_subject_is_counted_in_the_title(void **state)
{
    struct story s;
    json_t *event;

    (void)state;
    story_begin(&s, 1, 1, 0);
    s.push.commits[0].subject = SPAN(" ");
    event = git_push_event(&s.push, LIMIT);
    assert_string_equal(text_of(event, "title"), "main: 1 commit");
    json_decref(event);
    story_end(&s);
}

static void a_url_is_filled_in_and_stays_one(void **state)
{
    struct git_ref ref = ref_of("refs/heads/gr\xfcn/a&b", A, B);
    struct buf url;

    (void)state;
    buf_init(&url, 1000);
    git_ref_put_url(&url, &ref, SPAN("https://git/x/{name}?from={old}&to={new}&{}"));
    assert_string_equal(buf_text(&url), "https://git/x/gr%FCn/a%26b?from=" A "&to=" B "&{}");
    buf_fini(&url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_title_says_what_became_of_the_reference),
        cmocka_unit_test(one_commit_is_told_with_its_message),
        cmocka_unit_test(authors_are_named_where_they_differ),
        cmocka_unit_test(a_huge_push_names_some_and_counts_the_rest),
        cmocka_unit_test(an_event_stays_below_its_limit),
        cmocka_unit_test(several_references_are_told_in_turn_and_add_up),
        cmocka_unit_test(commits_that_other_references_had_are_not_told_again),
        cmocka_unit_test(a_merge_tells_what_is_new_and_counts_the_rest),
        cmocka_unit_test(a_commit_without_a_subject_is_counted_in_the_title),
        cmocka_unit_test(a_url_is_filled_in_and_stays_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
