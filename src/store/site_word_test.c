#include "store/site_word.h"

#include "tests/support/mailroom.h"
#include "tests/support/query_plans.h"

static void put(struct mailroom *m, struct site_word word)
{
    MAILROOM_DO(m, site_word_put(m->office.db, &word, &m->office.err));
}

static void the_last_word_holds_until_its_time(void **state)
{
    struct mailroom *m = *state;
    struct office *o = &m->office;
    CLEANUP(arena_fini) struct arena arena;
    struct site_word_list list;

    arena_init(&arena);
    put(m, (struct site_word){ SPAN("mx.example"), SPAN("mails"), 60, 10, 100, SPAN("slowly") });
    put(m, (struct site_word){ SPAN("mx.example"), SPAN("mails"), 20, 20, 200, SPAN("too many") });
    put(m, (struct site_word){ SPAN("mx.example"), SPAN("notices"), 0, 20, 150, { NULL, 0 } });
    put(m, (struct site_word){ SPAN("mx.other"), SPAN("mails"), 1, 20, 900, { NULL, 0 } });
    assert_true(site_word_list_read(o->db, &arena, SPAN("mx.example"), 149, &list, &o->err));
    assert_int_equal(list.n, 2);
    assert_true(span_equal(list.at[0].about, SPAN("mails")));
    assert_int_equal(list.at[0].most, 20);
    assert_int_equal(list.at[0].since, 20);
    assert_int_equal(list.at[0].until, 200);
    assert_true(span_equal(list.at[0].text, SPAN("too many")));
    assert_true(span_equal(list.at[1].about, SPAN("notices")));
    assert_true(site_word_list_read(o->db, &arena, SPAN("mx.example"), 150, &list, &o->err));
    assert_int_equal(list.n, 1);
    query_plans_expect_ranges(o->db, "FROM site_word");
    MAILROOM_DO(m, site_words_forget(o->db, &o->err));
    assert_true(site_word_list_read(o->db, &arena, SPAN("mx.example"), 100, &list, &o->err));
    assert_int_equal(list.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_last_word_holds_until_its_time, mailroom_setup,
                                        mailroom_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
