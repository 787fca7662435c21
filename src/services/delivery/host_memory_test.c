#include "services/delivery/host_memory.h"

#include "tests/support/cmocka.h"

enum { MINUTE = 60000 };

static const struct ip one = { 4, { 192, 0, 2, 1 } };
static const struct ip two = { 4, { 192, 0, 2, 2 } };

struct scene {
    struct host_memory *memory;
    struct random chance;
};

static int open_scene(void **state)
{
    static struct scene scene;

    scene.memory = host_memory_new();
    random_seed(&scene.chance, 1);
    *state = &scene;
    return 0;
}

static int close_scene(void **state)
{
    host_memory_free(((struct scene *)*state)->memory);
    return 0;
}

static bool is_down(const struct scene *s, const struct ip *ip, int64_t now)
{
    return host_memory_marks(s->memory, ip, now).has[HOST_DOWN];
}

static int64_t fails(struct scene *s, int64_t now)
{
    return host_memory_note(s->memory, &one, HOST_DOWN, now, &s->chance);
}

static void a_host_that_failed_is_let_be_for_about_a_minute(void **state)
{
    struct scene *s = *state;
    int64_t wait = fails(s, 1000);

    assert_in_range(wait, MINUTE * 8 / 10, MINUTE * 12 / 10);
    assert_true(is_down(s, &one, 1000 + wait));
    assert_false(is_down(s, &two, 1000));
    assert_false(host_memory_probe(s->memory, &one, 1000 + wait - 1));
    assert_false(host_memory_probe(s->memory, &two, 1000 + wait));
    assert_true(host_memory_probe(s->memory, &one, 1000 + wait));
}

static void it_is_let_be_longer_each_time_but_half_an_hour_at_most(void **state)
{
    struct scene *s = *state;
    int64_t now = 0;
    int64_t last = 0;

    for (int i = 0; i < 10; i++) {
        int64_t wait = fails(s, now);

        if (i < 4)
            assert_true(wait > last);
        assert_in_range(wait, MINUTE / 2, 36 * MINUTE);
        last = wait;
        now += wait;
    }
    assert_true(last > 20 * MINUTE);
}

static void what_many_connections_find_out_together_counts_once(void **state)
{
    struct scene *s = *state;

    for (int i = 0; i < 20; i++)
        assert_in_range(fails(s, i), MINUTE / 2, 2 * MINUTE);
}

static void what_was_long_ago_is_forgotten(void **state)
{
    struct scene *s = *state;
    int64_t now = 0;

    for (int i = 0; i < 5; i++)
        now += fails(s, now);
    now += 3 * 60 * MINUTE;
    assert_false(is_down(s, &one, now));
    assert_in_range(fails(s, now), MINUTE / 2, 2 * MINUTE);
}

static void one_connection_probes_and_nobody_else_meanwhile(void **state)
{
    struct scene *s = *state;
    int64_t now = fails(s, 0);

    assert_true(host_memory_probe(s->memory, &one, now));
    assert_false(host_memory_probe(s->memory, &one, now));
    assert_false(host_memory_probe(s->memory, &one, now + MINUTE));
    assert_in_range(fails(s, now + 1000), 2 * MINUTE, 4 * MINUTE);
}

static void a_probe_that_nobody_hears_of_again_ends(void **state)
{
    struct scene *s = *state;
    int64_t now = fails(s, 0);

    assert_true(host_memory_probe(s->memory, &one, now));
    assert_true(host_memory_probe(s->memory, &one, now + 7 * MINUTE));
}

static void a_host_that_is_well_is_forgotten(void **state)
{
    struct scene *s = *state;

    (void)fails(s, 0);
    host_memory_note_well(s->memory, &one);
    assert_false(is_down(s, &one, 1));
    assert_int_equal(host_memory_count(s->memory), 0);
    assert_in_range(fails(s, 2), MINUTE / 2, 2 * MINUTE);
}

static void broken_tls_outlasts_that_the_host_is_well(void **state)
{
    struct scene *s = *state;
    int64_t wait = host_memory_note(s->memory, &one, HOST_TLS_BROKEN, 0, &s->chance);

    assert_in_range(wait, 20 * MINUTE, 40 * MINUTE);
    host_memory_note_well(s->memory, &one);
    assert_true(host_memory_marks(s->memory, &one, 1).has[HOST_TLS_BROKEN]);
    assert_false(is_down(s, &one, 1));
    assert_false(host_memory_marks(s->memory, &one, wait).has[HOST_TLS_BROKEN]);
}

static void of_too_many_hosts_the_oldest_is_forgotten(void **state)
{
    struct scene *s = *state;

    (void)fails(s, 0);
    for (int i = 0; i < HOST_MEMORY_MOST; i++) {
        struct ip ip = { 4, { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i } };

        assert_true(host_memory_note(s->memory, &ip, HOST_DOWN, 1, &s->chance) > 0);
    }
    assert_int_equal(host_memory_count(s->memory), HOST_MEMORY_MOST);
    assert_false(is_down(s, &one, 2));
}

#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_host_that_failed_is_let_be_for_about_a_minute),
        SCENE_TEST(it_is_let_be_longer_each_time_but_half_an_hour_at_most),
        SCENE_TEST(what_many_connections_find_out_together_counts_once),
        SCENE_TEST(what_was_long_ago_is_forgotten),
        SCENE_TEST(one_connection_probes_and_nobody_else_meanwhile),
        SCENE_TEST(a_probe_that_nobody_hears_of_again_ends),
        SCENE_TEST(a_host_that_is_well_is_forgotten),
        SCENE_TEST(broken_tls_outlasts_that_the_host_is_well),
        SCENE_TEST(of_too_many_hosts_the_oldest_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
