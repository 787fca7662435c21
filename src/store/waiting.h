/*
 * What waits before it is a mail: notices, by what they wait for, and events that nobody is told of
 * yet. Each count looks at a bounded number of rows of an index.
 */
#ifndef POSTROOM_STORE_WAITING_H
#define POSTROOM_STORE_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "store/notice.h"

struct db;

enum { WAITING_COUNTED_MOST = 10000 };

struct waiting {
    int64_t n;
    bool has_more;   /* there may be more than were counted */
    int64_t next_at; /* when the first of them goes on; 0: no time is known, or none waits */
};

/* waiting_notices counts the notices that wait for something else than the common window. */
MUST_USE bool waiting_notices(struct db *db, enum notice_wait wait, struct waiting *ret_waiting,
                              struct error *err);

/* waiting_in_window counts those that wait for the end of their window. */
MUST_USE bool waiting_in_window(struct db *db, struct waiting *ret_waiting, struct error *err);

/* waiting_for_mail counts those that wait for the end of their thread's unfinished mail. */
MUST_USE bool waiting_for_mail(struct db *db, struct waiting *ret_waiting, struct error *err);

/* waiting_events counts the events that are held, wait for their time, or are not fanned out. */
MUST_USE bool waiting_held(struct db *db, struct waiting *ret_waiting, struct error *err);
MUST_USE bool waiting_later(struct db *db, struct waiting *ret_waiting, struct error *err);
MUST_USE bool waiting_fan_out(struct db *db, struct waiting *ret_waiting, struct error *err);

/* waiting_list_due reads notices as they fall due, those that are as urgent as `last`, after it;
 * waiting_list_of those that wait for what `last` waits for, which is not the common window;
 * waiting_list_person those of its person. At most `limit`, of which `ret_rows` has room. */
MUST_USE bool waiting_list_due(struct db *db, const struct notice *last, size_t limit,
                               struct notice *ret_rows, size_t *ret_count, struct error *err);
MUST_USE bool waiting_list_of(struct db *db, const struct notice *last, size_t limit,
                              struct notice *ret_rows, size_t *ret_count, struct error *err);
MUST_USE bool waiting_list_person(struct db *db, const struct notice *last, size_t limit,
                                  struct notice *ret_rows, size_t *ret_count, struct error *err);

#endif
