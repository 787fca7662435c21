/*
 * Notices: that a person is to be told about a thread, one row however many events.
 */
#ifndef POSTROOM_STORE_NOTICE_H
#define POSTROOM_STORE_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "domain/notice_wait.h"
#include "domain/person_status.h"
#include "domain/quiet_hours.h"
#include "store/heard.h"

struct db;

/* When a notice is due that waits for the end of its thread's unfinished mail. */
#define NOTICE_WAITS INT64_C(4611686018427387904) /* 2^62 */

struct notice {
    int64_t person;
    int64_t thread;
    int64_t first_seq; /* the first event to tell */
    int64_t due_at;
    bool urgent;
    int64_t why; /* domain/watching.h */
    enum notice_wait wait;
};

/* notice_waits_for_a_mail tells whether it waits for the end of its thread's unfinished one. */
MUST_USE bool notice_waits_for_a_mail(const struct notice *notice);

/* notice_find reads one. */
MUST_USE bool notice_find(struct db *db, int64_t person, int64_t thread, struct notice *ret_notice,
                          bool *ret_found, struct error *err);

/* notice_put writes one unless the person has one for the thread already. */
MUST_USE bool notice_put(struct db *db, const struct notice *notice, struct error *err);

enum { NOTICE_ZONE_ROOM = 65 };
/* notice_widen writes one, or lets the one there is begin as early and be due as early. */
MUST_USE bool notice_widen(struct db *db, const struct notice *notice, struct error *err);

/* One that is due, and how its person stands. */
struct notice_due {
    struct notice notice;
    struct heard heard;        /* of the thread; zeros: nothing yet */
    enum person_status status; /* inactive, too, when there is nobody of that id */
    struct quiet_hours quiet;
    char timezone[NOTICE_ZONE_ROOM]; /* "": UTC */
};

/* notice_page_due reads up to `limit` that are due at `now_ms`, the urgent ones first, then the
 * longest due. `ret_due` has room for them. */
MUST_USE bool notice_page_due(struct db *db, int64_t now_ms, size_t limit,
                              struct notice_due *ret_due, size_t *ret_count, struct error *err);

/* notice_count_due counts the person's notices that are due and not urgent, up to `most`;
 * notice_page_person reads them, at most `limit`. */
MUST_USE bool notice_count_due(struct db *db, int64_t person, int64_t now_ms, int64_t most,
                               int64_t *ret_count, struct error *err);
/* NOLINTNEXTLINE(readability-function-size): as notice_page_due, for one person */
MUST_USE bool notice_page_person(struct db *db, int64_t person, int64_t now_ms, size_t limit,
                                 struct notice_due *ret_due, size_t *ret_count, struct error *err);

/* notice_page_after reads the person's notices of threads after `thread`, due or not. */
/* NOLINTNEXTLINE(readability-function-size): as notice_page_due, for one person */
MUST_USE bool notice_page_after(struct db *db, int64_t person, int64_t thread, size_t limit,
                                struct notice_due *ret_due, size_t *ret_count, struct error *err);

/* notice_next_due gives when the next one is due, NOTICE_WAITS when none is. */
MUST_USE bool notice_next_due(struct db *db, int64_t *ret_due_at, struct error *err);

/* notice_drop removes one whose affair is settled; then the thread's window must be closed
 * (thread_window_passed). */
MUST_USE bool notice_drop(struct db *db, const struct notice *notice, struct error *err);

/* notice_move lets one wait for something else until `due_at`. */
MUST_USE bool notice_move(struct db *db, const struct notice *notice, int64_t due_at,
                          enum notice_wait wait, struct error *err);

/* notice_slides tells whether the notice has the common window, not the delay of a watch of its
 * own, and then when its first event was taken in. */
MUST_USE bool notice_slides(struct db *db, const struct notice *notice, int64_t *ret_began,
                            bool *ret_slides, struct error *err);

/* notice_park lets one wait for the end of the unfinished mail; notice_wake makes it due. */
MUST_USE bool notice_park(struct db *db, const struct notice *notice, struct error *err);
MUST_USE bool notice_wake(struct db *db, int64_t person, int64_t thread, int64_t now_ms,
                          struct error *err);

/* notice_wake_parts does so for all threads of which a delivery tells. */
MUST_USE bool notice_wake_parts(struct db *db, int64_t person, int64_t delivery, int64_t now_ms,
                                struct error *err);

/* notice_suspend puts one back that waits until the person is active again, from `first_seq` on, if
 * they are suspended; notice_resume makes all of a person due that do. */
MUST_USE bool notice_suspend(struct db *db, const struct notice *notice, struct error *err);
MUST_USE bool notice_resume(struct db *db, int64_t person, int64_t now_ms, struct error *err);

#endif
