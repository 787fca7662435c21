/*
 * Questions to git, each a process with fixed words: object names are checked to be hex, names of
 * references only stand behind --exclude=. Plumbing is asked where there is some, since what the
 * pusher configured must not change the answers.
 */
#include "app/git_repository.h"

#include <string.h>

#include "app/child_process.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "domain/topic_key.h"
#include "services/intake/git_output.h"

enum {
    WORDS_MOST = 3 * GIT_REFS_LIMIT + 32,
    ANSWER_LIMIT = 64 << 10,
    REFS_COUNTED = 32,      /* references whose commits and files are looked at */
    FILES_COUNTED = 3000,   /* more are named, without their lines */
    COMMIT_ROOM = 64 << 10, /* of a commit's record that is kept */
};

/* A command line of git. */
struct call {
    const char *argv[WORDS_MOST + 1];
    size_t n;
};

static void add(struct call *call, const char *word)
{
    if (call->n < WORDS_MOST)
        call->argv[call->n++] = word;
}

static void add_all(struct call *call, const char *const *words)
{
    for (; *words != NULL; words++)
        add(call, *words);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static bool run(const struct call *call, void (*take)(void *owner, struct span bytes), void *owner,
                int *ret_code, struct error *err)
{
    struct child_process child = { .argv = call->argv, .take = take, .owner = owner };

    return child_process_run(&child, ret_code, err);
}

static void keep_answer(void *owner, struct span bytes)
{
    buf_put(owner, bytes);
}

/* The answer without the line's end; empty when git refuses. */
static bool ask(struct arena *arena, const char *const *words, struct span *ret_answer,
                struct error *err)
{
    CLEANUP(buf_fini) struct buf answer;
    struct call call = { .n = 0 };
    int code;

    buf_init(&answer, ANSWER_LIMIT);
    add(&call, "git");
    add_all(&call, words);
    if (!run(&call, keep_answer, &answer, &code, err))
        return false;
    *ret_answer = code == 0 ? arena_copy(arena, span_trim(buf_view(&answer))) : SPAN("");
    return true;
}

/* A topic's key has no spaces and no '*'. */
static struct span topic_of_folder(struct arena *arena, struct span folder)
{
    struct span name = span_rest(folder, span_last_index(folder, '/') + 1);
    char *key;

    if (span_equal(name, SPAN(".git"))) {
        folder = span_first(folder, folder.n - name.n - 1);
        name = span_rest(folder, span_last_index(folder, '/') + 1);
    }
    if (span_ends(name, SPAN(".git")))
        name = span_first(name, name.n - 4);
    key = arena_printf(arena, "repo/%.*s", SPAN_ARGS(span_first(name, TOPIC_KEY_LIMIT - 5)));
    for (char *at = key; *at != '\0'; at++)
        if ((unsigned char)*at <= ' ' || *at == '*' || *at == 127 ||
            ((unsigned char)*at > 127 && !text_is_utf8(name)))
            *at = '-';
    return span_of(key);
}

static void read_wish(struct git_wishes *wishes, struct span record)
{
    struct span value = record;
    struct span key = span_take_until(&value, '\n');

    if (value.n == 0)
        return;
    if (span_equal(key, SPAN("postroom.topic")))
        wishes->topic = value;
    if (span_equal(key, SPAN("postroom.url")))
        wishes->url = value;
}

bool git_repository_wishes(struct arena *arena, struct git_wishes *ret_wishes, struct error *err)
{
    struct git_wishes wishes = { .topic = { NULL, 0 } };
    struct span folder;
    struct span records;

    if (!ask(arena, WORDS("rev-parse", "--absolute-git-dir"), &folder, err) ||
        !ask(arena, WORDS("config", "-z", "--get-regexp", "^postroom\\."), &records, err))
        return false;
    if (folder.n == 0)
        return error_set(err, ERROR_NOT_FOUND, "this is no git repository");
    while (records.n > 0)
        read_wish(&wishes, span_take_until(&records, '\0'));
    if (wishes.topic.n == 0)
        wishes.topic = topic_of_folder(arena, folder);
    *ret_wishes = wishes;
    return true;
}

static bool peel(struct arena *arena, const char *object, struct span *ret_commit,
                 struct error *err)
{
    const char *name = arena_printf(arena, "%s^{commit}", object);

    if (!ask(arena, WORDS("rev-parse", "--verify", "--quiet", name), ret_commit, err))
        return false;
    if (!git_output_is_object(*ret_commit))
        *ret_commit = SPAN("");
    return true;
}

static bool peel_both(struct arena *arena, struct git_ref *ref, struct error *err)
{
    if (!git_ref_is_history(ref))
        return true;
    return (git_ref_is_new(ref) ||
            peel(arena, arena_text(arena, ref->old), &ref->old_commit, err)) &&
           (git_ref_is_gone(ref) ||
            peel(arena, arena_text(arena, ref->new), &ref->new_commit, err));
}

/* Where the push found things: what its references led to before, and all other references. */
static void add_others(struct call *call, const struct git_push *push, struct arena *arena)
{
    add(call, "--not");
    for (size_t i = 0; i < push->ref_count; i++)
        if (push->refs[i].old_commit.n > 0)
            add(call, arena_text(arena, push->refs[i].old_commit));
    for (size_t i = 0; i < push->ref_count; i++)
        add(call, arena_printf(arena, "--exclude=%.*s", SPAN_ARGS(push->refs[i].name)));
    add(call, "--glob=refs/*");
}

static bool count_new(const struct git_push *push, struct git_ref *ref, struct arena *arena,
                      struct error *err)
{
    struct call call = { .n = 0 };
    struct span answer;

    add_all(&call, WORDS("rev-list", "--count", arena_text(arena, ref->new_commit)));
    add_others(&call, push, arena);
    if (!ask(arena, call.argv, &answer, err))
        return false;
    if (!text_to_integer(answer, 0, INT64_MAX, &ref->gained))
        ref->gained = GIT_UNKNOWN;
    ref->lost = 0;
    return true;
}

static bool count_moved(struct git_ref *ref, struct arena *arena, struct error *err)
{
    const char *range =
        arena_printf(arena, "%.*s...%.*s", SPAN_ARGS(ref->old_commit), SPAN_ARGS(ref->new_commit));
    struct span answer;
    struct span left;

    if (!ask(arena, WORDS("rev-list", "--count", "--left-right", range), &answer, err))
        return false;
    left = span_take_until(&answer, '\t');
    if (!text_to_integer(left, 0, INT64_MAX, &ref->lost) ||
        !text_to_integer(answer, 0, INT64_MAX, &ref->gained))
        ref->lost = ref->gained = GIT_UNKNOWN;
    return true;
}

/* The commits as they come. */
struct reading {
    struct git_push *push;
    struct arena *arena;
};

static void take_commit(void *owner, struct span record)
{
    struct reading *reading = owner;
    struct git_push *push = reading->push;

    if (push->commit_count < GIT_COMMITS_LIMIT &&
        git_output_read_commit(arena_copy(reading->arena, span_first(record, COMMIT_ROOM)),
                               &push->commits[push->commit_count]))
        push->commit_count++;
}

static bool add_tips(struct call *call, const struct git_push *push, struct arena *arena)
{
    bool any = false;

    for (size_t i = 0; i < push->ref_count; i++) {
        if (push->refs[i].new_commit.n == 0)
            continue;
        add(call, arena_text(arena, push->refs[i].new_commit));
        any = true;
    }
    return any;
}

static bool count_commits(struct git_push *push, struct arena *arena, struct error *err)
{
    struct call call = { .n = 0 };
    struct span answer;
    int64_t all;

    add_all(&call, WORDS("rev-list", "--count"));
    (void)add_tips(&call, push, arena);
    add_others(&call, push, arena);
    if (!ask(arena, call.argv, &answer, err))
        return false;
    if (text_to_integer(answer, (int64_t)push->commit_count, INT64_MAX, &all))
        push->commits_left_out = all - (int64_t)push->commit_count;
    return true;
}

static bool read_commits(struct git_push *push, struct arena *arena, struct error *err)
{
    struct call call = { .n = 0 };
    struct reading reading = { push, arena };
    struct git_records records;
    int code;
    bool ok;

    push->commits = ARENA_ARRAY(arena, struct git_commit, GIT_COMMITS_LIMIT);
    add_all(&call, WORDS("git", "log", "-z", "--encoding=UTF-8", "--no-color", "--no-notes",
                         "--no-show-signature", "--no-patch", GIT_OUTPUT_COMMIT_FORMAT,
                         arena_printf(arena, "--max-count=%d", GIT_COMMITS_LIMIT)));
    if (!add_tips(&call, push, arena))
        return true;
    add_others(&call, push, arena);
    git_records_init(&records, take_commit, &reading);
    ok = run(&call, git_records_feed, &records, &code, err);
    git_records_end(&records);
    if (!ok)
        return false;
    return push->commit_count < GIT_COMMITS_LIMIT || count_commits(push, arena, err);
}

/* The last line of what comes, however much that is. */
struct last_line {
    char at[80];
    size_t n;
};

static void keep_last_line(void *owner, struct span bytes)
{
    struct last_line *last = owner;

    for (size_t i = 0; i < bytes.n; i++) {
        if (last->n > 0 && last->at[last->n - 1] == '\n')
            last->n = 0;
        if (last->n < sizeof last->at)
            last->at[last->n++] = bytes.at[i];
    }
}

/* What a new branch or tag grew from: the parent of its oldest new commit, or nothing at all. */
static bool find_root(const struct git_push *push, const struct git_ref *ref, struct arena *arena,
                      struct span *ret_root, struct error *err)
{
    struct call call = { .n = 0 };
    struct last_line last = { .n = 0 };
    struct span oldest;
    int code;

    add_all(&call, WORDS("git", "rev-list", "--first-parent", arena_text(arena, ref->new_commit)));
    add_others(&call, push, arena);
    if (!run(&call, keep_last_line, &last, &code, err))
        return false;
    oldest = span_trim((struct span){ last.at, last.n });
    if (!git_output_is_object(oldest)) {
        *ret_root = SPAN("");
        return true;
    }
    if (!peel(arena, arena_printf(arena, "%.*s^", SPAN_ARGS(oldest)), ret_root, err))
        return false;
    return ret_root->n > 0 ||
           ask(arena, WORDS("hash-object", "-t", "tree", "--stdin"), ret_root, err);
}

static void count_files(void *owner, struct span bytes)
{
    int64_t *files = owner;

    for (size_t i = 0; i < bytes.n; i++)
        *files += bytes.at[i] == '\0';
}

struct path_reading {
    struct git_paths *paths;
    struct git_ref *ref;
};

static void take_path(void *owner, struct span record)
{
    struct path_reading *reading = owner;
    struct git_path path = git_output_read_path(record);

    git_paths_add(reading->paths, &path);
    if (path.added == GIT_UNKNOWN)
        return;
    reading->ref->added += path.added;
    reading->ref->removed += path.removed;
}

static bool read_paths(struct git_push *push, struct git_ref *ref, struct call *call,
                       struct error *err)
{
    struct path_reading reading = { &push->paths, ref };
    struct git_records records;
    int code;
    bool ok;

    if (ref->files <= FILES_COUNTED)
        ref->added = ref->removed = 0;
    git_records_init(&records, take_path, &reading);
    ok = run(call, git_records_feed, &records, &code, err);
    git_records_end(&records);
    return ok;
}

static bool compare(struct git_push *push, struct git_ref *ref, struct span root,
                    struct arena *arena, struct error *err)
{
    enum { FORM = 2 };
    struct call call = { .n = 0 };
    int code;

    if (root.n == 0 || ref->new_commit.n == 0)
        return true;
    add_all(&call, WORDS("git", "diff-tree", "--name-only", "-r", "-z", "--no-renames",
                         arena_text(arena, root), arena_text(arena, ref->new_commit)));
    ref->files = 0;
    if (!run(&call, count_files, &ref->files, &code, err))
        return false;
    if (ref->files <= FILES_COUNTED)
        call.argv[FORM] = "--numstat";
    return ref->files == 0 || read_paths(push, ref, &call, err);
}

static bool describe_ref(struct git_push *push, struct git_ref *ref, struct arena *arena,
                         struct error *err)
{
    struct span root = ref->old_commit;

    if (ref->new_commit.n == 0)
        return true;
    if (ref->old_commit.n > 0)
        return count_moved(ref, arena, err) && compare(push, ref, root, arena, err);
    return count_new(push, ref, arena, err) && find_root(push, ref, arena, &root, err) &&
           compare(push, ref, root, arena, err);
}

bool git_repository_describe(struct git_push *push, struct arena *arena, struct error *err)
{
    size_t n = push->ref_count < REFS_COUNTED ? push->ref_count : REFS_COUNTED;

    for (size_t i = 0; i < push->ref_count; i++)
        if (!peel_both(arena, &push->refs[i], err))
            return false;
    if (!read_commits(push, arena, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!describe_ref(push, &push->refs[i], arena, err))
            return false;
    return true;
}
