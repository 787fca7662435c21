#include "store/domain.h"

#include "tests/support/office.h"
#include "tests/support/query_plans.h"

static void note(struct office *o, struct domain_note note)
{
    if (!db_begin(o->db, &o->err) || !domain_note(o->db, &note, &o->err) ||
        !db_commit(o->db, &o->err))
        fail_msg("%s", o->err.text);
}

static struct domain_row row_of(struct office *o, const char *name)
{
    struct domain_row row = { 0 };
    bool found = false;

    if (!domain_find(o->db, span_of(name), &row, &found, &o->err) || !found)
        fail_msg("%s is not found", name);
    return row;
}

static void what_is_not_known_is_not_found(void **state)
{
    struct office *o = *state;
    struct domain_row row;
    bool found = true;

    assert_true(domain_find(o->db, SPAN("example.net"), &row, &found, &o->err));
    assert_false(found);
}

static void a_failing_domain_is_noted_and_awakes(void **state)
{
    struct office *o = *state;
    struct domain_row row;

    note(o, (struct domain_note){ .name = SPAN("example.net"),
                                  .site = SPAN("mx.example.net"),
                                  .failures = 3,
                                  .asleep_until = 5000,
                                  .text = SPAN("connection refused"),
                                  .seen_at = 1000 });
    row = row_of(o, "example.net");
    assert_string_equal(row.name, "example.net");
    assert_string_equal(row.site, "mx.example.net");
    assert_int_equal(row.failures, 3);
    assert_int_equal(row.asleep_until, 5000);
    assert_string_equal(row.text, "connection refused");
    assert_int_equal(row.seen_at, 1000);

    note(o, (struct domain_note){ .name = SPAN("example.net"), .seen_at = 6000 });
    row = row_of(o, "example.net");
    assert_string_equal(row.site, "mx.example.net"); /* kept: nobody said otherwise */
    assert_int_equal(row.failures, 0);
    assert_int_equal(row.asleep_until, 0);
    assert_string_equal(row.text, "");
    assert_int_equal(row.seen_at, 6000);
}

static void a_start_finds_who_sleeps(void **state)
{
    static const struct {
        const char *name;
        int64_t until;
    } domains[] = { { "a.example", 0 },    { "b.example", 900 },  { "c.example", 1000 },
                    { "d.example", 2000 }, { "e.example", 1001 }, { "f.example", 2000 },
                    { "g.example", 2000 } };
    static const char *const sleepers[] = { "e.example", "d.example", "f.example", "g.example" };
    struct office *o = *state;
    struct domain_walk walk = { .asleep_until = 1000 + 1 };
    struct domain_row rows[2];
    size_t n;

    for (size_t i = 0; i < ARRAY_LENGTH(domains); i++)
        note(o, (struct domain_note){ .name = span_of(domains[i].name),
                                      .asleep_until = domains[i].until });
    for (size_t i = 0; i < ARRAY_LENGTH(sleepers); i += 2) {
        assert_true(domain_asleep_each(o->db, &walk, rows, 2, &n, &o->err));
        assert_int_equal(n, 2);
        assert_string_equal(rows[0].name, sleepers[i]);
        assert_string_equal(rows[1].name, sleepers[i + 1]);
    }
    assert_true(domain_asleep_each(o->db, &walk, rows, 2, &n, &o->err));
    assert_int_equal(n, 0);
    query_plans_expect_ranges(o->db, "FROM domain");
    query_plans_expect_index(o->db, "domain_asleep");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_not_known_is_not_found, office_setup,
                                        office_teardown),
        cmocka_unit_test_setup_teardown(a_failing_domain_is_noted_and_awakes, office_setup,
                                        office_teardown),
        cmocka_unit_test_setup_teardown(a_start_finds_who_sleeps, office_setup, office_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
