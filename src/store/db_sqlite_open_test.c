#include <sys/stat.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/table.h"
#include "store/db.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

/* What reading does to a store in each state a writer, a crash or a copy can leave it in. */
struct fixture {
    struct scratch scratch;
    struct error err;
};

static int set_up(void **state)
{
    struct fixture *f = NEW(struct fixture);

    *state = f;
    f->scratch = scratch_new();
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    (void)chmod(f->scratch.folder, 0700);
    scratch_fini(&f->scratch);
    alloc_free(f);
    return 0;
}

static void need(struct fixture *f, bool ok)
{
    if (!ok)
        fail_msg("%s", f->err.text);
}

static struct db *open_store(struct fixture *f, enum db_access access)
{
    struct db *db = NULL;

    need(f, db_open(scratch_path(&f->scratch, "s.db"), access, &db, &f->err));
    return db;
}

static void add_rows(struct fixture *f, struct db *db, int n)
{
    need(f, db_begin(db, &f->err));
    for (int i = 0; i < n; i++)
        need(f, db_run(db, &f->err, SQL("INSERT INTO thing (name) VALUES ($1)"),
                       db_string("a thing")));
    need(f, db_commit(db, &f->err));
}

/* A writer with ten rows, of which five are in the log alone. */
static struct db *new_store(struct fixture *f)
{
    struct db *db = open_store(f, DB_CREATE);

    need(f, db_run_script(db, "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT) STRICT",
                          &f->err));
    add_rows(f, db, 5);
    need(f, db_run_script(db, "PRAGMA wal_checkpoint", &f->err));
    add_rows(f, db, 5);
    return db;
}

static bool count_rows(struct db *db, int64_t *ret_n, struct error *err)
{
    bool found;

    return db_find_int(db, err, &found, ret_n, SQL("SELECT count(*) FROM thing WHERE id > $1"),
                       db_int(0));
}

static struct buf read_file(struct fixture *f, const char *name)
{
    struct buf bytes;
    FILE *file = fopen(scratch_path(&f->scratch, name), "rb");

    buf_init(&bytes, 1 << 24);
    if (file != NULL) {
        char chunk[4096];
        size_t n;

        while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
            buf_put(&bytes, (struct span){ chunk, n });
        (void)fclose(file);
    }
    return bytes;
}

/* A sum over a file; of one that does not exist 0. */
static uint64_t sum_of(struct fixture *f, const char *name)
{
    CLEANUP(buf_fini) struct buf bytes = read_file(f, name);

    return access(scratch_path(&f->scratch, name), F_OK) == 0 ? table_hash(buf_view(&bytes)) : 0;
}

