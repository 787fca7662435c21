/*
 * The connection opens with a thread's first letter, and again after it could not be opened: a
 * store that cannot be read is that letter's failure.
 */
#include "services/delivery/composing.h"

#include <stdio.h>

#include "base/alloc.h"
#include "io/worker.h"
#include "store/db.h"

struct composing {
    const struct delivery_engine_options *options;
    struct db *db;
    void *worker;
};

static void *composing_new(void *owner)
{
    struct composing *c = NEW(struct composing);

    c->options = owner;
    c->worker = c->options->letters.worker_new(c->options->letters.context);
    return c;
}

static void composing_free(void *state)
{
    struct composing *c = state;

    c->options->letters.worker_free(c->worker);
    db_close(c->db);
    alloc_free(c);
}

struct worker_pool *composing_pool_new(struct loop *loop,
                                       const struct delivery_engine_options *options)
{
    const struct worker_options pool = { .name = "composer",
                                         .threads = options->composers,
                                         .state_new = composing_new,
                                         .state_free = composing_free,
                                         .owner = (void *)(uintptr_t)options,
                                         .loop = loop };

    return worker_pool_new(&pool);
}

/* How long a mail waits that nobody may see yet, so far as is known. */
enum { BLIND_MS = 60000 };

void composing_blind(struct letter *letter, const struct error *problem, int64_t now_ms)
{
    letter->verdict = LETTER_WAITS;
    letter->wait_until = now_ms + BLIND_MS;
    (void)snprintf(letter->reason, sizeof letter->reason, "blind");
    (void)snprintf(letter->problem, sizeof letter->problem,
                   "The application's visibility check does not answer: %s", problem->text);
}

/* The letter once more, with the answers to what it asks. */
static bool make_seen(struct composing *c, const struct letter_order *order,
                      struct letter *ret_letter, struct error *err)
{
    const struct delivery_engine_options *options = c->options;
    struct sight_sheet *sheet = ret_letter->asks;
    const struct letter_order seen = { order->delivery, order->now_ms, sheet };
    struct error problem;
    bool fine = true;

    if (!options->sight.see(options->sight.context, sheet, order->now_ms, &problem)) {
        composing_blind(ret_letter, &problem, order->now_ms);
        return true;
    }
    ret_letter->asks = NULL;
    letter_fini(ret_letter);
    fine = options->letters.make(c->worker, c->db, &seen, ret_letter, err);
    sight_sheet_free(sheet);
    return fine;
}

bool composing_letter(struct composing *c, const struct letter_order *order,
                      struct letter *ret_letter, struct error *err)
{
    const struct delivery_engine_options *options = c->options;

    if (c->db == NULL && !db_open(options->settings->database, DB_READ, &c->db, err))
        return false;
    if (!options->letters.make(c->worker, c->db, order, ret_letter, err))
        return false;
    return ret_letter->verdict != LETTER_ASKS || options->sight.see == NULL ||
           make_seen(c, order, ret_letter, err);
}
