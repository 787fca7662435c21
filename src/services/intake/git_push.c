/*
 * The words of a push. Names, subjects and paths come from whoever pushes: control characters and
 * bytes that are no UTF-8 are shown as \xHH, as git's own output would.
 */
#include "services/intake/git_push.h"

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "services/intake/event_draft.h"

enum {
    WORDS_LIMIT = 200 << 10,
    LINE_LIMIT = 2000,    /* bytes of a name, a path or a subject that are shown */
    TITLE_SUBJECT = 120,  /* bytes of the one commit's subject in the title */
    BODY_LIMIT = 4000,    /* bytes of the one commit's message */
    COMMITTER_LIMIT = 50, /* bytes of a committer's name, each shown as four at most */
    SHORT_ID = 12,        /* digits people see of an object */
    NAMED_MOST = 100,     /* commits that the text names */
    PATHS_MOST = 30       /* and paths: more than that nobody reads */
};

static bool is_nothing(struct span object)
{
    for (size_t i = 0; i < object.n; i++)
        if (object.at[i] != '0')
            return false;
    return true;
}

bool git_ref_is_new(const struct git_ref *ref)
{
    return is_nothing(ref->old);
}

bool git_ref_is_gone(const struct git_ref *ref)
{
    return is_nothing(ref->new);
}

/* Whether something follows `start`. */
static bool stands_below(const struct git_ref *ref, struct span start)
{
    return span_starts(ref->name, start) && ref->name.n > start.n;
}

static bool is_tag(const struct git_ref *ref)
{
    return stands_below(ref, SPAN("refs/tags/"));
}

static bool is_branch(const struct git_ref *ref)
{
    return stands_below(ref, SPAN("refs/heads/"));
}

bool git_ref_is_history(const struct git_ref *ref)
{
    return is_branch(ref) || is_tag(ref);
}

/* Without what stands before the names of all branches or tags. */
static struct span short_name(const struct git_ref *ref)
{
    if (is_branch(ref))
        return span_rest(ref->name, sizeof "refs/heads/" - 1);
    return is_tag(ref) ? span_rest(ref->name, sizeof "refs/tags/" - 1) : ref->name;
}

/* At most so many bytes, between two characters. */
static struct span cut(struct span text, size_t most)
{
    size_t n = text.n < most ? text.n : most;

    while (n < text.n && n > 0 && ((unsigned char)text.at[n] & 0xC0) == 0x80)
        n--;
    return span_first(text, n);
}

static void put_line(struct buf *to, struct span text)
{
    text_put_visible(to, cut(text, LINE_LIMIT));
}

static void put_count(struct buf *to, int64_t n, const char *what)
{
    buf_printf(to, "%lld %s%s", (long long)n, what, n == 1 ? "" : "s");
}

static void put_name(struct buf *to, const struct git_ref *ref)
{
    if (is_tag(ref))
        buf_put_text(to, "tag ");
    put_line(to, short_name(ref));
}

static void put_moved(struct buf *to, const struct git_ref *ref)
{
    bool is_rewritten = ref->lost > 0;

    if (is_rewritten && ref->gained > 0) {
        buf_put_text(to, " rewritten: ");
        put_count(to, ref->gained, "commit");
        buf_printf(to, " in place of %lld", (long long)ref->lost);
    } else if (is_rewritten) {
        buf_put_text(to, " taken back by ");
        put_count(to, ref->lost, "commit");
    } else if (ref->gained > 0) {
        buf_put_text(to, ": ");
        put_count(to, ref->gained, "commit");
    } else {
        buf_put_text(to, " moved");
    }
}

/* "main: 3 commits" */
static void put_headline(struct buf *to, const struct git_ref *ref)
{
    if (git_ref_is_new(ref))
        buf_put_text(to, is_branch(ref) ? "new branch " : "new ");
    put_name(to, ref);
    if (git_ref_is_gone(ref)) {
        buf_put_text(to, " deleted");
    } else if (!git_ref_is_new(ref)) {
        put_moved(to, ref);
    } else if (ref->gained > 0) {
        buf_put_text(to, ": ");
        put_count(to, ref->gained, "commit");
    }
}

