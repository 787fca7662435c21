#include "io/loop.h"

#include <pthread.h>

#include "base/alloc.h"
#include "io/mailbox.h"
#include "io/timer.h"
#include "io/worker.h"
#include "tests/support/cmocka.h"

enum { POSTERS = 4, POSTS = 500, PIECES = 200 };

/* Timers: each writes its letter; the last one stops the loop. */
struct story {
    struct loop *loop;
    char text[64];
    size_t n;
    struct timer timers[4];
};

static void tell(struct story *s, char letter)
{
    s->text[s->n++] = letter;
}

static void fire_a(void *owner)
{
    tell(owner, 'a');
}

static void deferred(void *owner)
{
    tell(owner, 'd');
}

/* Starts a timer of 0 ms, which must come after what is due already. */
static void fire_b(void *owner)
{
    struct story *s = owner;

    tell(s, 'b');
    loop_defer(s->loop, deferred, s);
    tell(s, 'B');
    timer_start(&s->timers[2], 0);
}

static void fire_c(void *owner)
{
    tell(owner, 'c');
}

static void fire_last(void *owner)
{
    struct story *s = owner;

    tell(s, 'z');
    loop_stop(s->loop);
}

static void timers_fire_in_order_and_deferred_calls_between_them(void **state)
{
    struct story s = { .loop = loop_new("test") };

    (void)state;
    timer_init(&s.timers[0], s.loop, fire_a, &s);
    timer_init(&s.timers[1], s.loop, fire_b, &s);
    timer_init(&s.timers[2], s.loop, fire_c, &s);
    timer_init(&s.timers[3], s.loop, fire_last, &s);
    timer_start(&s.timers[3], 400);
    timer_start(&s.timers[1], 1);
    timer_start(&s.timers[2], 10);
    timer_start(&s.timers[0], 1);
    timer_start(&s.timers[0], 200); /* anew; far from the rest, for a machine that stalls */
    loop_run(s.loop);
    assert_string_equal(s.text, "bBdcaz");
    loop_free(s.loop);
}

static void a_stopped_timer_does_not_fire(void **state)
{
    struct story s = { .loop = loop_new("test") };

    (void)state;
    timer_init(&s.timers[0], s.loop, fire_a, &s);
    timer_init(&s.timers[3], s.loop, fire_last, &s);
    timer_start(&s.timers[0], 1);
    timer_start(&s.timers[3], 3);
    assert_true(timer_running(&s.timers[0]));
    timer_stop(&s.timers[0]);
    assert_false(timer_running(&s.timers[0]));
    loop_run(s.loop);
    assert_string_equal(s.text, "z");
    loop_free(s.loop);
}

static void a_stop_before_the_run_is_kept(void **state)
{
    struct loop *loop = loop_new("test");

    (void)state;
    loop_stop(loop);
    loop_run(loop);
    loop_free(loop);
}

/* Mailboxes: several threads post to one loop, in order each. */
struct letter {
    struct list link;
    int from;
    int number;
};

struct desk {
    struct loop *loop;
    struct mailbox *box;
    int next[POSTERS];
    int received;
    int misplaced;
};

struct poster {
    struct desk *desk;
    int number;
};

static void receive_letters(void *owner, struct list *posted)
{
    struct desk *desk = owner;

    LIST_EACH (posted, link) {
        struct letter *letter = CONTAINER_OF(link, struct letter, link);

        list_remove(link);
        desk->misplaced += letter->number != desk->next[letter->from];
        desk->next[letter->from] = letter->number + 1;
        desk->received++;
        alloc_free(letter);
    }
    if (desk->received == POSTERS * POSTS)
        loop_stop(desk->loop);
}

static void *post_letters(void *argument)
{
    struct poster *poster = argument;

    for (int i = 0; i < POSTS; i++) {
        struct letter *letter = NEW(struct letter);

        letter->from = poster->number;
        letter->number = i;
        mailbox_post(poster->desk->box, &letter->link);
    }
    return NULL;
}

static void letters_of_many_threads_arrive_in_order(void **state)
{
    struct desk desk = { .loop = loop_new("test") };
    struct poster posters[POSTERS];
    pthread_t threads[POSTERS];

    (void)state;
    desk.box = mailbox_new(desk.loop, receive_letters, &desk);
    loop_start(desk.loop);
    for (int i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){ &desk, i };
        assert_int_equal(pthread_create(&threads[i], NULL, post_letters, &posters[i]), 0);
    }
    for (int i = 0; i < POSTERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    loop_join(desk.loop);
    assert_int_equal(desk.received, POSTERS * POSTS);
    assert_int_equal(desk.misplaced, 0);
    mailbox_free(desk.box);
    loop_free(desk.loop);
}

/* Workers: each piece squares its number with the thread's own state. */
struct piece {
    struct work work;
    long number;
    long square;
};

struct workshop {
    struct loop *loop;
    long sum;
    int done;
};

static void *new_state(void *owner)
{
    int *state = NEW(int);

    *state = *(int *)owner;
    return state;
}

static void free_state(void *state)
{
    alloc_free(state);
}

static void work_out(struct work *work, void *state)
{
    struct piece *piece = CONTAINER_OF(work, struct piece, work);

    piece->square = piece->number * piece->number * *(int *)state;
}

static void receive_pieces(void *owner, struct list *posted)
{
    struct workshop *shop = owner;

    LIST_EACH (posted, link) {
        struct piece *piece = CONTAINER_OF(link, struct piece, work.link);

        list_remove(link);
        shop->sum += piece->square;
        shop->done++;
    }
    if (shop->done == PIECES)
        loop_stop(shop->loop);
}

static void workers_answer_every_piece(void **state)
{
    static struct piece pieces[PIECES];
    struct workshop shop = { .loop = loop_new("test") };
    struct mailbox *answers = mailbox_new(shop.loop, receive_pieces, &shop);
    int factor = 2;
    struct worker_options options = { .name = "workers",
                                      .threads = 3,
                                      .state_new = new_state,
                                      .state_free = free_state,
                                      .owner = &factor,
                                      .loop = shop.loop };
    struct worker_pool *pool = worker_pool_new(&options);

    (void)state;
    for (long i = 0; i < PIECES; i++) {
        pieces[i] = (struct piece){ .work = { .run = work_out, .answers = answers }, .number = i };
        worker_submit(pool, &pieces[i].work);
    }
    loop_run(shop.loop);
    worker_pool_free(pool);
    mailbox_free(answers);
    loop_free(shop.loop);
    assert_int_equal(shop.sum, 2L * (PIECES - 1) * PIECES * (2 * PIECES - 1) / 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_in_order_and_deferred_calls_between_them),
        cmocka_unit_test(a_stopped_timer_does_not_fire),
        cmocka_unit_test(a_stop_before_the_run_is_kept),
        cmocka_unit_test(letters_of_many_threads_arrive_in_order),
        cmocka_unit_test(workers_answer_every_piece),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
