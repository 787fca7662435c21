/*
 * Reports that are owed to the senders of messages: which deliveries have come to an end that their
 * sender is to hear of, and what the sender wanted to hear. Reports themselves have the null path,
 * so nothing is ever owed for one.
 */
#ifndef POSTROOM_STORE_SUBMISSION_REPORT_H
#define POSTROOM_STORE_SUBMISSION_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/delivery.h"
#include "domain/report_wish.h"

struct db;

/* submission_wish_put notes what the sender wants to hear of a delivery; it stays as long as the
 * delivery goes on or a report is owed. */
MUST_USE bool submission_wish_put(struct db *db, int64_t delivery,
                                  const struct smtp_recipient_wish *wish, struct error *err);

/* A delivery of a submission that has ended. */
struct submission_end {
    int64_t submission;
    int64_t delivery;
    enum delivery_state state;
    int64_t now_ms;
};

/* submission_report_owe notes that a report is owed if the sender wants to hear of this end, and
 * forgets the wish if not. */
MUST_USE bool submission_report_owe(struct db *db, const struct submission_end *end,
                                    struct error *err);

/* One that is owed. */
struct submission_owed {
    int64_t delivery;
    int64_t at;        /* when it ended */
    struct span orcpt; /* as given; absent: it was not */
};

struct submission_owed_list {
    int64_t submission;
    struct submission_owed *at;
    size_t n;
};

/* submission_report_due gives a submission of which a delivery ended at or before `before`; 0:
 * there is none. submission_report_first gives when the first one ended, 0 when nothing is owed. */
MUST_USE bool submission_report_due(struct db *db, int64_t before, int64_t *ret_submission,
                                    struct error *err);
MUST_USE bool submission_report_first(struct db *db, int64_t *ret_at, struct error *err);

/* submission_report_owed reads what is owed of a submission, at most `most`. */
MUST_USE bool submission_report_owed(struct db *db, struct arena *arena, int64_t submission,
                                     size_t most, struct submission_owed_list *ret_list,
                                     struct error *err);

/* submission_report_settle: the sender was told of a delivery, or cannot be. */
MUST_USE bool submission_report_settle(struct db *db, int64_t delivery, struct error *err);

#endif
