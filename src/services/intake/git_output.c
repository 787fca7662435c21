/*
 * Reading git's own formats; see githooks(5), git-log(1), git-diff-tree(1).
 */
#include "services/intake/git_output.h"

#include "base/text.h"

enum { SHA1_DIGITS = 40, SHA256_DIGITS = 64 };

bool git_output_is_object(struct span text)
{
    if (text.n != SHA1_DIGITS && text.n != SHA256_DIGITS)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        char byte = text.at[i];

        if (!(byte >= '0' && byte <= '9') && !(byte >= 'a' && byte <= 'f'))
            return false;
    }
    return true;
}

bool git_output_read_ref(struct span line, struct git_ref *ret_ref, struct error *err)
{
    struct span rest = line;
    struct span old = span_take_until(&rest, ' ');
    struct span new = span_take_until(&rest, ' ');

    if (!git_output_is_object(old) || !git_output_is_object(new) || old.n != new.n ||
        !span_starts(rest, SPAN("refs/")))
        return error_set(err, ERROR_INVALID, "must be lines of OLD NEW REF, as git gives them");
    *ret_ref = (struct git_ref){ .name = rest,
                                 .old = old,
                                 .new = new,
                                 .gained = GIT_UNKNOWN,
                                 .lost = GIT_UNKNOWN,
                                 .files = GIT_UNKNOWN,
                                 .added = GIT_UNKNOWN,
                                 .removed = GIT_UNKNOWN };
    return true;
}

bool git_output_read_commit(struct span record, struct git_commit *ret_commit)
{
    struct span rest = record;
    struct git_commit commit = { .id = span_take_until(&rest, '\n') };
    int64_t seconds;

    if (!git_output_is_object(commit.id) ||
        !text_to_integer(span_take_until(&rest, '\n'), INT32_MIN, INT64_MAX / 1000, &seconds))
        return false;
    commit.at = seconds * 1000;
    commit.author = span_take_until(&rest, '\n');
    commit.author_address = span_take_until(&rest, '\n');
    commit.committer = span_take_until(&rest, '\n');
    commit.committer_address = span_take_until(&rest, '\n');
    commit.subject = span_take_until(&rest, '\n');
    commit.body = span_trim(rest);
    *ret_commit = commit;
    return true;
}

/* A number of lines; "-" stands for a binary file. */
static bool read_lines(struct span text, int64_t *ret_lines)
{
    if (span_equal(text, SPAN("-"))) {
        *ret_lines = GIT_UNKNOWN;
        return true;
    }
    return text_to_integer(text, 0, INT64_MAX, ret_lines);
}

struct git_path git_output_read_path(struct span record)
{
    struct span rest = record;
    struct span added = span_take_until(&rest, '\t');
    struct span removed = span_take_until(&rest, '\t');
    struct git_path path = { .path = rest };

    if (rest.n > 0 && read_lines(added, &path.added) && read_lines(removed, &path.removed))
        return path;
    return (struct git_path){ .path = record, .added = GIT_UNKNOWN, .removed = GIT_UNKNOWN };
}

void git_records_init(struct git_records *records, void (*take)(void *owner, struct span record),
                      void *owner)
{
    buf_init(&records->part, GIT_RECORD_LIMIT);
    records->take = take;
    records->owner = owner;
}

/* The buf refuses a piece that does not fit; what fits of it is kept. */
static void keep(struct buf *part, struct span bytes)
{
    buf_put(part, span_first(bytes, part->limit - part->n));
}

void git_records_feed(void *owner, struct span bytes)
{
    struct git_records *records = owner;

    while (bytes.n > 0) {
        size_t end = span_index(bytes, '\0');

        keep(&records->part, span_first(bytes, end));
        if (end == bytes.n)
            return;
        records->take(records->owner, buf_view(&records->part));
        buf_clear(&records->part);
        bytes = span_rest(bytes, end + 1);
    }
}

void git_records_end(struct git_records *records)
{
    if (records->part.n > 0)
        records->take(records->owner, buf_view(&records->part));
    buf_fini(&records->part);
}