static void put_title(struct buf *to, const struct git_push *push)
{
    const struct git_ref *ref = &push->refs[0];
    int64_t others = (int64_t)push->ref_count - 1 + push->refs_left_out;

    if (others == 0 && push->commit_count == 1 && ref->gained == 1 && ref->lost == 0 &&
        !git_ref_is_new(ref) && span_trim(push->commits[0].subject).n > 0) {
        put_name(to, ref);
        buf_put_text(to, ": ");
        put_line(to, cut(push->commits[0].subject, TITLE_SUBJECT));
        return;
    }
    put_headline(to, ref);
    if (others > 0)
        buf_printf(to, ", and %lld other reference%s", (long long)others, others == 1 ? "" : "s");
}

/* "5 files changed, 120 lines added, 3 removed" */
static void put_statistics(struct buf *to, const struct git_ref *ref)
{
    put_count(to, ref->files, "file");
    buf_put_text(to, " changed");
    if (ref->added == GIT_UNKNOWN)
        return;
    buf_put_text(to, ", ");
    put_count(to, ref->added, "line");
    buf_printf(to, " added, %lld removed", (long long)ref->removed);
}

static void put_refs(struct buf *to, const struct git_push *push)
{
    if (push->ref_count == 1 && push->refs_left_out == 0)
        return;
    for (size_t i = 0; i < push->ref_count; i++) {
        put_headline(to, &push->refs[i]);
        if (push->refs[i].files > 0) {
            buf_put_text(to, "; ");
            put_statistics(to, &push->refs[i]);
        }
        buf_put_byte(to, '\n');
    }
    if (push->refs_left_out > 0) {
        buf_put_text(to, "and ");
        put_count(to, push->refs_left_out, "other reference");
        buf_put_byte(to, '\n');
    }
    buf_put_byte(to, '\n');
}

static void put_body(struct buf *to, struct span body)
{
    struct span rest = cut(body, BODY_LIMIT);

    while (rest.n > 0) {
        struct span line = span_take_until(&rest, '\n');

        if (span_ends(line, SPAN("\r")))
            line.n--;
        while (line.n > 0) {
            struct span part = span_take_until(&line, '\t');

            put_line(to, part);
            buf_put_text(to, line.n > 0 ? "    " : "");
        }
        buf_put_byte(to, '\n');
    }
    if (body.n > BODY_LIMIT)
        buf_put_text(to, "...\n");
}

/* Whether several commits, all of which are known, are one author's: said once is enough. */
static bool are_one_authors(const struct git_push *push)
{
    for (size_t i = 1; i < push->commit_count; i++)
        if (!span_equal(push->commits[i].author, push->commits[0].author))
            return false;
    return push->commit_count > 1 && push->commits_left_out == 0;
}

static void put_commit(struct buf *to, const struct git_commit *commit, bool with_author)
{
    buf_printf(to, "%.*s ", SPAN_ARGS(span_first(commit->id, SHORT_ID)));
    put_line(to, commit->subject);
    if (with_author) {
        buf_put_text(to, " (");
        put_line(to, commit->author);
        buf_put_byte(to, ')');
    }
    buf_put_byte(to, '\n');
}

/* Commits that came to a reference of the push and are none of its new ones; of several references
 * nobody can say which came to which, so only whether all are known is told. */
static void put_known_before(struct buf *to, const struct git_push *push)
{
    int64_t fresh = (int64_t)push->commit_count + push->commits_left_out;
    int64_t gained = 0;

    for (size_t i = 0; i < push->ref_count; i++)
        gained += push->refs[i].gained > 0 ? push->refs[i].gained : 0;
    if (gained > 0 && fresh == 0)
        buf_put_text(to, "All commits had been pushed before, to other references.\n");
    else if (push->ref_count == 1 && gained > fresh)
        buf_printf(to, "and %lld that had been pushed before, to other references\n",
                   (long long)(gained - fresh));
}

static void put_commits(struct buf *to, const struct git_push *push, size_t most)
{
    size_t n = push->commit_count < most ? push->commit_count : most;
    int64_t others = push->commits_left_out + (int64_t)(push->commit_count - n);
    bool by_one = are_one_authors(push);

    for (size_t i = 0; i < n; i++)
        put_commit(to, &push->commits[i], !by_one);
    if (others > 0)
        buf_printf(to, "and %lld more\n", (long long)others);
    if (by_one) {
        buf_put_text(to, "All by ");
        put_line(to, push->commits[0].author);
        buf_put_byte(to, '\n');
    }
    put_known_before(to, push);
    if (n == 1 && others == 0 && push->commits[0].body.n > 0) {
        buf_put_byte(to, '\n');
        put_body(to, push->commits[0].body);
    }
    if (to->n > 0)
        buf_put_byte(to, '\n');
}

