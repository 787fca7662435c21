#include "domain/watching.h"

#include "tests/support/cmocka.h"

/* The numbers are in the store: they may never change. */
static void modes_have_their_names_and_numbers(void **state)
{
    static const char *const names[] = { "mute", "now", "hourly", "daily", "weekly" };
    enum watch_mode mode;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        assert_true(watch_mode_find(span_of(names[i]), &mode));
        assert_int_equal(mode, i);
        assert_string_equal(watch_mode_name(mode), names[i]);
    }
    assert_false(watch_mode_find(SPAN(""), &mode));
    assert_false(watch_mode_find(SPAN("Now"), &mode));
    assert_false(watch_mode_find(SPAN("monthly"), &mode));
}

static void the_least_reason_is_the_strongest(void **state)
{
    const int64_t in_order[] = {
        why_pack(REASON_ASSIGNED, 0),   why_pack(REASON_MENTIONED, 0),
        why_pack(REASON_AUTHOR, 0),     why_pack(REASON_CC, 0),
        why_pack(REASON_OTHER, 0),      why_pack(REASON_WATCH, 900000),
        why_pack(REASON_WATCH + 1, 4),  why_pack(REASON_WATCH + 1, 5),
        why_pack(REASON_WATCH + 16, 1),
    };

    (void)state;
    for (size_t i = 1; i < ARRAY_LENGTH(in_order); i++)
        assert_true(in_order[i - 1] < in_order[i]);
    assert_int_equal(why_rank(why_pack(REASON_WATCH + 3, 123456789)), REASON_WATCH + 3);
    assert_int_equal(why_topic(why_pack(REASON_WATCH + 3, 123456789)), 123456789);
}

static void words_of_the_application_rank_last(void **state)
{
    static const struct {
        const char *reason;
        int64_t rank;
    } cases[] = {
        { "assigned", REASON_ASSIGNED }, { "Mentioned", REASON_MENTIONED },
        { "author", REASON_AUTHOR },     { "CC", REASON_CC },
        { "reviewer", REASON_OTHER },    { "", REASON_OTHER },
        { "assigned ", REASON_OTHER },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        assert_int_equal(direct_reason_rank(span_of(cases[i].reason)), cases[i].rank);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes_have_their_names_and_numbers),
        cmocka_unit_test(the_least_reason_is_the_strongest),
        cmocka_unit_test(words_of_the_application_rank_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
