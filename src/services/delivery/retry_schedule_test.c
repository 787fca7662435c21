#include "services/delivery/retry_schedule.h"

#include "tests/support/cmocka.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static int64_t notices_retry[] = { 5 * MINUTE, 15 * MINUTE, HOUR };
static int64_t greylist_retry[] = { 6 * MINUTE, 10 * MINUTE };

static struct settings settings_of_test(void)
{
    struct settings settings = { .retry_jitter = 0, .greylist_retry = { greylist_retry, 2 } };

    settings.streams[STREAM_NOTICES].retry = (struct duration_list){ notices_retry, 3 };
    settings.streams[STREAM_NOTICES].expire_after = 48 * HOUR;
    settings.streams[STREAM_URGENT].retry = (struct duration_list){ NULL, 0 };
    return settings;
}

static void waits_grow_and_the_last_repeats(void **state)
{
    static const struct {
        int64_t failures;
        bool greylisted;
        int64_t wait;
    } cases[] = {
        { 1, false, 5 * MINUTE }, { 2, false, 15 * MINUTE }, { 3, false, HOUR },
        { 4, false, HOUR },       { 900, false, HOUR },      { 1, true, 6 * MINUTE },
        { 2, true, 10 * MINUTE }, { 3, true, HOUR }, /* so stubborn a greylisting is a deferral */
    };
    struct settings settings = settings_of_test();
    struct random chance;

    (void)state;
    random_seed(&chance, 1);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct retry_question q = { .settings = &settings,
                                    .stream = STREAM_NOTICES,
                                    .failures = cases[i].failures,
                                    .cause =
                                        cases[i].greylisted ? RETRY_GREYLISTED : RETRY_BY_STREAM,
                                    .now_ms = 1000,
                                    .end_ms = 1000 + 48 * HOUR };

        assert_int_equal(retry_due(&q, &chance), 1000 + cases[i].wait);
    }
}

static void jitter_stays_in_its_bounds_and_varies(void **state)
{
    struct settings settings = settings_of_test();
    struct retry_question q = {
        .settings = &settings, .stream = STREAM_NOTICES, .failures = 1, .end_ms = HOUR
    };
    int64_t least = HOUR;
    int64_t most = 0;
    struct random chance;

    (void)state;
    random_seed(&chance, 7);
    settings.retry_jitter = 20;
    for (int i = 0; i < 1000; i++) {
        int64_t due = retry_due(&q, &chance);

        assert_in_range(due, 4 * MINUTE, 6 * MINUTE);
        least = due < least ? due : least;
        most = due > most ? due : most;
    }
    assert_true(least < 5 * MINUTE && most > 5 * MINUTE);
}

static void after_doubt_and_greylisting_nobody_comes_early(void **state)
{
    struct settings settings = settings_of_test();
    struct random chance;

    (void)state;
    random_seed(&chance, 7);
    settings.retry_jitter = 20;
    for (int i = 0; i < 1000; i++) {
        struct retry_question q = { .settings = &settings,
                                    .stream = STREAM_NOTICES,
                                    .failures = 1,
                                    .cause = i % 2 == 0 ? RETRY_GREYLISTED : RETRY_BY_STREAM,
                                    .in_doubt = i % 2 == 1,
                                    .end_ms = HOUR };

        if (q.cause == RETRY_GREYLISTED)
            assert_in_range(retry_due(&q, &chance), 6 * MINUTE, 72 * MINUTE / 10);
        else
            assert_in_range(retry_due(&q, &chance), 5 * MINUTE, 6 * MINUTE);
    }
}

static void nothing_is_due_after_the_end(void **state)
{
    struct settings settings = settings_of_test();
    struct retry_question q = { .settings = &settings,
                                .stream = STREAM_NOTICES,
                                .failures = 3,
                                .now_ms = 1000,
                                .end_ms = 2000 };
    struct random chance;

    (void)state;
    random_seed(&chance, 1);
    assert_int_equal(retry_due(&q, &chance), 2000);
}

static void the_end_is_the_earlier_of_deadline_and_expiry(void **state)
{
    struct settings settings = settings_of_test();

    (void)state;
    assert_int_equal(retry_end(&settings, STREAM_NOTICES, 1000, 0), 1000 + 48 * HOUR);
    assert_int_equal(retry_end(&settings, STREAM_NOTICES, 1000, 5000), 5000);
    assert_int_equal(retry_end(&settings, STREAM_NOTICES, 1000, 99 * HOUR), 1000 + 48 * HOUR);
}

static void a_dead_site_is_looked_at_at_least_every_quarter_of_an_hour(void **state)
{
    struct random chance;
    int64_t before = 0;

    (void)state;
    random_seed(&chance, 3);
    for (int64_t failures = 1; failures < 20; failures++) {
        int64_t wait = retry_site_due(failures, 0, &chance);

        assert_in_range(wait, 27000, 990000);
        if (failures <= 5)
            assert_true(wait > before);
        before = wait;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_grow_and_the_last_repeats),
        cmocka_unit_test(jitter_stays_in_its_bounds_and_varies),
        cmocka_unit_test(after_doubt_and_greylisting_nobody_comes_early),
        cmocka_unit_test(nothing_is_due_after_the_end),
        cmocka_unit_test(the_end_is_the_earlier_of_deadline_and_expiry),
        cmocka_unit_test(a_dead_site_is_looked_at_at_least_every_quarter_of_an_hour),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
