/*
 * The ledger on a bad disk. A run submits outcomes, intents, requests and slices, each of which
 * writes the same number into two tables and counts it; whatever happens to the disk, what was
 * answered with ok is there afterwards, what was refused is not, and nothing is there by half.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/random.h"
#include "io/loop.h"
#include "io/mailbox.h"
#include "io/timer.h"
#include "store/db.h"
#include "store/ledger.h"
#include "store/schema.h"
#include "tests/support/cmocka.h"
#include "tests/support/power_vfs.h"
#include "tests/support/scratch.h"

enum { JOBS = 120, AT_ONCE = 12, SLICES = 3, CUTS = 300, FAULTS = 120, LOG_PAGES = 40 };

struct run;

struct pair_job {
    struct ledger_job job;
    struct run *run;
    int64_t number;
    bool is_answered;
    void (*before)(struct run *r); /* what happens to the disk when the job runs */
};

struct run {
    struct scratch scratch;
    struct power_vfs *power;
    struct random chance;
    struct loop *loop;
    struct mailbox *answers;
    struct timer watch; /* looks whether the power is cut */
    struct db *db;
    struct ledger *ledger;
    struct pair_job jobs[JOBS];
    int submitted;
    int answered;
    int stop_at; /* so many answers */
};

static void need(bool ok, const struct error *err)
{
    if (!ok)
        fail_msg("%s", err->text);
}

/* ---- the work ---- */

static bool write_pair(struct db *db, int64_t number, struct error *err)
{
    int64_t id;
    char text[200];

    memset(text, 'x', sizeof text);
    if (!db_next_id(db, "power", &id, err))
        return false;
    db_count(db, "power", "pairs", "written", 1);
    return db_run(db, err, SQL("INSERT INTO one (id, number, text) VALUES ($1, $2, $3)"),
                  db_int(id), db_int(number), db_text((struct span){ text, sizeof text })) &&
           db_run(db, err, SQL("INSERT INTO two (number) VALUES ($1)"), db_int(number)) &&
           db_run(db, err, SQL("UPDATE sum SET n = n + $1"), db_int(number));
}

static bool run_pair(struct ledger_job *job, struct db *db, struct error *err)
{
    struct pair_job *pair = CONTAINER_OF(job, struct pair_job, job);

    if (pair->before != NULL)
        pair->before(pair->run);
    if (job->rank == LEDGER_BULK) {
        bool found;
        int64_t done;

        /* a slice that was undone is done again: how far it got stands in the store alone */
        if (!db_find_int(db, err, &found, &done,
                         SQL("SELECT count(*) FROM two WHERE number >= $1 AND number < $2"),
                         db_int(pair->number * 1000), db_int(pair->number * 1000 + SLICES)))
            return false;
        job->again = done + 1 < SLICES;
        return write_pair(db, pair->number * 1000 + done, err);
    }
    return write_pair(db, pair->number, err);
}

static struct pair_job *submit(struct run *r, enum ledger_rank rank)
{
    struct pair_job *pair = &r->jobs[r->submitted];

    pair->run = r;
    pair->number = ++r->submitted;
    pair->job =
        (struct ledger_job){ .name = "pair", .rank = rank, .run = run_pair, .answers = r->answers };
    ledger_submit(r->ledger, &pair->job);
    return pair;
}

static void submit_any(struct run *r)
{
    (void)submit(r, (enum ledger_rank)random_below(&r->chance, 4));
}

static void on_answers(void *owner, struct list *posted)
{
    struct run *r = owner;

    while (!list_empty(posted)) {
        struct pair_job *pair = CONTAINER_OF(posted->next, struct pair_job, job.link);

        list_remove(posted->next);
        /* no refusal reaches anybody once the power is gone, and a commit the cut interrupted may
         * be on the disk all the same */
        pair->is_answered = pair->job.ok || !power_vfs_is_cut(r->power);
        r->answered++;
        if (r->stop_at == JOBS && r->submitted < JOBS && !power_vfs_is_cut(r->power))
            submit_any(r);
    }
    if (r->answered == r->stop_at || power_vfs_is_cut(r->power))
        loop_stop(r->loop);
}

static void on_watch(void *owner)
{
    struct run *r = owner;

    if (power_vfs_is_cut(r->power))
        loop_stop(r->loop);
    else
        timer_start(&r->watch, 5);
}

/* ---- the run ---- */

