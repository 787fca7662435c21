#include "store/store_lock.h"

#include <signal.h>
#include <sys/wait.h>

#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

static struct store_lock *take(struct scratch *scratch, const char *name)
{
    struct store_lock *lock = NULL;
    struct error err;

    if (!store_lock_take(scratch_path(scratch, name), "postroom serve", &lock, &err))
        fail_msg("%s", err.text);
    return lock;
}

static void the_second_is_told_who_holds_it(void **state)
{
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    struct store_lock *lock = take(&scratch, "s.db");
    struct store_lock *second = NULL;
    struct error err;
    char expected[400];

    (void)state;
    (void)snprintf(expected, sizeof expected, "another postroom serve (pid %d) holds %s",
                   (int)getpid(), scratch_path(&scratch, "s.db"));
    assert_false(store_lock_take(scratch_path(&scratch, "s.db"), "postroom person", &second, &err));
    assert_int_equal(err.kind, ERROR_CONFLICT);
    assert_string_equal(err.text, expected);
    store_lock_release(lock);
    store_lock_release(take(&scratch, "s.db"));
}

static void two_names_of_a_store_share_the_lock(void **state)
{
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    struct store_lock *lock;
    struct store_lock *second = NULL;
    struct error err;
    FILE *store = fopen(scratch_path(&scratch, "s.db"), "w");

    (void)state;
    assert_non_null(store);
    (void)fclose(store);
    lock = take(&scratch, "s.db");
    assert_int_equal(symlink("s.db", scratch_path(&scratch, "other.db")), 0);
    assert_false(store_lock_take(scratch_path(&scratch, "other.db"), "x", &second, &err));
    assert_int_equal(err.kind, ERROR_CONFLICT);
    store_lock_release(lock);
}

/* A process that dies without a word leaves nothing locked. */
static void the_end_of_the_process_is_the_end_of_the_lock(void **state)
{
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    pid_t child = fork();
    int status;

    (void)state;
    if (child == 0) {
        struct store_lock *lock = NULL;
        struct error err;

        if (!store_lock_take(scratch_path(&scratch, "s.db"), "postroom serve", &lock, &err))
            _exit(1);
        (void)kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    store_lock_release(take(&scratch, "s.db"));
}

/* Tries for the lock when the line of the pipe `start` is closed, and says on `tell` whom it found
 * there, or its own number; then it keeps what it has until `tell`'s reader is content. */
static void run_for_it(const char *store, int start, int tell, int end)
{
    struct store_lock *lock = NULL;
    struct error err;
    char byte;
    int holder = (int)getpid();

    (void)!read(start, &byte, 1);
    if (!store_lock_take(store, "postroom serve", &lock, &err) &&
        sscanf(err.text, "another postroom serve (pid %d)", &holder) != 1)
        holder = 0;
    (void)!write(tell, &holder, sizeof holder);
    (void)!read(end, &byte, 1);
    _exit(0);
}

/* However close they come: the name is written before anybody is turned away. */
static void of_several_at_once_the_losers_know_the_winner(void **state)
{
    enum { RUNNERS = 6, ROUNDS = 25 };
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    const char *store = scratch_path(&scratch, "s.db");

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        int start[2];
        int tell[2];
        int end[2];
        int holders[RUNNERS];

        assert_int_equal(pipe(start) | pipe(tell) | pipe(end), 0);
        for (int i = 0; i < RUNNERS; i++) {
            if (fork() == 0) {
                (void)close(start[1]);
                (void)close(end[1]);
                run_for_it(store, start[0], tell[1], end[0]);
            }
        }
        (void)close(start[1]);
        for (int i = 0; i < RUNNERS; i++)
            assert_int_equal(read(tell[0], &holders[i], sizeof holders[i]), sizeof holders[i]);
        for (int i = 0; i < RUNNERS; i++) {
            assert_int_not_equal(holders[i], 0);
            assert_int_equal(holders[i], holders[0]);
        }
        (void)close(end[1]);
        for (int i = 0; i < RUNNERS; i++)
            assert_true(wait(NULL) > 0);
        (void)close(start[0]);
        (void)close(tell[0]);
        (void)close(tell[1]);
        (void)close(end[0]);
    }
}

static void a_folder_that_cannot_be_written_is_told(void **state)
{
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    struct store_lock *lock = NULL;
    struct error err;

    (void)state;
    assert_false(store_lock_take(scratch_path(&scratch, "no/s.db"), "x", &lock, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_null(lock);
}

static void looking_tells_the_holder_and_takes_nothing(void **state)
{
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    const char *store = scratch_path(&scratch, "s.db");
    struct store_lock_holder holder;
    struct store_lock *lock;
    struct error err;

    (void)state;
    assert_true(store_lock_look(store, &holder, &err));
    assert_false(holder.held);
    lock = take(&scratch, "s.db");
    assert_true(store_lock_look(store, &holder, &err));
    assert_true(holder.held);
    assert_int_equal(holder.pid, getpid());
    assert_string_equal(holder.who, STORE_LOCK_DAEMON);
    store_lock_release(lock);
    assert_true(store_lock_look(store, &holder, &err));
    assert_false(holder.held); /* though the file still names it */
    store_lock_release(take(&scratch, "s.db"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_is_told_who_holds_it),
        cmocka_unit_test(two_names_of_a_store_share_the_lock),
        cmocka_unit_test(the_end_of_the_process_is_the_end_of_the_lock),
        cmocka_unit_test(of_several_at_once_the_losers_know_the_winner),
        cmocka_unit_test(looking_tells_the_holder_and_takes_nothing),
        cmocka_unit_test(a_folder_that_cannot_be_written_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
