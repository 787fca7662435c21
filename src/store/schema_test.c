#include "store/schema.h"

#include "store/db.h"
#include "store/db_internal.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

static struct db *open_new(struct scratch *scratch)
{
    struct error err;
    struct db *db;

    if (!db_open(scratch_path(scratch, "s.db"), DB_CREATE, &db, &err))
        fail_msg("%s", err.text);
    return db;
}

static void an_empty_store_is_brought_up_to_date_once(void **state)
{
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    struct db *db = open_new(&scratch);
    struct error err;
    int version;

    (void)state;
    assert_false(schema_check(db, &err));
    assert_int_equal(err.kind, ERROR_CONFLICT);
    for (int i = 0; i < 2; i++) {
        if (!schema_migrate(db, &err))
            fail_msg("%s", err.text);
        assert_true(schema_check(db, &err));
        assert_true(db_version(db, &version, &err));
        assert_int_equal(version, schema_version_known());
    }
    assert_true(db_run(db, &err, SQL("INSERT INTO meta (key, value) VALUES ($1, $2)"),
                       db_string("a"), db_string("b")));
    db_close(db);
}

static void a_newer_store_is_refused_and_left_as_it_is(void **state)
{
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    struct db *db = open_new(&scratch);
    struct error err;
    int64_t changes;
    char expected[100];

    (void)state;
    assert_true(schema_migrate(db, &err));
    assert_true(db_version_set(db, schema_version_known() + 6, &err));
    changes = db_changes_made(db);
    assert_false(schema_migrate(db, &err));
    assert_int_equal(err.kind, ERROR_CONFLICT);
    (void)snprintf(expected, sizeof expected, "schema version %d, this program knows %d",
                   schema_version_known() + 6, schema_version_known());
    assert_non_null(strstr(err.text, expected));
    assert_false(schema_check(db, &err));
    assert_non_null(strstr(err.text, expected));
    assert_true(db_changes_made(db) == changes);
    assert_false(db_in_transaction(db));
    db_close(db);
}

static void another_programs_file_is_refused_and_left_as_it_is(void **state)
{
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    struct db *db = open_new(&scratch);
    struct error err;

    (void)state;
    assert_true(db_run_script(db, "CREATE TABLE issue (id INTEGER)", &err));
    assert_false(schema_migrate(db, &err));
    assert_int_equal(err.kind, ERROR_CONFLICT);
    assert_non_null(strstr(err.text, "another program's"));
    assert_true(db_run_script(db, "SELECT id FROM issue", &err));
    assert_false(db_run_script(db, "SELECT id FROM person", &err));
    db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_store_is_brought_up_to_date_once),
        cmocka_unit_test(a_newer_store_is_refused_and_left_as_it_is),
        cmocka_unit_test(another_programs_file_is_refused_and_left_as_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
