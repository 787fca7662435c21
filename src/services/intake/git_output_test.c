/*
 * What git says, in the forms it has: whole, in pieces, and wrong.
 */
#include "services/intake/git_output.h"

#include <stdio.h>

#include "tests/support/cmocka.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define LONG "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void a_line_of_the_hook_is_two_objects_and_a_reference(void **state)
{
    static const struct {
        const char *line;
        const char *name; /* NULL: refused */
    } cases[] = {
        { A " " B " refs/heads/main", "refs/heads/main" },
        { LONG " " LONG " refs/heads/a b", "refs/heads/a b" },
        { A " " B " refs/heads/\xfcml", "refs/heads/\xfcml" },
        { A " " LONG " refs/heads/main", NULL },
        { A " " B " HEAD", NULL },
        { A " --all refs/heads/main", NULL },
        { "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA " B " refs/heads/main", NULL },
        { A " " B, NULL },
        { "", NULL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct git_ref ref;
        struct error err;
        bool ok = git_output_read_ref(span_of(cases[i].line), &ref, &err);

        assert_int_equal(ok, cases[i].name != NULL);
        assert_true(!ok || span_equal(ref.name, span_of(cases[i].name)));
    }
}

static void a_commit_is_lines_and_what_is_left_is_its_message(void **state)
{
    struct git_commit commit;

    (void)state;
    assert_true(git_output_read_commit(
        SPAN(A "\n1795500000\nAna\nana@x\nBo\nbo@x\nMake it better\n\nBecause.\n\nYes.\n"),
        &commit));
    assert_int_equal(commit.at, INT64_C(1795500000000));
    assert_true(span_equal(commit.author, SPAN("Ana")));
    assert_true(span_equal(commit.committer_address, SPAN("bo@x")));
    assert_true(span_equal(commit.subject, SPAN("Make it better")));
    assert_true(span_equal(commit.body, SPAN("Because.\n\nYes.")));
    assert_true(git_output_read_commit(SPAN(A "\n1\n\n\n\n\n\n"), &commit));
    assert_int_equal(commit.subject.n, 0);
    assert_false(git_output_read_commit(SPAN("fatal: bad object"), &commit));
    assert_false(git_output_read_commit(SPAN(A "\nyesterday\n"), &commit));
}

static void a_path_has_numbers_where_lines_were_counted(void **state)
{
    static const struct {
        const char *record;
        const char *path;
        int64_t added;
        int64_t removed;
    } cases[] = {
        { "12\t3\tsrc/a.c", "src/a.c", 12, 3 },
        { "-\t-\tlogo.png", "logo.png", GIT_UNKNOWN, GIT_UNKNOWN },
        { "0\t0\ta\tb", "a\tb", 0, 0 },
        { "src/a.c", "src/a.c", GIT_UNKNOWN, GIT_UNKNOWN },
        { "a\tb\tc", "a\tb\tc", GIT_UNKNOWN, GIT_UNKNOWN },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct git_path path = git_output_read_path(span_of(cases[i].record));

        assert_true(span_equal(path.path, span_of(cases[i].path)));
        assert_int_equal(path.added, cases[i].added);
        assert_int_equal(path.removed, cases[i].removed);
    }
}

static void put_record(void *owner, struct span record)
{
    buf_put_byte(owner, '[');
    buf_put(owner, record);
    buf_put_byte(owner, ']');
}

static void records_come_whole_however_their_bytes_come(void **state)
{
    static const char bytes[] = "one\0\0three\0rest";

    (void)state;
    for (size_t piece = 1; piece <= sizeof bytes; piece++) {
        struct git_records records;
        struct buf seen;

        buf_init(&seen, 100);
        git_records_init(&records, put_record, &seen);
        for (size_t at = 0; at < sizeof bytes - 1; at += piece)
            git_records_feed(&records,
                             span_first((struct span){ bytes + at, piece }, sizeof bytes - 1 - at));
        git_records_end(&records);
        assert_string_equal(buf_text(&seen), "[one][][three][rest]");
        buf_fini(&seen);
    }
}

static void count_bytes(void *owner, struct span record)
{
    *(size_t *)owner = record.n;
}

static void a_record_without_end_is_cut(void **state)
{
    struct git_records records;
    char piece[1000];
    size_t n = 0;

    (void)state;
    memset(piece, 'x', sizeof piece);
    git_records_init(&records, count_bytes, &n);
    for (int i = 0; i < 100; i++)
        git_records_feed(&records, (struct span){ piece, sizeof piece });
    git_records_feed(&records, (struct span){ "", 1 });
    assert_int_equal(n, GIT_RECORD_LIMIT);
    git_records_feed(&records, (struct span){ "a\0", 2 });
    assert_int_equal(n, 1);
    git_records_end(&records);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_of_the_hook_is_two_objects_and_a_reference),
        cmocka_unit_test(a_commit_is_lines_and_what_is_left_is_its_message),
        cmocka_unit_test(a_path_has_numbers_where_lines_were_counted),
        cmocka_unit_test(records_come_whole_however_their_bytes_come),
        cmocka_unit_test(a_record_without_end_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