static void make_store(struct run *r)
{
    struct error err;

    need(db_open(scratch_path(&r->scratch, "s.db"), DB_CREATE, &r->db, &err), &err);
    need(db_run_script(r->db,
                       "CREATE TABLE one (id INTEGER PRIMARY KEY, number INTEGER, text TEXT);"
                       "CREATE TABLE two (number INTEGER PRIMARY KEY);"
                       "CREATE TABLE sum (n INTEGER);"
                       "INSERT INTO sum VALUES (0);"
                       "CREATE TABLE sequence (name TEXT PRIMARY KEY, next INTEGER NOT NULL);"
                       "CREATE TABLE counter (scope TEXT, key TEXT, state TEXT, node INTEGER,"
                       " n INTEGER, PRIMARY KEY (scope, key, state, node));",
                       &err),
         &err);
}

static void start(struct run *r, uint64_t seed)
{
    memset(r, 0, sizeof *r);
    log_set_level(LOG_ERROR + 1);
    r->scratch = scratch_new();
    r->power = power_vfs_new(seed);
    random_seed(&r->chance, seed);
    make_store(r);
    r->loop = loop_new("power");
    r->answers = mailbox_new(r->loop, on_answers, r);
    timer_init(&r->watch, r->loop, on_watch, r);
    timer_start(&r->watch, 5);
    r->ledger = ledger_new(&(struct ledger_options){ .loop = r->loop,
                                                     .db = r->db,
                                                     .hold_ms = 5,
                                                     .hold_changes = 40,
                                                     .gather_ms = 3,
                                                     .log_pages = LOG_PAGES });
}

static void work(struct run *r)
{
    r->stop_at = JOBS;
    for (int i = 0; i < AT_ONCE; i++)
        submit_any(r);
    loop_run(r->loop);
}

static void work_until_answered(struct run *r, int n)
{
    r->stop_at = n;
    loop_run(r->loop);
}

/* The process is gone; its disk may have to bear it. */
static void end(struct run *r)
{
    timer_stop(&r->watch);
    ledger_free(r->ledger);
    mailbox_free(r->answers);
    loop_free(r->loop);
    db_close(r->db);
    r->db = NULL;
}

static void clean_up(struct run *r)
{
    power_vfs_free(r->power);
    scratch_fini(&r->scratch);
    log_set_level(LOG_INFO);
}

/* ---- what must hold ---- */

static int64_t find_number(struct db *db, const char *sql)
{
    bool found;
    int64_t n = 0;
    struct error err;

    need(db_find_int_values(db, sql, NULL, &found, &n, &err), &err);
    assert_true(found);
    return n;
}

static bool is_there(struct db *db, int64_t number)
{
    bool found;
    int64_t n;
    struct error err;

    need(db_find_int(db, &err, &found, &n, SQL("SELECT number FROM two WHERE number = $1"),
                     db_int(number)),
         &err);
    return found;
}

static void check_answers(struct run *r, struct db *db)
{
    for (int i = 0; i < r->submitted; i++) {
        const struct pair_job *pair = &r->jobs[i];
        bool is_bulk = pair->job.rank == LEDGER_BULK;
        int64_t last = is_bulk ? pair->number * 1000 + SLICES - 1 : pair->number;

        if (pair->is_answered && pair->job.ok && !is_there(db, last))
            fail_msg("job %d was answered and is lost", i);
        if (pair->is_answered && !pair->job.ok && is_there(db, last))
            fail_msg("job %d was refused and is there", i);
    }
}

static void check_nothing_is_there_by_half(struct db *db)
{
    bool found;
    char *verdict = NULL;
    struct error err;
    int64_t pairs = find_number(db, SQL("SELECT count(*) FROM two"));

    need(
        db_find_text_values(db, SQL_SQLITE("PRAGMA integrity_check"), NULL, &found, &verdict, &err),
        &err);
    assert_string_equal(verdict, "ok");
    alloc_free(verdict);
    assert_int_equal(
        find_number(db, SQL("SELECT count(*) FROM one JOIN two ON two.number = one.number")),
        pairs);
    assert_int_equal(find_number(db, SQL("SELECT count(*) FROM one")), pairs);
    assert_int_equal(find_number(db, SQL("SELECT coalesce(sum(n), 0) FROM counter")), pairs);
    assert_int_equal(find_number(db, SQL("SELECT coalesce(sum(number), 0) FROM two")),
                     find_number(db, SQL("SELECT n FROM sum")));
    assert_true(find_number(db, SQL("SELECT coalesce(max(next), 1) FROM sequence")) >
                find_number(db, SQL("SELECT coalesce(max(id), 0) FROM one")));
}

static void check(struct run *r)
{
    struct db *db = NULL;
    struct error err;

    need(db_open(scratch_path(&r->scratch, "s.db"), DB_WRITE, &db, &err), &err);
    check_answers(r, db);
    check_nothing_is_there_by_half(db);
    db_close(db);
}

/* ---- the stories ---- */

