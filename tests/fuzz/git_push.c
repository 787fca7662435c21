/*
 * Pushes as git tells them: whatever the names, subjects and paths hold, the event that is made
 * of them is one that intake takes; records are the same at every cut. The input is records ended
 * by NUL, whose first byte says what they are; the first byte of all sets the limit.
 */
#include <assert.h>
#include <jansson.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "services/intake/event_draft.h"
#include "services/intake/git_output.h"
#include "services/intake/git_push.h"
#include "tests/fuzz/target.h"

#define OLD "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NONE "0000000000000000000000000000000000000000"

enum { EVENT_SIZE_MOST = 1 << 20 };

struct reading {
    struct arena arena;
    struct git_push push;
    struct git_ref refs[GIT_REFS_LIMIT];
    struct git_commit commits[GIT_COMMITS_LIMIT];
};

static void take_ref(struct reading *r, struct span name)
{
    struct git_ref *ref = &r->refs[r->push.ref_count];
    struct error err;
    CLEANUP(buf_fini) struct buf line;
    bool is_gone = name.n % 2 == 1;

    buf_init(&line, 1 << 20);
    buf_put_text(&line, is_gone ? OLD " " NONE " refs/" : NONE " " OLD " refs/");
    buf_put(&line, name);
    if (r->push.ref_count == GIT_REFS_LIMIT) {
        r->push.refs_left_out++;
        return;
    }
    assert(git_output_read_ref(arena_copy(&r->arena, buf_view(&line)), ref, &err));
    assert(git_ref_is_gone(ref) == is_gone && git_ref_is_new(ref) != is_gone);
    ref->gained = (int64_t)(name.n % 3);
    ref->files = (int64_t)(name.n % 4) - 1;
    r->push.ref_count++;
}

static void take_commit(struct reading *r, struct span words)
{
    CLEANUP(buf_fini) struct buf record;
    bool fine;

    buf_init(&record, 1 << 20);
    buf_put_text(&record, OLD "\n1790000000\n");
    buf_put(&record, words);
    if (r->push.commit_count == GIT_COMMITS_LIMIT)
        return;
    fine = git_output_read_commit(arena_copy(&r->arena, buf_view(&record)),
                                  &r->commits[r->push.commit_count++]);
    assert(fine);
}

static void take(void *owner, struct span record)
{
    struct reading *r = owner;
    struct span rest = arena_copy(&r->arena, span_rest(record, 1));
    struct git_commit commit;
    struct git_path path;
    struct git_ref ref;
    struct error err;

    if (record.n == 0)
        return;
    if (record.at[0] == 'R') {
        take_ref(r, rest);
    } else if (record.at[0] == 'C') {
        take_commit(r, rest);
    } else if (record.at[0] == 'P') {
        path = git_output_read_path(rest);
        assert(path.added >= GIT_UNKNOWN && path.removed >= GIT_UNKNOWN);
        git_paths_add(&r->push.paths, &path);
    } else {
        if (git_output_read_ref(record, &ref, &err))
            assert(git_output_is_object(ref.old) && git_output_is_object(ref.new));
        if (git_output_read_commit(record, &commit))
            assert(git_output_is_object(commit.id));
    }
}

static void check_event(const struct reading *r, size_t limit)
{
    const struct settings settings = { .event_size_limit = EVENT_SIZE_MOST };
    json_t *event = git_push_event(&r->push, limit);
    const struct request request = { event, 1790000000000, "git", &settings };
    json_t *committer = git_push_committer(&r->push);
    json_t *folders = git_paths_folders(&r->push.paths);
    CLEANUP(arena_fini) struct arena arena;
    struct event_draft draft;
    struct error err = { .text = "" };
    bool taken;

    arena_init(&arena);
    taken = event_draft_read(&request, &arena, &draft, &err);
    if (!taken)
        (void)fprintf(stderr, "%s\n", err.text);
    assert(taken);
    assert((committer != NULL) == (r->push.commit_count > 0));
    assert(text_is_utf8(git_paths_whole(&r->push.paths)));
    json_decref(committer);
    json_decref(folders);
    json_decref(event);
}

static void read_records(struct reading *r, struct span in, size_t piece)
{
    struct git_records records;

    *r = (struct reading){ .push = { .topic = SPAN("repo/x") } };
    arena_init(&r->arena);
    r->push.refs = r->refs;
    r->push.commits = r->commits;
    git_paths_init(&r->push.paths, &r->arena);
    git_records_init(&records, take, r);
    for (; in.n > 0; in = span_rest(in, span_first(in, piece).n))
        git_records_feed(&records, span_first(in, piece));
    git_records_end(&records);
}

static void reading_fini(struct reading *r)
{
    git_paths_fini(&r->push.paths);
    arena_fini(&r->arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct reading whole;
    static struct reading pieces;
    struct span in;

    if (size < 1)
        return 0;
    in = (struct span){ (const char *)data + 1, size - 1 };
    read_records(&whole, in, in.n + 1);
    read_records(&pieces, in, 1 + data[0] % 7);
    assert(whole.push.ref_count == pieces.push.ref_count);
    assert(whole.push.commit_count == pieces.push.commit_count);
    assert(whole.push.paths.n == pieces.push.paths.n);
    assert(span_equal(whole.push.paths.whole, pieces.push.paths.whole));
    if (whole.push.ref_count > 0)
        check_event(&whole, 1000 + (size_t)data[0] * 200);
    reading_fini(&whole);
    reading_fini(&pieces);
    return 0;
}
