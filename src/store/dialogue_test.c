#include "store/dialogue.h"

#include "store/attempt.h"
#include "tests/support/mailroom.h"
#include "tests/support/query_plans.h"

static void record(struct mailroom *m, int64_t delivery, struct span dialogue, int64_t until)
{
    static const struct outcome refused = { .class = OUTCOME_RETRY, .stage = "RCPT" };
    const struct attempt attempt = { .delivery = delivery,
                                     .outcome = &refused,
                                     .led_to = DELIVERY_DEFERRED,
                                     .dialogue = dialogue,
                                     .dialogue_until = until };

    MAILROOM_DO(m, attempt_add(m->office.db, &attempt, &m->office.err));
}

static struct attempt_list tries_of(struct mailroom *m, struct arena *arena, int64_t delivery)
{
    struct attempt_list tries;

    assert_true(attempt_list_read(m->office.db, arena, delivery, 10, &tries, &m->office.err));
    return tries;
}

static void a_dialogue_goes_with_its_try_until_its_time_is_over(void **state)
{
    struct mailroom *m = *state;
    struct arena arena;
    struct attempt_list tries;
    bool more = true;
    int64_t id = mailroom_make(m);

    arena_init(&arena);
    record(m, id, SPAN("old"), 100);
    record(m, id, (struct span){ NULL, 0 }, 100);
    record(m, id, SPAN("new"), 200);
    MAILROOM_DO(m, dialogue_prune(m->office.db, 100, &more, &m->office.err));
    assert_false(more);
    tries = tries_of(m, &arena, id);
    assert_int_equal(tries.n, 3);
    assert_int_equal(tries.at[0].dialogue.n, 0);
    assert_int_equal(tries.at[1].dialogue.n, 0);
    assert_true(span_equal(tries.at[2].dialogue, SPAN("new")));
    query_plans_expect_ranges(m->office.db, "FROM dialogue");
    arena_fini(&arena);
}

static bool keep(struct mailroom *m, const char *name, int64_t until)
{
    const struct dialogue_keep order = { span_of(name), until, SPAN("test") };

    return dialogue_keep_put(m->office.db, &order, 1000, &m->office.err);
}

static size_t count_keeps(struct mailroom *m, int64_t now_ms)
{
    struct arena arena;
    struct dialogue_keep_list list;

    arena_init(&arena);
    assert_true(dialogue_keep_list_read(m->office.db, &arena, now_ms, &list, &m->office.err));
    arena_fini(&arena);
    return list.n;
}

static void an_order_holds_for_its_time_or_until_it_is_ended(void **state)
{
    struct mailroom *m = *state;

    MAILROOM_DO(m, keep(m, "a.example", 2000) && keep(m, "b.example", 3000) &&
                       keep(m, "a.example", 2500));
    assert_int_equal(count_keeps(m, 1000), 2);
    assert_int_equal(count_keeps(m, 2500), 1);
    MAILROOM_DO(m, keep(m, "b.example", 1000));
    assert_int_equal(count_keeps(m, 1000), 1);
}

static void orders_are_bounded(void **state)
{
    struct mailroom *m = *state;
    char name[20];

    for (int i = 0; i < DIALOGUE_KEEPS_MOST; i++) {
        (void)snprintf(name, sizeof name, "%d.example", i);
        MAILROOM_DO(m, keep(m, name, 2000));
    }
    assert_true(db_begin(m->office.db, &m->office.err));
    assert_false(keep(m, "one-more.example", 2000));
    assert_int_equal(m->office.err.kind, ERROR_LIMIT);
    assert_true(keep(m, "7.example", 3000));
    db_rollback(m->office.db);
}

static void the_news_name_the_order(void **state)
{
    struct dialogue_keep order;

    (void)state;
    assert_true(dialogue_keep_read(SPAN("1234 a.example"), &order));
    assert_int_equal(order.until, 1234);
    assert_true(span_equal(order.name, SPAN("a.example")));
    assert_false(dialogue_keep_read(SPAN("a.example"), &order));
    assert_false(dialogue_keep_read(SPAN(""), &order));
}

#define MAILROOM_TEST(f) cmocka_unit_test_setup_teardown(f, mailroom_setup, mailroom_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MAILROOM_TEST(a_dialogue_goes_with_its_try_until_its_time_is_over),
        MAILROOM_TEST(an_order_holds_for_its_time_or_until_it_is_ended),
        MAILROOM_TEST(orders_are_bounded),
        cmocka_unit_test(the_news_name_the_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