/* The only reference whose files changed; NULL when there is none or several. */
static const struct git_ref *only_changed(const struct git_push *push)
{
    const struct git_ref *only = NULL;

    for (size_t i = 0; i < push->ref_count; i++) {
        if (push->refs[i].files <= 0)
            continue;
        if (only != NULL)
            return NULL;
        only = &push->refs[i];
    }
    return only;
}

static void put_paths(struct buf *to, const struct git_push *push, size_t most)
{
    const struct git_paths *paths = &push->paths;
    const struct git_ref *only = only_changed(push);
    size_t n = paths->n < most ? paths->n : most;
    int64_t others = paths->left_out + (int64_t)(paths->n - n);

    if (!paths->any)
        return;
    if (only != NULL)
        put_statistics(to, only);
    else
        buf_put_text(to, "Changed files");
    buf_put_text(to, ":\n");
    for (size_t i = 0; i < n; i++) {
        const struct git_path *path = &paths->at[i];

        put_line(to, path->path);
        if (path->added != GIT_UNKNOWN)
            buf_printf(to, "  +%lld -%lld", (long long)path->added, (long long)path->removed);
        buf_put_byte(to, '\n');
    }
    if (others > 0)
        buf_printf(to, "and %lld more\n", (long long)others);
}

static json_t *buf_json(struct buf *text)
{
    json_t *value = json_stringn(text->n > 0 ? text->at : "", text->n);

    buf_clear(text);
    return value;
}

static json_t *visible_json(struct span text)
{
    CLEANUP(buf_fini) struct buf visible;

    buf_init(&visible, 4 * LINE_LIMIT + 1);
    put_line(&visible, text);
    return buf_json(&visible);
}

static void set(json_t *object, const char *name, json_t *value)
{
    (void)json_object_set_new(object, name, value);
}

static void set_object(json_t *object, const char *name, struct span id, size_t most)
{
    if (!is_nothing(id))
        set(object, name, json_stringn(id.at, id.n < most ? id.n : most));
}

static void set_number(json_t *object, const char *name, int64_t number)
{
    if (number != GIT_UNKNOWN)
        set(object, name, json_integer(number));
}

/* The branches and tags as fields that changed, so that several pushes add up in one mail. */
static json_t *changes_json(const struct git_push *push)
{
    json_t *array = json_array();
    CLEANUP(buf_fini) struct buf field;

    buf_init(&field, EVENT_FIELD_LIMIT);
    for (size_t i = 0; i < push->ref_count; i++) {
        const struct git_ref *ref = &push->refs[i];
        json_t *change;

        put_name(&field, ref);
        if (field.overflown) {
            buf_clear(&field);
            continue;
        }
        change = json_object();
        set(change, "field", buf_json(&field));
        set_object(change, "old", ref->old, SHORT_ID);
        set_object(change, "new", ref->new, SHORT_ID);
        (void)json_array_append_new(array, change);
    }
    return array;
}

json_t *git_push_branches(const struct git_push *push)
{
    json_t *array = json_array();

    for (size_t i = 0; i < push->ref_count; i++) {
        struct span name = short_name(&push->refs[i]);

        if (is_branch(&push->refs[i]) && text_is_utf8(name))
            (void)json_array_append_new(array, json_stringn(name.at, name.n));
    }
    if (push->refs_left_out > 0 || json_array_size(array) > GIT_BRANCHES_LIMIT)
        (void)json_array_clear(array);
    return array;
}

static json_t *ref_json(const struct git_ref *ref)
{
    json_t *object = json_object();

    set(object, "ref", visible_json(ref->name));
    set_object(object, "old", ref->old, ref->old.n);
    set_object(object, "new", ref->new, ref->new.n);
    set_number(object, "gained", ref->gained);
    set_number(object, "lost", ref->lost);
    set_number(object, "files", ref->files);
    set_number(object, "added", ref->added);
    set_number(object, "removed", ref->removed);
    return object;
}

static json_t *commit_json(const struct git_commit *commit)
{
    json_t *object = json_object();
    CLEANUP(buf_fini) struct buf at;

    buf_init(&at, 40);
    text_put_time(&at, commit->at);
    set(object, "commit", json_stringn(commit->id.at, commit->id.n));
    set(object, "at", buf_json(&at));
    set(object, "author", visible_json(commit->author));
    set(object, "author_address", visible_json(commit->author_address));
    set(object, "subject", visible_json(commit->subject));
    return object;
}

