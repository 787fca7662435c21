#include "store/ledger.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "store/db.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

/* One loop serves the ledger and those who wait for answers; it stops when all have come. */
struct fixture {
    struct scratch scratch;
    struct loop *loop;
    struct mailbox *answers;
    struct mailbox *news_box;
    struct db *db;
    struct ledger *ledger;
    struct error err;
    int awaited;
    bool is_drained;
    struct buf order; /* names of jobs as they ran; "+" or "-" with those of answers */
};

/* A job that notes its name in the table, so often as `slices` says. */
struct note {
    struct ledger_job job;
    struct fixture *fixture;
    int slices;
    int fails;       /* so many runs fail, before they note */
    int fails_after; /* so many runs fail after they noted */
    int runs;
    const char *tells;
    void (*meanwhile)(struct fixture *f); /* what happens during the first run */
};

static bool run_note(struct ledger_job *job, struct db *db, struct error *err)
{
    struct note *note = CONTAINER_OF(job, struct note, job);

    buf_put_text(&note->fixture->order, job->name);
    if (note->runs++ == 0 && note->meanwhile != NULL)
        note->meanwhile(note->fixture);
    if (note->fails > 0 && note->fails--)
        return error_set(err, ERROR_INTERNAL, "%s failed", job->name);
    if (!db_run(db, err, SQL("INSERT INTO noted (name) VALUES ($1)"), db_string(job->name)))
        return false;
    if (note->tells != NULL)
        db_tell(db, "noted", span_of(note->tells));
    if (note->fails_after > 0 && note->fails_after--)
        return error_set(err, ERROR_INTERNAL, "%s failed late", job->name);
    job->again = note->runs < note->slices;
    return true;
}

static void on_answers(void *owner, struct list *posted)
{
    struct fixture *f = owner;

    while (!list_empty(posted)) {
        const struct ledger_job *job = CONTAINER_OF(posted->next, struct ledger_job, link);

        list_remove(posted->next);
        buf_printf(&f->order, " %s%s", job->name, job->ok ? "+ " : "- ");
        f->awaited--;
    }
    if (f->awaited == 0)
        loop_stop(f->loop);
}

static void on_news(void *owner, struct list *posted)
{
    struct fixture *f = owner;

    while (!list_empty(posted)) {
        struct ledger_news *news = CONTAINER_OF(posted->next, struct ledger_news, link);

        buf_printf(&f->order, "[%s]", news->key);
        ledger_news_free(news);
    }
}

static void need(struct fixture *f, bool ok)
{
    if (!ok)
        fail_msg("%s", f->err.text);
}

static int set_up(void **state)
{
    struct fixture *f = NEW(struct fixture);

    *state = f;
    f->scratch = scratch_new();
    buf_init(&f->order, 10000);
    f->loop = loop_new("test");
    f->answers = mailbox_new(f->loop, on_answers, f);
    f->news_box = mailbox_new(f->loop, on_news, f);
    need(f, db_open(scratch_path(&f->scratch, "s.db"), DB_CREATE, &f->db, &f->err));
    need(f, db_run_script(f->db, "CREATE TABLE noted (id INTEGER PRIMARY KEY, name TEXT) STRICT",
                          &f->err));
    f->ledger = ledger_new(&(struct ledger_options){
        .loop = f->loop, .db = f->db, .hold_ms = 5, .hold_changes = 1000 });
    ledger_listen(f->ledger, "noted", f->news_box);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    ledger_free(f->ledger);
    mailbox_free(f->answers);
    mailbox_free(f->news_box);
    loop_free(f->loop);
    db_close(f->db);
    buf_fini(&f->order);
    scratch_fini(&f->scratch);
    alloc_free(f);
    return 0;
}

static struct note note_of(struct fixture *f, enum ledger_rank rank, const char *name)
{
    return (struct note){
        .job = { .name = name, .rank = rank, .run = run_note, .answers = f->answers }, .fixture = f
    };
}

static void submit(struct fixture *f, struct note *note)
{
    f->awaited++;
    ledger_submit(f->ledger, &note->job);
}

/* The names noted in the store, in order. */
static const char *noted(struct fixture *f)
{
    CLEANUP(db_rows_end)
    struct db_rows *rows =
        db_query_plain(f->db, SQL("SELECT name FROM noted ORDER BY id"), &f->err);

    buf_clear(&f->order);
    while (db_next(rows))
        buf_put(&f->order, db_column_text(rows, 0));
    need(f, db_rows_finish(&rows, &f->err));
    return buf_text(&f->order);
}