static int64_t operations_of_a_whole_run(void)
{
    static struct run r;
    int64_t before;
    int64_t n;

    start(&r, 1);
    before = power_vfs_operations(r.power);
    work(&r);
    n = power_vfs_operations(r.power) - before;
    assert_int_equal(r.answered, JOBS);
    end(&r);
    check(&r);
    for (int i = 0; i < JOBS; i++)
        assert_true(r.jobs[i].job.ok);
    clean_up(&r);
    return n;
}

static void what_was_answered_survives_a_power_cut(void **state)
{
    int64_t all = operations_of_a_whole_run();
    struct random chance;
    int cuts = 0;

    (void)state;
    random_seed(&chance, 7);
    for (uint64_t seed = 0; seed < CUTS; seed++) {
        static struct run r;

        start(&r, seed);
        power_vfs_cut_at(r.power, 1 + (int64_t)random_below(&chance, (uint64_t)all));
        work(&r);
        cuts += power_vfs_is_cut(r.power) ? 1 : 0;
        end(&r);
        power_vfs_return(r.power);
        check(&r);
        clean_up(&r);
    }
    assert_true(cuts > CUTS / 2);
}

static void one_failed_operation_loses_nothing(void **state)
{
    int64_t all = operations_of_a_whole_run();
    struct random chance;

    (void)state;
    random_seed(&chance, 8);
    for (uint64_t seed = 0; seed < FAULTS; seed++) {
        static struct run r;

        start(&r, seed);
        power_vfs_fail_at(r.power, 1 + (int64_t)random_below(&chance, (uint64_t)all));
        work(&r);
        assert_int_equal(r.answered, JOBS);
        for (int i = 0; i < JOBS; i++)
            if (r.jobs[i].job.rank == LEDGER_OUTCOME || r.jobs[i].job.rank == LEDGER_BULK)
                assert_true(r.jobs[i].job.ok);
        end(&r);
        check(&r);
        clean_up(&r);
    }
}

/* Outcomes wait in memory; who asks is told why not; with room everything goes on. */
static void a_full_disk_loses_no_outcome_and_grants_nothing(void **state)
{
    static struct run r;
    const struct pair_job *outcome;
    const struct pair_job *slice;
    const struct pair_job *intent;
    const struct pair_job *refused[4];

    (void)state;
    start(&r, 3);
    power_vfs_set_full(r.power, true);
    outcome = submit(&r, LEDGER_OUTCOME);
    refused[0] = submit(&r, LEDGER_INTENT);
    refused[1] = submit(&r, LEDGER_REQUEST);
    slice = submit(&r, LEDGER_BULK);
    work_until_answered(&r, 2);
    refused[2] = submit(&r, LEDGER_INTENT);
    refused[3] = submit(&r, LEDGER_REQUEST);
    work_until_answered(&r, 4);
    assert_false(outcome->is_answered);
    assert_false(slice->is_answered);
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        assert_true(refused[i]->is_answered);
        assert_false(refused[i]->job.ok);
        assert_non_null(strstr(refused[i]->job.error.text, "the disk is full"));
    }
    assert_int_equal(refused[2]->job.error.kind, ERROR_TEMPORARY);
    assert_int_equal(refused[3]->job.error.kind, ERROR_IO);

    power_vfs_set_full(r.power, false);
    work_until_answered(&r, 6);
    assert_true(outcome->job.ok);
    assert_true(slice->job.ok);
    intent = submit(&r, LEDGER_INTENT);
    work_until_answered(&r, 7);
    assert_true(intent->job.ok);
    end(&r);
    check(&r);
    clean_up(&r);
}

static void make_room(struct run *r)
{
    power_vfs_set_full(r->power, false);
}

static void fill_disk(struct run *r)
{
    power_vfs_set_full(r->power, true);
    if (r->submitted > 1)
        return;
    submit(r, LEDGER_OUTCOME)->before = make_room;
    submit(r, LEDGER_INTENT)->before = make_room;
}

/* Long work that does not fit comes again later, and mail that does fit goes on. */
static void a_slice_too_large_for_the_disk_stops_no_mail(void **state)
{
    static struct run r;
    struct pair_job *slice;

    (void)state;
    start(&r, 4);
    slice = submit(&r, LEDGER_BULK);
    slice->before = fill_disk;
    work_until_answered(&r, 2);
    assert_false(slice->is_answered);
    assert_true(r.jobs[1].job.ok);
    assert_true(r.jobs[2].job.ok);
    slice->before = make_room;
    work_until_answered(&r, 3);
    assert_true(slice->job.ok);
    end(&r);
    check(&r);
    clean_up(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_answered_survives_a_power_cut),
        cmocka_unit_test(one_failed_operation_loses_nothing),
        cmocka_unit_test(a_full_disk_loses_no_outcome_and_grants_nothing),
        cmocka_unit_test(a_slice_too_large_for_the_disk_stops_no_mail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