static json_t *path_json(const struct git_path *path)
{
    json_t *object = json_object();

    set(object, "path", visible_json(path->path));
    set_number(object, "added", path->added);
    set_number(object, "removed", path->removed);
    return object;
}

/* For programs that read the event; templates show the text. */
static json_t *data_json(const struct git_push *push, size_t most)
{
    json_t *refs = json_array();
    json_t *commits = json_array();
    json_t *paths = json_array();
    size_t commit_count = push->commit_count < most ? push->commit_count : most;
    size_t path_count = push->paths.n < most ? push->paths.n : most;
    json_t *data;

    for (size_t i = 0; i < push->ref_count; i++)
        (void)json_array_append_new(refs, ref_json(&push->refs[i]));
    for (size_t i = 0; i < commit_count; i++)
        (void)json_array_append_new(commits, commit_json(&push->commits[i]));
    for (size_t i = 0; i < path_count; i++)
        (void)json_array_append_new(paths, path_json(&push->paths.at[i]));
    data = json_pack("{s:o, s:o, s:o}", "refs", refs, "commits", commits, "paths", paths);
    set_number(data, "refs_left_out", push->refs_left_out);
    set_number(data, "commits_left_out",
               push->commits_left_out + (int64_t)(push->commit_count - commit_count));
    set_number(data, "paths_left_out",
               push->paths.left_out + (int64_t)(push->paths.n - path_count));
    return data;
}

static json_t *event_json(const struct git_push *push, size_t most)
{
    json_t *event = json_object();
    CLEANUP(buf_fini) struct buf words;

    buf_init(&words, WORDS_LIMIT);
    set(event, "topic", json_stringn(push->topic.at, push->topic.n));
    set(event, "kind", json_string("pushed"));
    put_title(&words, push);
    buf_cut(&words, cut(buf_view(&words), EVENT_TITLE_LIMIT).n);
    set(event, "title", buf_json(&words));
    put_refs(&words, push);
    put_commits(&words, push, most);
    put_paths(&words, push, most < PATHS_MOST ? most : PATHS_MOST);
    if (words.n > 0)
        set(event, "text", buf_json(&words));
    if (push->url.n > 0)
        set(event, "url", json_stringn(push->url.at, push->url.n));
    set(event, "changes", changes_json(push));
    set(event, "data", data_json(push, 2 * most));
    return event;
}

json_t *git_push_event(const struct git_push *push, size_t limit)
{
    size_t most = NAMED_MOST;
    json_t *event = event_json(push, most);

    while (json_dumpb(event, NULL, 0, JSON_COMPACT) > limit && most > 0) {
        most /= 2;
        json_decref(event);
        event = event_json(push, most);
    }
    return event;
}

json_t *git_push_committer(const struct git_push *push)
{
    const struct git_commit *commit = &push->commits[0];
    json_t *object;

    if (push->commit_count == 0)
        return NULL;
    object = json_object();
    set(object, "name", visible_json(cut(commit->committer, COMMITTER_LIMIT)));
    set(object, "address", visible_json(commit->committer_address));
    return object;
}

static bool is_plain_in_url(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("-._~/", byte) != NULL);
}

static void put_encoded(struct buf *to, struct span text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (is_plain_in_url(text.at[i]))
            buf_put_byte(to, text.at[i]);
        else
            buf_printf(to, "%%%02X", (unsigned char)text.at[i]);
    }
}

void git_ref_put_url(struct buf *to, const struct git_ref *ref, struct span template)
{
    const struct {
        struct span name;
        struct span value;
    } places[] = { { SPAN("{old}"), ref->old },
                   { SPAN("{new}"), ref->new },
                   { SPAN("{ref}"), ref->name },
                   { SPAN("{name}"), short_name(ref) } };

    while (template.n > 0) {
        size_t taken = 1;

        for (size_t i = 0; i < ARRAY_LENGTH(places); i++)
            if (span_starts(template, places[i].name)) {
                put_encoded(to, places[i].value);
                taken = places[i].name.n;
            }
        if (taken == 1)
            buf_put_byte(to, template.at[0]);
        template = span_rest(template, taken);
    }
}
