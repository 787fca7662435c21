/*
 * Writing down what came of a delivery: the attempt, the state that follows, the retry row, the
 * suppression of an unknown user. Runs on the ledger, inside its transaction.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_OUTCOME_RECORD_H
#define POSTROOM_SERVICES_DELIVERY_OUTCOME_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/delivery.h"
#include "domain/letter.h"
#include "domain/outcome.h"
#include "domain/settings.h"
#include "services/delivery/host_tries.h"

struct db;
struct delivery_row;

/* A try that has ended. Texts as in store/attempt.h. */
struct outcome_try {
    int64_t delivery;
    int64_t intent;                  /* 0: no leave was granted */
    int64_t epoch;                   /* of the grant */
    const struct delivery_row *left; /* the delivery as the grant left it; NULL: it is read */
    const struct outcome *outcome;
    const struct host_tries *earlier; /* of the same pass, each written as a try; NULL: none */
    const char *host;
    const char *ip;
    const char *source;
    const char *tls;
    const char *subject;  /* of the mail; NULL unless an intent was granted */
    struct span dialogue; /* packed; n == 0: none is there */
    int64_t dialogue_ms;  /* how long it is kept; 0: not at all */
    int64_t ms;
    int64_t now_ms;
    uint64_t chance; /* seed of the jitter */
    const struct settings *settings;
};

/* What it led to. */
struct outcome_recorded {
    enum delivery_state state; /* as the delivery stands now */
    int64_t due_at;            /* when it is tried again, for states that wait */
};

/* outcome_record writes it. A delivery that was ended or held while the server was asked (without
 * an intent) keeps its state and gets the attempt alone; of one that is gone from the store, a line
 * in the log is all that stays. */
MUST_USE bool outcome_record(struct db *db, const struct outcome_try *tried,
                             struct outcome_recorded *ret_recorded, struct error *err);

/* outcome_record_lost writes for an intent that a daemon left open when it ended that nobody knows
 * what came of it. */
MUST_USE bool outcome_record_lost(struct db *db, int64_t delivery, int64_t intent,
                                  const struct settings *settings, int64_t now_ms,
                                  struct error *err);

struct outcome_end {
    const struct letter *letter;
    const struct settings *settings;
    int64_t now_ms;
};

/* outcome_record_end ends, or holds, or lets wait a delivery there is nothing to send of now, as
 * the letter says; *ret_stale is true when the letter was composed of what no longer holds: compose
 * again. */
MUST_USE bool outcome_record_end(struct db *db, const struct outcome_end *end,
                                 struct outcome_recorded *ret_recorded, bool *ret_stale,
                                 struct error *err);

#endif