static void copy_file(struct fixture *f, const char *from, const char *to)
{
    CLEANUP(buf_fini) struct buf bytes = read_file(f, from);
    FILE *file = fopen(scratch_path(&f->scratch, to), "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.n, file), bytes.n);
    assert_int_equal(fclose(file), 0);
}

static bool has(struct fixture *f, const char *name)
{
    return access(scratch_path(&f->scratch, name), F_OK) == 0;
}

/* Reads the store as a command does, and holds its files against what they were. */
static void read_changes_nothing(struct fixture *f, int64_t rows)
{
    uint64_t database = sum_of(f, "s.db");
    uint64_t log = sum_of(f, "s.db-wal");
    struct db *reader = open_store(f, DB_READ);
    int64_t n;

    need(f, db_begin(reader, &f->err));
    need(f, count_rows(reader, &n, &f->err));
    need(f, db_commit(reader, &f->err));
    assert_int_equal(n, rows);
    assert_false(db_run(reader, &f->err, SQL("DELETE FROM thing WHERE id > $1"), db_int(0)));
    db_close(reader);
    assert_true(sum_of(f, "s.db") == database);
    assert_true(sum_of(f, "s.db-wal") == log);
}

static void beside_a_writer(void **state)
{
    struct fixture *f = *state;
    struct db *writer = new_store(f);

    read_changes_nothing(f, 10);
    add_rows(f, writer, 1);
    read_changes_nothing(f, 11);
    db_close(writer);
}

static void a_reader_sees_one_moment_and_then_the_next(void **state)
{
    struct fixture *f = *state;
    struct db *writer = new_store(f);
    struct db *reader = open_store(f, DB_READ);
    int64_t n;

    need(f, db_begin(reader, &f->err));
    need(f, count_rows(reader, &n, &f->err));
    add_rows(f, writer, 1);
    need(f, count_rows(reader, &n, &f->err));
    assert_int_equal(n, 10);
    need(f, db_commit(reader, &f->err));
    need(f, count_rows(reader, &n, &f->err));
    assert_int_equal(n, 11);
    db_close(reader);
    db_close(writer);
}

static void after_a_writer_ended_in_order(void **state)
{
    struct fixture *f = *state;

    db_close(new_store(f));
    assert_true(has(f, "s.db-wal"));
    read_changes_nothing(f, 10);
    assert_true(has(f, "s.db-wal"));
}

/* Copies taken while a writer lives are what a kill leaves. */
static void after_a_writer_was_killed(void **state)
{
    struct fixture *f = *state;
    struct db *writer = new_store(f);

    copy_file(f, "s.db", "copy");
    copy_file(f, "s.db-wal", "copy-wal");
    db_close(writer);
    copy_file(f, "copy", "s.db");
    copy_file(f, "copy-wal", "s.db-wal");
    read_changes_nothing(f, 10);
    assert_int_equal(remove(scratch_path(&f->scratch, "s.db-shm")), 0);
    read_changes_nothing(f, 10);
}

static void a_copy_of_the_database_alone_is_read_and_no_file_made(void **state)
{
    struct fixture *f = *state;

    db_close(new_store(f));
    assert_int_equal(remove(scratch_path(&f->scratch, "s.db-wal")), 0);
    assert_int_equal(remove(scratch_path(&f->scratch, "s.db-shm")), 0);
    read_changes_nothing(f, 10);
    assert_false(has(f, "s.db-wal"));
    assert_false(has(f, "s.db-shm"));
}

static void a_writer_that_comes_to_a_copy_is_noticed(void **state)
{
    struct fixture *f = *state;
    struct db *reader;
    struct db *writer;
    struct db_rows *rows;
    int64_t n;

    db_close(new_store(f));
    assert_int_equal(remove(scratch_path(&f->scratch, "s.db-wal")), 0);
    reader = open_store(f, DB_READ);
    need(f, count_rows(reader, &n, &f->err));
    rows = db_query_plain(reader, SQL("SELECT id FROM thing"), &f->err);
    assert_true(db_next(rows));
    writer = open_store(f, DB_WRITE);
    add_rows(f, writer, 1);
    assert_false(db_rows_finish(&rows, &f->err)); /* what was read may be torn */
    assert_int_equal(f->err.kind, ERROR_TEMPORARY);
    need(f, count_rows(reader, &n, &f->err));
    assert_int_equal(n, 11);
    db_close(writer);
    db_close(reader);
}

enum { NOBODY = 65534 };

/* Reads as somebody who may not write in the folder; root may everywhere. */
static void read_in_closed_folder(struct fixture *f, int64_t rows)
{
    pid_t child;
    int status;

    assert_int_equal(chmod(f->scratch.folder, 0555), 0);
    assert_int_equal(chmod(scratch_path(&f->scratch, "s.db"), 0444), 0);
    (void)chmod(scratch_path(&f->scratch, "s.db-wal"), 0444);
    (void)chmod(scratch_path(&f->scratch, "s.db-shm"), 0444);
    child = fork();
    if (child == 0) {
        struct db *db = NULL;
        int64_t n = 0;
        bool ok = (getuid() != 0 || setuid(NOBODY) == 0) &&
                  db_open(scratch_path(&f->scratch, "s.db"), DB_READ, &db, &f->err) &&
                  count_rows(db, &n, &f->err);

        if (!ok)
            (void)fprintf(stderr, "# %s\n", f->err.text);
        _exit(ok && n == rows ? 0 : 1 + (int)f->err.kind);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), rows >= 0 ? 0 : 1 + ERROR_IO);
}

static void a_folder_that_may_not_be_written_is_read(void **state)
{
    struct fixture *f = *state;
    struct db *writer = new_store(f);

    copy_file(f, "s.db", "copy");
    copy_file(f, "s.db-wal", "copy-wal");
    db_close(writer);
    read_in_closed_folder(f, 10); /* an empty log and its index */

    assert_int_equal(chmod(f->scratch.folder, 0700), 0);
    assert_int_equal(remove(scratch_path(&f->scratch, "s.db-shm")), 0);
    read_in_closed_folder(f, 10); /* an empty log alone */

    assert_int_equal(chmod(f->scratch.folder, 0700), 0);
    assert_int_equal(remove(scratch_path(&f->scratch, "s.db-wal")), 0);
    read_in_closed_folder(f, 10); /* the database alone */

    assert_int_equal(chmod(f->scratch.folder, 0700), 0);
    assert_int_equal(remove(scratch_path(&f->scratch, "s.db")), 0);
    copy_file(f, "copy", "s.db");
    copy_file(f, "copy-wal", "s.db-wal");
    read_in_closed_folder(f, -1); /* a log without index cannot be read, and that is told */
}

/* The same beside a writer that is at work. */
static void a_reader_who_may_not_write_reads_beside_a_writer(void **state)
{
    struct fixture *f = *state;
    struct db *writer = new_store(f);

    read_in_closed_folder(f, 10);
    db_close(writer);
}

int main(void)
{
#define STORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        STORY(beside_a_writer),
        STORY(a_reader_sees_one_moment_and_then_the_next),
        STORY(after_a_writer_ended_in_order),
        STORY(after_a_writer_was_killed),
        STORY(a_copy_of_the_database_alone_is_read_and_no_file_made),
        STORY(a_writer_that_comes_to_a_copy_is_noticed),
        STORY(a_folder_that_may_not_be_written_is_read),
        STORY(a_reader_who_may_not_write_reads_beside_a_writer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
