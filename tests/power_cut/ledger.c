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
    int slices_left;
    bool is_answered;
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

static void submit_next(struct run *r)
{
    struct pair_job *pair = &r->jobs[r->submitted];

    pair->run = r;
    pair->number = ++r->submitted;
    pair->job = (struct ledger_job){ .name = "pair",
                                     .rank = (enum ledger_rank)random_below(&r->chance, 4),
                                     .run = run_pair,
                                     .answers = r->answers };
    ledger_submit(r->ledger, &pair->job);
}

static void on_answers(void *owner, struct list *posted)
{
    struct run *r = owner;

    while (!list_empty(posted)) {
        struct pair_job *pair = CONTAINER_OF(posted->next, struct pair_job, job.link);

        list_remove(posted->next);
        pair->is_answered = true;
        r->answered++;
        if (r->submitted < JOBS && !power_vfs_is_cut(r->power))
            submit_next(r);
    }
    if (r->answered == JOBS || power_vfs_is_cut(r->power))
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
    r->ledger = ledger_new(&(struct ledger_options){
        .loop = r->loop, .db = r->db, .hold_ms = 5, .hold_changes = 40, .log_pages = LOG_PAGES });
}

static void work(struct run *r)
{
    for (int i = 0; i < AT_ONCE; i++)
        submit_next(r);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_answered_survives_a_power_cut),
        cmocka_unit_test(one_failed_operation_loses_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
