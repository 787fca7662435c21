#include "store/db.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "store/db_internal.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

struct fixture {
    struct scratch scratch;
    struct db *db;
    struct error err;
};

static int set_up(void **state)
{
    struct fixture *f = NEW(struct fixture);

    *state = f;
    f->scratch = scratch_new();
    if (!db_open(scratch_path(&f->scratch, "s.db"), DB_CREATE, &f->db, &f->err))
        return -1;
    return db_run_script(f->db,
                         "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE, b BLOB) "
                         "STRICT;"
                         "CREATE TABLE sequence (name TEXT PRIMARY KEY, next INTEGER NOT NULL);"
                         "CREATE TABLE counter (scope TEXT, key TEXT, state TEXT, node INTEGER,"
                         " n INTEGER, PRIMARY KEY (scope, key, state, node));",
                         &f->err)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    db_close(f->db);
    scratch_fini(&f->scratch);
    alloc_free(f);
    return 0;
}

static void need(struct fixture *f, bool ok)
{
    if (!ok)
        fail_msg("%s", f->err.text);
}

static void add(struct fixture *f, int64_t id, const char *name)
{
    need(f, db_run(f->db, &f->err, SQL("INSERT INTO thing (id, name) VALUES ($1, $2)"), db_int(id),
                   db_string(name)));
}

static int64_t count_things(struct fixture *f)
{
    bool found;
    int64_t n;

    need(f, db_find_int(f->db, &f->err, &found, &n, SQL("SELECT count(*) FROM thing WHERE id > $1"),
                        db_int(0)));
    return n;
}

static int64_t counter(struct fixture *f, const char *key)
{
    bool found;
    int64_t n = 0;

    need(f, db_find_int(f->db, &f->err, &found, &n, SQL("SELECT n FROM counter WHERE key = $1"),
                        db_string(key)));
    return found ? n : -1;
}

static void parameters_go_by_number_not_by_place(void **state)
{
    struct fixture *f = *state;
    bool found;
    char *name = NULL;

    add(f, 1, "old");
    need(f, db_run(f->db, &f->err, SQL("UPDATE thing SET name = $2 WHERE id = $1 AND $2 <> 'x'"),
                   db_int(1), db_string("new")));
    assert_int_equal(db_changes(f->db), 1);
    need(f, db_find_text(f->db, &f->err, &found, &name, SQL("SELECT name FROM thing WHERE id = $1"),
                         db_int(1)));
    assert_true(found);
    assert_string_equal(name, "new");
    alloc_free(name);
}

static void values_come_back_as_they_went(void **state)
{
    struct fixture *f = *state;
    CLEANUP(db_rows_end) struct db_rows *rows = NULL;

    need(f, db_run(f->db, &f->err, SQL("INSERT INTO thing (id, name, b) VALUES ($1, $2, $3)"),
                   db_int(INT64_MIN), db_null(), db_blob(SPAN("a\0b"))));
    need(f, db_run(f->db, &f->err, SQL("INSERT INTO thing (id, name, b) VALUES ($1, $2, $3)"),
                   db_int_or_null(true, 2), db_string(""), db_blob(SPAN(""))));
    rows = db_query_plain(f->db, SQL("SELECT id, name, b FROM thing ORDER BY id"), &f->err);
    assert_true(db_next(rows));
    assert_true(db_column_int(rows, 0) == INT64_MIN);
    assert_true(db_column_is_null(rows, 1));
    assert_null(db_column_text(rows, 1).at);
    assert_true(span_equal(db_column_blob(rows, 2), SPAN("a\0b")));
    assert_true(db_next(rows));
    assert_false(db_column_is_null(rows, 1));
    assert_true(span_empty(db_column_text(rows, 1)));
    assert_non_null(db_column_text(rows, 1).at);
    assert_non_null(db_column_blob(rows, 2).at);
    assert_false(db_next(rows));
    need(f, db_rows_finish(&rows, &f->err));
}

static void a_statement_may_be_walked_inside_its_own_walk(void **state)
{
    struct fixture *f = *state;
    int pairs = 0;

    for (int i = 1; i <= 3; i++)
        add(f, i, NULL);
    for (int depth = 0; depth < 2; depth++) {
        const char *sql = SQL("SELECT id FROM thing WHERE id <= $1");
        CLEANUP(db_rows_end)
        struct db_rows *outer = db_query(f->db, &f->err, sql, db_int(3));

        while (db_next(outer)) {
            CLEANUP(db_rows_end)
            struct db_rows *inner = db_query(f->db, &f->err, sql, db_int(db_column_int(outer, 0)));

            while (db_next(inner))
                pairs++;
        }
    }
    assert_int_equal(pairs, 2 * (1 + 2 + 3));
}