static void mail_goes_first_and_bulk_by_itself(void **state)
{
    struct fixture *f = *state;
    struct note bulk = note_of(f, LEDGER_BULK, "b");
    struct note request = note_of(f, LEDGER_REQUEST, "r");
    struct note intent = note_of(f, LEDGER_INTENT, "i");
    struct note outcome = note_of(f, LEDGER_OUTCOME, "o");

    submit(f, &bulk);
    submit(f, &request);
    submit(f, &intent);
    submit(f, &outcome);
    loop_run(f->loop);
    assert_string_equal(buf_text(&f->order), "oir o+  i+  r+ b b+ ");
    assert_string_equal(noted(f), "oirb");
}

static void mail_without_end_keeps_no_request_waiting(void **state)
{
    struct fixture *f = *state;
    struct note first = note_of(f, LEDGER_INTENT, "1");
    struct note second = note_of(f, LEDGER_INTENT, "2");
    struct note a = note_of(f, LEDGER_REQUEST, "a");
    struct note b = note_of(f, LEDGER_REQUEST, "b");

    ledger_free(f->ledger);
    f->ledger = ledger_new(&(struct ledger_options){
        .loop = f->loop, .db = f->db, .hold_ms = 1000, .hold_changes = 1 });
    submit(f, &first);
    submit(f, &second);
    submit(f, &a);
    submit(f, &b);
    loop_run(f->loop);
    assert_string_equal(buf_text(&f->order), "1a 1+  a+ 2b 2+  b+ ");
}

static void mail_leaves_requests_a_third_of_a_transaction(void **state)
{
    struct fixture *f = *state;
    struct note mail[5];
    struct note requests[3];

    ledger_free(f->ledger);
    f->ledger = ledger_new(&(struct ledger_options){
        .loop = f->loop, .db = f->db, .hold_ms = 1000, .hold_changes = 4 });
    for (size_t i = 0; i < ARRAY_LENGTH(mail); i++)
        mail[i] = note_of(f, LEDGER_INTENT, "m");
    for (size_t i = 0; i < ARRAY_LENGTH(requests); i++)
        requests[i] = note_of(f, LEDGER_REQUEST, "r");
    for (size_t i = 0; i < ARRAY_LENGTH(mail); i++)
        submit(f, &mail[i]);
    for (size_t i = 0; i < ARRAY_LENGTH(requests); i++)
        submit(f, &requests[i]);
    loop_run(f->loop);
    assert_string_equal(noted(f), "mmmmrrmr");
}

static void a_failed_request_fails_alone(void **state)
{
    struct fixture *f = *state;
    struct note bad = note_of(f, LEDGER_REQUEST, "x");
    struct note good = note_of(f, LEDGER_REQUEST, "g");

    bad.fails_after = 1;
    bad.tells = "never";
    submit(f, &bad);
    submit(f, &good);
    loop_run(f->loop);
    assert_false(bad.job.ok);
    assert_string_equal(bad.job.error.text, "x failed late");
    assert_true(good.job.ok);
    assert_string_equal(buf_text(&f->order), "xg x-  g+ ");
    assert_string_equal(noted(f), "g");
}

static void a_failed_intent_is_found_out_and_the_others_run_again(void **state)
{
    struct fixture *f = *state;
    struct note one = note_of(f, LEDGER_INTENT, "1");
    struct note bad = note_of(f, LEDGER_INTENT, "x");
    struct note two = note_of(f, LEDGER_INTENT, "2");

    bad.fails_after = 2;
    submit(f, &one);
    submit(f, &bad);
    submit(f, &two);
    loop_run(f->loop);
    assert_string_equal(buf_text(&f->order), "1x1x2 1+  x-  2+ ");
    assert_string_equal(noted(f), "12");
}

/* As long as an outcome fails, nothing is granted. */
static void an_outcome_is_tried_until_it_commits(void **state)
{
    struct fixture *f = *state;
    struct note bad = note_of(f, LEDGER_OUTCOME, "x");
    struct note good = note_of(f, LEDGER_OUTCOME, "g");
    struct note intent = note_of(f, LEDGER_INTENT, "i");
    struct note request = note_of(f, LEDGER_REQUEST, "r");
    struct note late = note_of(f, LEDGER_INTENT, "l");

    log_set_level(LOG_ERROR + 1);
    bad.fails = 3;
    submit(f, &bad);
    submit(f, &good);
    submit(f, &intent);
    submit(f, &request);
    loop_run(f->loop);
    assert_true(bad.job.ok);
    assert_true(good.job.ok);
    assert_false(intent.job.ok);
    assert_int_equal(intent.job.error.kind, ERROR_TEMPORARY);
    assert_false(request.job.ok); /* the reason lasted */
    assert_string_equal(request.job.error.text, "x failed");
    assert_string_equal(buf_text(&f->order), "xxg g+  i- x r- x x+ ");
    submit(f, &late);
    loop_run(f->loop);
    assert_true(late.job.ok);
    assert_string_equal(noted(f), "gxl");
    log_set_level(LOG_INFO);
}

