#include "store/notice.h"

#include "tests/support/mailroom.h"
#include "tests/support/query_plans.h"

static void put(struct mailroom *m, int64_t person, int64_t thread, int64_t due_at, bool urgent)
{
    const struct notice notice = {
        .person = person, .thread = thread, .first_seq = 1, .due_at = due_at, .urgent = urgent
    };

    MAILROOM_DO(m, notice_put(m->office.db, &notice, &m->office.err));
}

static int64_t count_due(struct mailroom *m, int64_t person, int64_t most)
{
    int64_t count;

    assert_true(notice_count_due(m->office.db, person, 100, most, &count, &m->office.err));
    return count;
}

static void what_is_due_for_a_person_is_counted_among_their_own(void **state)
{
    struct mailroom *m = *state;

    put(m, 1, 11, 100, false);
    put(m, 1, 12, 100, false);
    put(m, 1, 13, 101, false); /* later */
    put(m, 1, 14, 100, true);
    put(m, 2, 11, 100, false);
    assert_int_equal(count_due(m, 1, 6), 2);
    assert_int_equal(count_due(m, 1, 1), 1);
    assert_int_equal(count_due(m, 3, 6), 0);
    query_plans_expect_index(m->office.db, "PRIMARY KEY (person=?)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_due_for_a_person_is_counted_among_their_own,
                                        mailroom_setup, mailroom_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
