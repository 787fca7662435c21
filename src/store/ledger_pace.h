/*
 * How dense the mail is that the ledger writes down: whether a transaction that waits a moment
 * will have company.
 */
#ifndef POSTROOM_STORE_LEDGER_PACE_H
#define POSTROOM_STORE_LEDGER_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

/* Zeros are the beginning. */
struct ledger_pace {
    int64_t window; /* the stretch of time at hand */
    int jobs;       /* that came in it, */
    int before;     /* and in the one before it */
};

/* ledger_pace_note notes a job that came at `now_ms`, monotonic. */
void ledger_pace_note(struct ledger_pace *pace, int64_t now_ms);

/* ledger_pace_is_dense tells whether several jobs a millisecond came of late. */
MUST_USE bool ledger_pace_is_dense(const struct ledger_pace *pace, int64_t now_ms);

#endif
