#include "net/connect_race.h"

#include <string.h>

#include "io/listener.h"
#include "io/loop.h"
#include "io/stream.h"
#include "io/timer.h"
#include "tests/support/cmocka.h"

enum { PATIENCE_MS = 30000 };

struct scene {
    struct loop *loop;
    struct listener *listener;
    struct connect_way ways[CONNECT_WAYS_MOST];
    size_t way_n;
    struct connect_race *race;
    struct stream *stream; /* the winner's */
    size_t won;
    bool is_lost;
    bool is_hasty; /* stops the race at the first failure */
    size_t failures;
    char words[300]; /* of the last one */
    struct timer guard;
};

static void on_accepted(void *owner, struct stream *stream)
{
    (void)owner;
    stream_close(stream);
}

static const struct listener_events listener_events = { .accepted = on_accepted };

static void on_failed(void *owner, size_t way, const struct error *why)
{
    struct scene *s = owner;

    assert_true(way < s->way_n);
    s->failures++;
    span_copy(span_of(why->text), s->words, sizeof s->words);
    if (s->is_hasty) {
        connect_race_stop(s->race);
        loop_stop(s->loop);
    }
}

static void nothing(void *owner)
{
    (void)owner;
}

static void nothing_received(void *owner, struct span bytes)
{
    (void)owner;
    (void)bytes;
}

static void nothing_closed(void *owner, const struct error *why)
{
    (void)owner;
    (void)why;
}

static const struct stream_events quiet = {
    .connected = nothing,
    .received = nothing_received,
    .closed = nothing_closed,
};

static void on_won(void *owner, size_t way, struct stream *stream)
{
    struct scene *s = owner;

    connect_race_stop(s->race);
    s->won = way;
    s->stream = stream;
    stream_give(stream, &quiet, s);
    loop_stop(s->loop);
}

static void on_lost(void *owner)
{
    struct scene *s = owner;

    connect_race_stop(s->race);
    s->is_lost = true;
    loop_stop(s->loop);
}

static const struct connect_race_events race_events = {
    .failed = on_failed,
    .won = on_won,
    .lost = on_lost,
};

static void on_guard(void *owner)
{
    (void)owner;
    fail_msg("the race does not end");
}

static void open_scene(struct scene *s)
{
    struct endpoint at = { .ip = { .version = 4, .bytes = { 127, 0, 0, 1 } } };
    struct error err;

    *s = (struct scene){ .loop = loop_new("test"), .won = SIZE_MAX };
    s->listener = listener_open(s->loop, &at, 0, &listener_events, s, &err);
    assert_non_null(s->listener);
    timer_init(&s->guard, s->loop, on_guard, s);
    timer_start(&s->guard, PATIENCE_MS);
}

static void close_scene(struct scene *s)
{
    timer_stop(&s->guard);
    if (s->stream != NULL)
        stream_close(s->stream);
    listener_close(s->listener);
    loop_free(s->loop);
}

static struct endpoint *add_way(struct scene *s)
{
    s->ways[s->way_n].peer = listener_endpoint(s->listener);
    return &s->ways[s->way_n++].peer;
}

/* Nobody listens on port 1 of this address. */
static void add_dead_way(struct scene *s)
{
    struct endpoint *peer = add_way(s);

    peer->ip.bytes[3] = 77;
    peer->port = 1;
}

static void run(struct scene *s)
{
    const struct connect_race_options options = {
        .ways = s->ways, .count = s->way_n, .head_start_ms = PATIENCE_MS, .delay_ms = PATIENCE_MS
    };

    s->race = connect_race_start(s->loop, &options, &race_events, s);
    loop_run(s->loop);
}

static void the_first_way_wins_when_it_stands(void **state)
{
    struct scene s;

    (void)state;
    open_scene(&s);
    (void)add_way(&s);
    (void)add_way(&s);
    run(&s);
    assert_int_equal(s.won, 0);
    assert_int_equal(s.failures, 0);
    close_scene(&s);
}

static void a_way_that_fails_lets_the_next_one_begin_at_once(void **state)
{
    struct scene s;

    (void)state;
    open_scene(&s);
    add_dead_way(&s);
    add_dead_way(&s);
    (void)add_way(&s);
    run(&s);
    assert_int_equal(s.won, 2);
    assert_int_equal(s.failures, 2);
    assert_non_null(strstr(s.words, "connecting to 127.0.0.77:1: "));
    close_scene(&s);
}

static void all_that_fail_lose(void **state)
{
    struct scene s;

    (void)state;
    open_scene(&s);
    add_dead_way(&s);
    add_dead_way(&s);
    run(&s);
    assert_true(s.is_lost);
    assert_int_equal(s.failures, 2);
    close_scene(&s);
}

/* A source that is not ours fails before anything is sent. */
static void a_source_that_is_not_ours_is_named(void **state)
{
    struct scene s;

    (void)state;
    open_scene(&s);
    (void)add_way(&s);
    s.ways[0].source = (struct endpoint){ .ip = { .version = 4, .bytes = { 192, 0, 2, 9 } } };
    run(&s);
    assert_true(s.is_lost);
    assert_non_null(strstr(s.words, "192.0.2.9"));
    close_scene(&s);
}

static void it_may_be_stopped_in_an_event(void **state)
{
    struct scene s;

    (void)state;
    open_scene(&s);
    s.is_hasty = true;
    add_dead_way(&s);
    (void)add_way(&s);
    run(&s);
    assert_int_equal(s.won, SIZE_MAX);
    assert_false(s.is_lost);
    close_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_way_wins_when_it_stands),
        cmocka_unit_test(a_way_that_fails_lets_the_next_one_begin_at_once),
        cmocka_unit_test(all_that_fail_lose),
        cmocka_unit_test(a_source_that_is_not_ours_is_named),
        cmocka_unit_test(it_may_be_stopped_in_an_event),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
