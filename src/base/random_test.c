#include "base/random.h"

#include <string.h>

#include "tests/support/cmocka.h"

/* The published test values of splitmix64 and xoshiro256**: another platform simulates the same. */
static void a_seed_gives_the_same_numbers_everywhere(void **state)
{
    struct random r;

    (void)state;
    random_seed(&r, 1234567);
    assert_true(r.state[0] == UINT64_C(6457827717110365317));
    assert_true(r.state[1] == UINT64_C(3203168211198807973));
    assert_true(r.state[2] == UINT64_C(9817491932198370423));
    assert_true(r.state[3] == UINT64_C(4593380528125082431));
    r = (struct random){ { 1, 2, 3, 4 } };
    assert_true(random_next(&r) == UINT64_C(11520));
    assert_true(random_next(&r) == UINT64_C(0));
    assert_true(random_next(&r) == UINT64_C(1509978240));
    assert_true(random_next(&r) == UINT64_C(1215971899390074240));
}

static void numbers_stay_below_and_reach_every_value(void **state)
{
    struct random r;
    int seen[6] = { 0 };

    (void)state;
    random_seed(&r, 1);
    for (int i = 0; i < 6000; i++) {
        uint64_t x = random_below(&r, 6);

        assert_true(x < 6);
        seen[x]++;
    }
    for (int i = 0; i < 6; i++)
        assert_in_range(seen[i], 850, 1150);
    for (int i = 0; i < 100; i++) {
        assert_true(random_below(&r, 1) == 0);
        assert_true(random_below(&r, UINT64_MAX) < UINT64_MAX);
    }
}

static void jitter_stays_within_its_share_on_both_sides(void **state)
{
    struct random r;
    int64_t least = INT64_MAX;
    int64_t most = 0;

    (void)state;
    random_seed(&r, 1);
    for (int i = 0; i < 2000; i++) {
        int64_t x = random_jitter(&r, 60000, 20);

        least = x < least ? x : least;
        most = x > most ? x : most;
    }
    assert_in_range(least, 48000, 48300);
    assert_in_range(most, 71700, 72000);
    assert_int_equal(random_jitter(&r, 0, 20), 0);
    assert_int_equal(random_jitter(&r, 60000, 0), 60000);
}

static void secrets_fill_all_their_bytes_and_differ(void **state)
{
    unsigned char a[32] = { 0 };
    unsigned char b[33] = { 0 };
    int ends = 0;

    (void)state;
    random_secret(a, sizeof a);
    random_secret(b, sizeof a);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(b[32], 0);
    for (int i = 0; i < 20; i++) { /* the last byte is not always 0 */
        random_secret(a, sizeof a);
        ends |= a[31];
    }
    assert_int_not_equal(ends, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_gives_the_same_numbers_everywhere),
        cmocka_unit_test(numbers_stay_below_and_reach_every_value),
        cmocka_unit_test(jitter_stays_within_its_share_on_both_sides),
        cmocka_unit_test(secrets_fill_all_their_bytes_and_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