static struct note asked_while_stalled;

static void ask_leave(struct fixture *f)
{
    submit(f, &asked_while_stalled);
}

static void no_leave_is_given_while_an_outcome_waits(void **state)
{
    struct fixture *f = *state;
    struct note bad = note_of(f, LEDGER_OUTCOME, "x");

    log_set_level(LOG_ERROR + 1);
    asked_while_stalled = note_of(f, LEDGER_INTENT, "i");
    bad.fails = 3;
    bad.meanwhile = ask_leave;
    submit(f, &bad);
    loop_run(f->loop);
    assert_false(asked_while_stalled.job.ok);
    assert_int_equal(asked_while_stalled.job.error.kind, ERROR_TEMPORARY);
    assert_non_null(strstr(asked_while_stalled.job.error.text, "x failed"));
    assert_string_equal(noted(f), "x");
    log_set_level(LOG_INFO);
}

static void slices_take_turns_with_each_other(void **state)
{
    struct fixture *f = *state;
    struct note a = note_of(f, LEDGER_BULK, "a");
    struct note b = note_of(f, LEDGER_BULK, "b");

    a.slices = 3;
    b.slices = 2;
    submit(f, &a);
    submit(f, &b);
    loop_run(f->loop);
    assert_string_equal(noted(f), "ababa");
}

static void see_pressure(struct fixture *f)
{
    static struct note intent;

    assert_false(ledger_pressed(f->ledger));
    intent = note_of(f, LEDGER_INTENT, "i");
    submit(f, &intent);
    assert_true(ledger_pressed(f->ledger));
}

static void an_intent_goes_before_the_next_slice(void **state)
{
    struct fixture *f = *state;
    struct note bulk = note_of(f, LEDGER_BULK, "b");

    bulk.slices = 3;
    bulk.meanwhile = see_pressure;
    submit(f, &bulk);
    loop_run(f->loop);
    assert_string_equal(noted(f), "bibb");
    assert_false(ledger_pressed(f->ledger));
}

static void news_comes_before_the_answer(void **state)
{
    struct fixture *f = *state;
    struct note one = note_of(f, LEDGER_REQUEST, "1");
    struct note two = note_of(f, LEDGER_REQUEST, "2");

    one.tells = "lane";
    two.tells = "lane";
    submit(f, &one);
    submit(f, &two);
    loop_run(f->loop);
    assert_non_null(strstr(buf_text(&f->order), "[lane]"));
    assert_null(strstr(strstr(buf_text(&f->order), "[lane]") + 1, "[lane]"));
}

static void on_drained(void *owner)
{
    struct fixture *f = owner;

    f->is_drained = true;
    loop_stop(f->loop);
}

static void a_drained_ledger_has_answered_everything(void **state)
{
    struct fixture *f = *state;
    struct note bulk = note_of(f, LEDGER_BULK, "b");
    struct note request = note_of(f, LEDGER_REQUEST, "r");

    bulk.slices = 20;
    submit(f, &bulk);
    submit(f, &request);
    f->awaited = 1000; /* only draining stops the loop */
    ledger_drain(f->ledger, on_drained, f);
    loop_run(f->loop);
    assert_true(f->is_drained);
    assert_int_equal(bulk.runs, 20);
    assert_true(bulk.job.ok && request.job.ok);
}

int main(void)
{
#define STORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        STORY(mail_goes_first_and_bulk_by_itself),
        STORY(mail_without_end_keeps_no_request_waiting),
        STORY(mail_leaves_requests_a_third_of_a_transaction),
        STORY(a_failed_request_fails_alone),
        STORY(a_failed_intent_is_found_out_and_the_others_run_again),
        STORY(an_outcome_is_tried_until_it_commits),
        STORY(no_leave_is_given_while_an_outcome_waits),
        STORY(slices_take_turns_with_each_other),
        STORY(an_intent_goes_before_the_next_slice),
        STORY(news_comes_before_the_answer),
        STORY(a_drained_ledger_has_answered_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
