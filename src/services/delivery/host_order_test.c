#include "services/delivery/host_order.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/support/cmocka.h"

enum { MINUTE = 60000, HOSTS_MOST = MX_TARGETS_MOST };

static struct ip ip_of(int number)
{
    return (struct ip){ 4, { 192, 0, 2, (uint8_t)number } };
}

struct scene {
    struct host_memory *memory;
    struct random chance;
    struct mx_plan plan;
    struct host_order order;
};

/* Hosts h1, h2, ... at 192.0.2.1, .2, ..., of these preferences. */
static void open_scene(struct scene *s, const int *preferences, size_t n)
{
    *s = (struct scene){ .memory = host_memory_new() };
    random_seed(&s->chance, 1);
    s->plan.targets = alloc_array(n, sizeof *s->plan.targets);
    s->plan.names_size = n * 8;
    s->plan.names = alloc_zeroed(s->plan.names_size);
    for (size_t i = 0; i < n; i++) {
        char *name = s->plan.names + i * 8;

        (void)snprintf(name, 8, "h%zu", i + 1);
        s->plan.targets[s->plan.count++] =
            (struct mx_target){ .host = name,
                                .ip = ip_of((int)i + 1),
                                .preference = (uint16_t)preferences[i],
                                .host_index = (uint16_t)(i % MX_HOSTS_MOST) };
    }
}

static void close_scene(struct scene *s)
{
    host_order_fini(&s->order);
    mx_plan_fini(&s->plan);
    host_memory_free(s->memory);
}

static void make(struct scene *s, int64_t now)
{
    host_order_fini(&s->order);
    host_order_make(&s->plan, s->memory, now, &s->chance, &s->order);
}

static int64_t fails(struct scene *s, int number, int64_t now)
{
    struct ip ip = ip_of(number);

    return host_memory_note(s->memory, &ip, HOST_DOWN, now, &s->chance);
}

/* "h1 h2 h3", and "h1 h2" of those that race first. */
static void expect(const struct scene *s, const char *order, const char *race)
{
    char text[400] = "";
    size_t places[HOST_RACE_MOST];
    size_t n = host_order_next(&s->order, places);

    for (size_t i = 0; i < s->order.count; i++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 0 ? " " : "",
                       s->order.places[i].host);
    assert_string_equal(text, order);
    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 0 ? " " : "",
                       s->order.places[places[i]].host);
    assert_string_equal(text, race);
}

static void preference_orders_hosts_that_are_well(void **state)
{
    static const int preferences[] = { 10, 20, 30 };
    struct scene s;

    (void)state;
    open_scene(&s, preferences, 3);
    make(&s, 0);
    expect(&s, "h1 h2 h3", "h1");
    host_order_tried(&s.order, 0);
    host_order_tried(&s.order, 0);
    expect(&s, "h1 h2 h3", "h2");
    close_scene(&s);
}

static void equal_ones_race_a_few_at_a_time(void **state)
{
    static const int preferences[] = { 10, 10, 10, 10, 10, 10, 20 };
    size_t places[HOST_RACE_MOST];
    struct scene s;

    (void)state;
    open_scene(&s, preferences, 7);
    make(&s, 0);
    assert_int_equal(host_order_next(&s.order, places), HOST_RACE_MOST);
    for (size_t i = 0; i < HOST_RACE_MOST; i++)
        host_order_tried(&s.order, places[i]);
    assert_int_equal(host_order_next(&s.order, places), 2); /* and not the seventh */
    close_scene(&s);
}

static void one_that_is_down_comes_last(void **state)
{
    static const int preferences[] = { 10, 20, 30 };
    struct scene s;

    (void)state;
    open_scene(&s, preferences, 3);
    (void)fails(&s, 1, 0);
    make(&s, 1);
    expect(&s, "h2 h3 h1", "h2");
    host_order_tried(&s.order, 0);
    host_order_tried(&s.order, 1);
    expect(&s, "h2 h3 h1", "h1");
    close_scene(&s);
}

static void all_that_are_down_are_still_tried_in_order(void **state)
{
    static const int preferences[] = { 10, 20 };
    struct scene s;

    (void)state;
    open_scene(&s, preferences, 2);
    (void)fails(&s, 1, 0);
    (void)fails(&s, 2, 0);
    make(&s, 1);
    expect(&s, "h1 h2", "h1");
    close_scene(&s);
}

static void one_channel_looks_after_it_beside_the_next_best(void **state)
{
    static const int preferences[] = { 10, 20, 20, 30 };
    struct scene s;
    size_t places[HOST_RACE_MOST];

    (void)state;
    open_scene(&s, preferences, 4);
    (void)fails(&s, 1, 0);
    make(&s, 2 * MINUTE);
    assert_string_equal(s.order.places[0].host, "h1");
    assert_true(s.order.places[0].is_probe);
    assert_int_equal(host_order_next(&s.order, places), 3); /* and not the fourth */
    make(&s, 2 * MINUTE);
    assert_string_not_equal(s.order.places[0].host, "h1");
    assert_string_equal(s.order.places[3].host, "h1");
    close_scene(&s);
}

static void a_less_preferred_one_is_not_looked_after(void **state)
{
    static const int preferences[] = { 10, 20 };
    struct scene s;

    (void)state;
    open_scene(&s, preferences, 2);
    (void)fails(&s, 2, 0);
    make(&s, 2 * MINUTE);
    expect(&s, "h1 h2", "h1");
    assert_false(s.order.places[1].is_probe);
    close_scene(&s);
}

static void a_pass_is_bounded_and_begins_anew(void **state)
{
    int preferences[HOSTS_MOST];
    size_t places[HOST_RACE_MOST];
    size_t tried = 0;
    struct scene s;

    (void)state;
    for (int i = 0; i < HOSTS_MOST; i++)
        preferences[i] = 10 + i;
    open_scene(&s, preferences, HOSTS_MOST);
    make(&s, 0);
    while (host_order_next(&s.order, places) > 0) {
        host_order_tried(&s.order, places[0]);
        tried++;
    }
    assert_int_equal(tried, HOST_PASS_MOST);
    host_order_begin(&s.order);
    assert_int_equal(host_order_next(&s.order, places), 1);
    assert_int_equal(places[0], 0);
    close_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(preference_orders_hosts_that_are_well),
        cmocka_unit_test(equal_ones_race_a_few_at_a_time),
        cmocka_unit_test(one_that_is_down_comes_last),
        cmocka_unit_test(all_that_are_down_are_still_tried_in_order),
        cmocka_unit_test(one_channel_looks_after_it_beside_the_next_best),
        cmocka_unit_test(a_less_preferred_one_is_not_looked_after),
        cmocka_unit_test(a_pass_is_bounded_and_begins_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
