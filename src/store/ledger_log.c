/*
 * Checkpoints, in two steps so that no intent waits for them. A thread with a connection of its
 * own copies the long part while the ledger goes on writing behind it; then the ledger copies the
 * little that came meanwhile, between two transactions, which lets the next one begin the log
 * anew. Both are passive: they wait for nobody, and a reader who looks at an old state only makes
 * the log stay longer.
 */
#include "store/ledger_log.h"

#include "base/alloc.h"
#include "base/log.h"
#include "io/mailbox.h"
#include "io/timer.h"
#include "io/worker.h"
#include "store/db.h"
#include "store/db_internal.h"

enum { PAGES = 8192, IDLE_MS = 1000 };

struct ledger_log {
    struct work work; /* the long step */
    struct db *db;
    int pages;
    int next_at; /* the length at which to begin */
    int seen;    /* the length at the last look */
    bool is_busy;
    struct worker_pool *pool;
    struct mailbox *answers;
    struct timer idle;
};

static void checkpoint(struct db *db)
{
    struct error err;

    if (!db_checkpoint(db, &err))
        log_warning("checkpoint-failed", log_text("reason", err.text));
}

static void *open_second_connection(void *path)
{
    struct db *db = NULL;
    struct error err;

    if (!db_open(path, DB_WRITE, &db, &err))
        log_warning("checkpoint-failed", log_text("reason", err.text));
    return db;
}

static void close_second_connection(void *db)
{
    db_close(db);
}

static void run_long_step(struct work *work, void *db)
{
    (void)work;
    if (db != NULL)
        checkpoint(db);
}

static void begin(struct ledger_log *log)
{
    if (log->is_busy)
        return;
    log->is_busy = true;
    worker_submit(log->pool, &log->work);
}

/* The short step. What a reader kept from being copied waits until as much again has come. */
static void on_long_step_done(void *owner, struct list *posted)
{
    struct ledger_log *log = owner;

    list_remove(posted->next);
    log->is_busy = false;
    checkpoint(log->db);
    log->next_at = log->seen + log->pages;
}

static void on_idle(void *owner)
{
    begin(owner);
}

void ledger_log_look(struct ledger_log *log)
{
    int pages = db_log_pages(log->db);

    if (pages < log->seen) /* begun anew */
        log->next_at = log->pages;
    if (pages == log->seen)
        return;
    log->seen = pages;
    if (pages >= log->next_at)
        begin(log);
    timer_start(&log->idle, IDLE_MS);
}

struct ledger_log *ledger_log_new(struct loop *loop, struct db *db, int pages)
{
    struct ledger_log *log = NEW(struct ledger_log);
    const struct worker_options options = { .name = "checkpoint",
                                            .threads = 1,
                                            .state_new = open_second_connection,
                                            .state_free = close_second_connection,
                                            .owner = (void *)(uintptr_t)db_path(db),
                                            .loop = loop };

    log->db = db;
    log->pages = pages > 0 ? pages : PAGES;
    log->next_at = log->pages;
    log->answers = mailbox_new(loop, on_long_step_done, log);
    log->work = (struct work){ .run = run_long_step, .answers = log->answers };
    timer_init(&log->idle, loop, on_idle, log);
    log->pool = worker_pool_new(&options);
    return log;
}

void ledger_log_free(struct ledger_log *log)
{
    if (log == NULL)
        return;
    timer_stop(&log->idle);
    worker_pool_free(log->pool);
    mailbox_free(log->answers);
    alloc_free(log);
}
