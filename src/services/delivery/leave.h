/*
 * Leave to send: the last moment at which a mail can be stopped. Runs on the ledger, inside its
 * transaction. What was decided when the letter was composed is not decided again: the versions it
 * was decided on are compared, and time and suppressions asked.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_LEAVE_H
#define POSTROOM_SERVICES_DELIVERY_LEAVE_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/letter.h"
#include "domain/settings.h"
#include "store/delivery.h"

struct db;

struct leave_question {
    const struct letter *letter; /* LETTER_READY */
    const struct settings *settings;
    int64_t node;
    int64_t now_ms;
    int64_t sight_age; /* what the application said of who may see it counts so long */
};

enum leave {
    LEAVE_GRANTED, /* the delivery is `sending` and the intent written */
    LEAVE_STALE,   /* something has changed since: compose again */
    LEAVE_ENDED,   /* no mail: the delivery has ended, expired or is suppressed */
    LEAVE_WAITS    /* not now: somebody holds it, or another hand sends it */
};

struct leave_answer {
    enum leave leave;
    int64_t intent;          /* with LEAVE_GRANTED, */
    struct delivery_row row; /* and as it stands then, for the outcome */
};

/* leave_ask answers; false is a fault of the database alone. */
MUST_USE bool leave_ask(struct db *db, const struct leave_question *question,
                        struct leave_answer *ret_answer, struct error *err);

#endif
