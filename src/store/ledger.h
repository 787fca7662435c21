/*
 * The ledger: the only writer. Jobs come from any thread by mailbox, run inside a transaction on
 * the ledger's loop, and are answered after the commit (group commit: at once when idle, else at
 * most 5 ms or 1,000 changes). Intents and outcomes go first, requests next, bulk work in slices.
 */
#ifndef POSTROOM_STORE_LEDGER_H
#define POSTROOM_STORE_LEDGER_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/list.h"
#include "store/ledger_news.h"

struct db;
struct figure_sums;
struct ledger;
struct loop;
struct mailbox;

enum ledger_rank {
    LEDGER_OUTCOME, /* what a server answered: kept and retried until it commits, however long */
    LEDGER_INTENT,  /* asks leave to send the final dot: refused while an outcome cannot commit */
    LEDGER_REQUEST, /* a command or an intake: all or nothing, under a savepoint of its own */
    LEDGER_BULK     /* a slice of long work: fan-out, promotion, prune */
};

/* A job, first member of the submitter's struct. */
struct ledger_job {
    struct list link;
    const char *name; /* for logs */
    enum ledger_rank rank;

    /* Runs on the ledger inside a transaction; may run again after a rollback, so it must not
     * change anything but the database and its own struct's answer fields. false fills `err` and
     * undoes what it did. A refusal (no leave, stale) is an answer and returns true; false of an
     * outcome or intent is a fault, after which the transaction starts over. A LEDGER_BULK job aims
     * at 10 ms a call while mail flows and sets `again` when more is left: it is then called anew
     * in a later transaction. */
    bool (*run)(struct ledger_job *job, struct db *db, struct error *err);
    bool again;

    /* Where the job is posted (by `link`) after commit or failure; the receiver looks at `ok`. */
    struct mailbox *answers;
    bool ok;
    struct error error;
};

struct ledger_options {
    struct loop *loop; /* the ledger's own loop */
    struct db *db;     /* the writer, stays the caller's */
    int hold_ms;       /* how long a transaction may take in jobs before it commits: 5 */
    int hold_changes;  /* and how many changes: 1,000 */
    int gather_ms;     /* from one transaction of dense mail to the next, at least; 0: at once */
    int log_pages;     /* from how many pages on the log is brought into the database; 0: 8,192 */
};

/* ledger_new attaches a ledger to its loop. */
MUST_USE struct ledger *ledger_new(const struct ledger_options *options);

/* ledger_submit hands a job over; from any thread. The job is owned by the ledger until it is
 * answered. */
void ledger_submit(struct ledger *l, struct ledger_job *job);

/* ledger_pressed is true while intents or outcomes wait, for bulk jobs that choose their slice;
 * call it from a job's run. */
MUST_USE bool ledger_pressed(const struct ledger *l);

/* ledger_now_ms gives UTC milliseconds by the ledger's own clock; call it from a job's run. */
MUST_USE int64_t ledger_now_ms(const struct ledger *l);

/* ledger_listen sends what is told under `news` (a string literal) to `box`, after each commit, as
 * items of struct ledger_news.
 * Before the ledger's loop runs. */
void ledger_listen(struct ledger *l, const char *news, struct mailbox *box);

/* ledger_drain calls `done` once, from the ledger's loop, when every job submitted until then has
 * been answered; with a disk that stays full that may be never. From the ledger's loop. */
void ledger_drain(struct ledger *l, void (*done)(void *owner), void *owner);

/* ledger_figures adds what the ledger has counted; from any thread. */
void ledger_figures(const struct ledger *l, struct figure_sums *sums);

/* ledger_free ends an idle ledger (drain first: every job answered), before its database is
 * closed and its loop freed. */
void ledger_free(struct ledger *l);

#endif
