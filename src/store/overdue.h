/*
 * Readings for the watchdog: what stands in the store that ought to have moved on. Each looks at a
 * bounded number of rows by an index; what it gives may have moved on by the time it is taken up.
 */
#ifndef POSTROOM_STORE_OVERDUE_H
#define POSTROOM_STORE_OVERDUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

struct db;

enum { OVERDUE_SCAN = 500, OVERDUE_MOST = 20 };

/* An intent that nothing is known to have come of. */
struct overdue_open {
    int64_t intent;
    int64_t delivery;
    int64_t at;
    int64_t size; /* of the mail */
};

/* overdue_open_page looks at intents above *after and gives the open ones that were granted before
 * `before`, at most OVERDUE_MOST; *after is the last one looked at, 0 at the end. */
MUST_USE bool overdue_open_page(struct db *db, int64_t before, int64_t *after,
                                struct overdue_open *ret_rows, size_t *ret_n, struct error *err);

/* A mail whose deadline has passed. */
struct overdue_late {
    int64_t delivery;
    int64_t deadline;
};

/* Where a walk through deadlines stands, the latest first: from { before, INT64_MAX }. */
struct overdue_walk {
    int64_t deadline; /* 0: at its end */
    int64_t delivery;
};

/* overdue_late_page gives mails that wait all the same, at most OVERDUE_MOST, and moves the walk.
 */
MUST_USE bool overdue_late_page(struct db *db, struct overdue_walk *walk,
                                struct overdue_late *ret_rows, size_t *ret_n, struct error *err);

/* A notice. */
struct overdue_notice {
    int64_t person; /* 0: there is none */
    int64_t thread;
    int64_t due_at;
};

/* overdue_notice_find gives the longest due notice of a rank, if it was due before `before`. */
MUST_USE bool overdue_notice_find(struct db *db, bool urgent, int64_t before,
                                  struct overdue_notice *ret_notice, struct error *err);

#endif