static void bad_statements_and_values_are_refused(void **state)
{
    struct fixture *f = *state;

    assert_false(db_run(f->db, &f->err, SQL("UPDATE nothing SET a = $1"), db_int(1)));
    assert_int_equal(f->err.kind, ERROR_INTERNAL);
    assert_non_null(strstr(f->err.text, "UPDATE nothing"));
    assert_false(
        db_run(f->db, &f->err, SQL("DELETE FROM thing WHERE id = $1"), db_int(1), db_int(2)));
    assert_int_equal(f->err.kind, ERROR_INTERNAL);
    assert_false(db_run_plain(f->db, SQL("DELETE FROM thing; DELETE FROM thing"), &f->err));
    assert_int_equal(f->err.kind, ERROR_INTERNAL);
    assert_false(
        db_run(f->db, &f->err, SQL("INSERT INTO thing (name) VALUES ($1)"), db_string("\xff")));
    assert_int_equal(f->err.kind, ERROR_INVALID);
    assert_false(
        db_run(f->db, &f->err, SQL("INSERT INTO thing (name) VALUES ($1)"), db_text(SPAN("a\0b"))));
    assert_int_equal(f->err.kind, ERROR_INVALID);
    assert_false(db_run(f->db, &f->err, SQL("INSERT INTO thing (b) VALUES ($1)"),
                        db_string("text for a blob")));
    assert_int_equal(f->err.kind, ERROR_INTERNAL);
}

static void a_constraint_is_a_conflict(void **state)
{
    struct fixture *f = *state;

    add(f, 1, "same");
    assert_false(
        db_run(f->db, &f->err, SQL("INSERT INTO thing (name) VALUES ($1)"), db_string("same")));
    assert_int_equal(f->err.kind, ERROR_CONFLICT);
    assert_non_null(strstr(f->err.text, "thing.name"));
}

static void a_second_writer_is_told_to_come_later(void **state)
{
    struct fixture *f = *state;
    struct db *other;

    need(f, db_open(scratch_path(&f->scratch, "s.db"), DB_GUEST, &other, &f->err));
    need(f, db_begin(f->db, &f->err));
    assert_false(db_begin(other, &f->err));
    assert_int_equal(f->err.kind, ERROR_TEMPORARY);
    db_rollback(f->db);
    db_close(other);
}

static void savepoints_nest(void **state)
{
    struct fixture *f = *state;

    need(f, db_begin(f->db, &f->err));
    add(f, 1, NULL);
    need(f, db_savepoint(f->db, &f->err));
    add(f, 2, NULL);
    need(f, db_savepoint(f->db, &f->err));
    add(f, 3, NULL);
    need(f, db_rollback_to_savepoint(f->db, &f->err));
    need(f, db_release(f->db, &f->err));
    need(f, db_commit(f->db, &f->err));
    assert_int_equal(count_things(f), 2);
    assert_false(db_in_transaction(f->db));
}

static void counters_are_written_at_commit_without_what_was_undone(void **state)
{
    struct fixture *f = *state;

    need(f, db_begin(f->db, &f->err));
    db_count(f->db, "domain", "a", "queued", 5);
    assert_int_equal(counter(f, "a"), -1);
    need(f, db_savepoint(f->db, &f->err));
    db_count(f->db, "domain", "a", "queued", 100);
    db_count(f->db, "domain", "b", "queued", 7);
    need(f, db_savepoint(f->db, &f->err));
    db_count(f->db, "domain", "a", "queued", 1000);
    need(f, db_release(f->db, &f->err));
    need(f, db_rollback_to_savepoint(f->db, &f->err));
    db_count(f->db, "domain", "a", "queued", -2);
    need(f, db_commit(f->db, &f->err));
    assert_int_equal(counter(f, "a"), 3);
    assert_int_equal(counter(f, "b"), -1);

    need(f, db_begin(f->db, &f->err));
    db_count(f->db, "domain", "a", "queued", 50);
    db_rollback(f->db);
    need(f, db_begin(f->db, &f->err));
    db_count(f->db, "domain", "a", "queued", 1);
    need(f, db_commit(f->db, &f->err));
    assert_int_equal(counter(f, "a"), 4);
}

