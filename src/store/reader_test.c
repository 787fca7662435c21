#include "store/reader.h"

#include "io/loop.h"
#include "io/mailbox.h"
#include "store/db.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

enum { QUESTIONS = 20 };

struct asking {
    struct loop *loop;
    struct mailbox *answers;
    int awaited;
};

struct question {
    struct work work;
    bool ok;
    int64_t answer;
    struct error error;
};

static void ask(struct work *work, void *db)
{
    struct question *question = CONTAINER_OF(work, struct question, work);
    bool found;

    question->ok = db_find_int(db, &question->error, &found, &question->answer,
                               SQL("SELECT n FROM thing WHERE n >= $1"), db_int(0));
}

static void on_answers(void *owner, struct list *posted)
{
    struct asking *asking = owner;

    while (!list_empty(posted)) {
        list_remove(posted->next);
        asking->awaited--;
    }
    if (asking->awaited == 0)
        loop_stop(asking->loop);
}

static void ask_all(struct question *questions, int n, const char *path)
{
    struct asking asking = { .loop = loop_new("test"), .awaited = n };
    struct worker_pool *pool = reader_pool_new(asking.loop, path, 2);

    asking.answers = mailbox_new(asking.loop, on_answers, &asking);
    for (int i = 0; i < n; i++) {
        questions[i].work = (struct work){ .run = ask, .answers = asking.answers };
        worker_submit(pool, &questions[i].work);
    }
    loop_run(asking.loop);
    worker_pool_free(pool);
    mailbox_free(asking.answers);
    loop_free(asking.loop);
}

static void readers_answer_beside_a_writer(void **state)
{
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    struct question questions[QUESTIONS] = { 0 };
    const char *path = scratch_path(&scratch, "s.db");
    struct db *writer = NULL;
    struct error err;

    (void)state;
    assert_true(db_open(path, DB_CREATE, &writer, &err));
    assert_true(
        db_run_script(writer, "CREATE TABLE thing (n); INSERT INTO thing VALUES (7)", &err));
    assert_true(db_begin(writer, &err));
    ask_all(questions, QUESTIONS, path);
    for (int i = 0; i < QUESTIONS; i++) {
        assert_true(questions[i].ok);
        assert_int_equal(questions[i].answer, 7);
    }
    db_rollback(writer);
    db_close(writer);
}

static void a_store_that_cannot_be_opened_fails_the_question(void **state)
{
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    struct question question = { 0 };

    (void)state;
    ask_all(&question, 1, scratch_path(&scratch, "none.db"));
    assert_false(question.ok);
    assert_int_equal(question.error.kind, ERROR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_answer_beside_a_writer),
        cmocka_unit_test(a_store_that_cannot_be_opened_fails_the_question),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