static bool write_sum(struct db *db, int64_t number, struct span text,
                      const int64_t sums[DB_SUM_PLACES], struct error *err)
{
    (void)err;
    (void)number;
    db_count(db, "domain", text.at[0] == 'a' ? "a" : "b", "queued", sums[0] + 100 * sums[3]);
    return true;
}

static void put_sum(struct fixture *f, struct span text, size_t place, int64_t by)
{
    static const struct db_sums sums = { write_sum };

    db_sum_add(f->db, db_sum(f->db, &sums, 7, text), place, by);
}

static void sums_are_written_once_and_undone_with_their_savepoint(void **state)
{
    struct fixture *f = *state;

    need(f, db_begin(f->db, &f->err));
    put_sum(f, SPAN("a"), 0, 5);
    need(f, db_savepoint(f->db, &f->err));
    put_sum(f, SPAN("a"), 0, 20);
    put_sum(f, SPAN("b"), 0, 1);
    need(f, db_rollback_to_savepoint(f->db, &f->err));
    put_sum(f, SPAN("a"), 3, 2);
    assert_int_equal(counter(f, "a"), -1);
    need(f, db_commit(f->db, &f->err));
    assert_int_equal(counter(f, "a"), 205);
    assert_int_equal(counter(f, "b"), -1);

    need(f, db_begin(f->db, &f->err));
    put_sum(f, SPAN("a"), 0, 50);
    db_rollback(f->db);
    need(f, db_begin(f->db, &f->err));
    put_sum(f, SPAN("a"), 0, 1);
    need(f, db_commit(f->db, &f->err));
    assert_int_equal(counter(f, "a"), 206);
}

static int64_t next_id(struct fixture *f)
{
    int64_t id;

    need(f, db_next_id(f->db, "thing", &id, &f->err));
    return id;
}

static void reopen(struct fixture *f)
{
    db_close(f->db);
    f->db = NULL;
    need(f, db_open(scratch_path(&f->scratch, "s.db"), DB_WRITE, &f->db, &f->err));
}

static void ids_grow_through_rollbacks_and_restarts(void **state)
{
    struct fixture *f = *state;
    int64_t last = 0;

    need(f, db_begin(f->db, &f->err));
    assert_int_equal(next_id(f), 1);
    need(f, db_commit(f->db, &f->err));
    for (int round = 0; round < 50; round++) {
        need(f, db_begin(f->db, &f->err));
        for (int i = 0; i < round; i++) {
            int64_t id = next_id(f);

            assert_true(id > last);
            need(f, db_savepoint(f->db, &f->err));
            last = next_id(f);
            assert_true(last > id);
            if (i % 3 == 0)
                need(f, db_rollback_to_savepoint(f->db, &f->err));
            else
                need(f, db_release(f->db, &f->err));
        }
        if (round % 2 == 0)
            need(f, db_commit(f->db, &f->err));
        else
            db_rollback(f->db);
        if (round % 10 == 8)
            reopen(f);
    }
    assert_true(last < 20000); /* no more gaps than blocks */
}

/* The id a command took is the one before the next command's. */
static void one_id_a_process_leaves_no_gap(void **state)
{
    struct fixture *f = *state;

    for (int i = 1; i <= 5; i++) {
        assert_int_equal(next_id(f), i);
        reopen(f);
    }
}

static void hear(void *owner, const char *news, struct span key)
{
    struct buf *heard = owner;

    buf_printf(heard, "%s %.*s;", news, SPAN_ARGS(key));
}

static void news_is_told_after_the_commit_once(void **state)
{
    struct fixture *f = *state;
    CLEANUP(buf_fini) struct buf heard;

    buf_init(&heard, 1000);
    db_hand_news_to(f->db, hear, &heard);
    need(f, db_begin(f->db, &f->err));
    db_tell(f->db, "lane", SPAN("a"));
    need(f, db_savepoint(f->db, &f->err));
    db_tell(f->db, "lane", SPAN("a"));
    db_tell(f->db, "lane", SPAN("undone"));
    need(f, db_rollback_to_savepoint(f->db, &f->err));
    db_tell(f->db, "event", SPAN("a"));
    db_tell(f->db, "lane", SPAN("a"));
    assert_string_equal(buf_text(&heard), "");
    need(f, db_commit(f->db, &f->err));
    assert_string_equal(buf_text(&heard), "lane a;event a;");
    need(f, db_begin(f->db, &f->err));
    db_tell(f->db, "lane", SPAN("b"));
    db_rollback(f->db);
    need(f, db_begin(f->db, &f->err));
    need(f, db_commit(f->db, &f->err));
    assert_string_equal(buf_text(&heard), "lane a;event a;");
}

static void a_checkpoint_lets_the_log_begin_anew(void **state)
{
    struct fixture *f = *state;
    int before;

    for (int i = 1; i <= 20; i++)
        add(f, i, NULL);
    before = db_log_pages(f->db);
    need(f, db_checkpoint(f->db, &f->err));
    add(f, 21, NULL);
    assert_true(db_log_pages(f->db) < before);
}

/* An application's own database: we write in it and leave its way of keeping it. */
static void a_guest_changes_no_others_journal(void **state)
{
    struct fixture *f = *state;
    struct db *db;
    const char *path = scratch_path(&f->scratch, "app.db");
    CLEANUP(cleanup_file) FILE *file = fopen(path, "w");
    CLEANUP(cleanup_free) char *mode = NULL;
    bool found;

    need(f, db_open(path, DB_GUEST, &db, &f->err));
    need(f,
         db_run_script(db, "CREATE TABLE inbox (id INTEGER PRIMARY KEY, payload TEXT)", &f->err));
    need(f, db_run(db, &f->err, SQL("INSERT INTO inbox (payload) VALUES ($1)"), db_string("{}")));
    need(f,
         db_find_text_values(db, SQL_SQLITE("PRAGMA journal_mode"), NULL, &found, &mode, &f->err));
    assert_string_equal(mode, "delete");
    db_close(db);
}

static void a_missing_file_and_a_wrong_one_are_told(void **state)
{
    struct fixture *f = *state;
    struct db *db = NULL;
    CLEANUP(cleanup_file) FILE *file = fopen(scratch_path(&f->scratch, "text"), "w");

    assert_false(db_open(scratch_path(&f->scratch, "none"), DB_WRITE, &db, &f->err));
    assert_int_equal(f->err.kind, ERROR_NOT_FOUND);
    assert_false(db_open(scratch_path(&f->scratch, "none"), DB_READ, &db, &f->err));
    assert_int_equal(f->err.kind, ERROR_NOT_FOUND);
    assert_false(db_open(scratch_path(&f->scratch, "no/folder"), DB_CREATE, &db, &f->err));
    assert_int_equal(f->err.kind, ERROR_IO);
    for (int i = 0; i < 1000; i++)
        (void)fputs("not a database\n", file);
    (void)fflush(file);
    assert_false(db_open(scratch_path(&f->scratch, "text"), DB_WRITE, &db, &f->err));
    assert_non_null(strstr(f->err.text, "not a database"));
    assert_null(db);
}

static void a_path_of_strange_letters_opens_that_file(void **state)
{
    struct fixture *f = *state;
    struct db *db;
    const char *path = scratch_path(&f->scratch, "a b?mode=memory#%41\xc3\xa9.db");

    need(f, db_open(path, DB_CREATE, &db, &f->err));
    db_close(db);
    assert_int_equal(access(path, F_OK), 0);
}

int main(void)
{
#define STORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        STORY(parameters_go_by_number_not_by_place),
        STORY(values_come_back_as_they_went),
        STORY(a_statement_may_be_walked_inside_its_own_walk),
        STORY(bad_statements_and_values_are_refused),
        STORY(a_constraint_is_a_conflict),
        STORY(a_second_writer_is_told_to_come_later),
        STORY(savepoints_nest),
        STORY(counters_are_written_at_commit_without_what_was_undone),
        STORY(sums_are_written_once_and_undone_with_their_savepoint),
        STORY(ids_grow_through_rollbacks_and_restarts),
        STORY(one_id_a_process_leaves_no_gap),
        STORY(news_is_told_after_the_commit_once),
        STORY(a_checkpoint_lets_the_log_begin_anew),
        STORY(a_guest_changes_no_others_journal),
        STORY(a_missing_file_and_a_wrong_one_are_told),
        STORY(a_path_of_strange_letters_opens_that_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
