/*
 * Submissions in the store: ready-made messages, each once for all its recipients. Its deliveries
 * have the cause CAUSE_SUBMISSION; the bytes are dropped some time after the last has ended, what
 * is told of it stays.
 */
#ifndef POSTROOM_STORE_SUBMISSION_H
#define POSTROOM_STORE_SUBMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/report_wish.h"
#include "store/page.h"

struct db;

struct submission {
    int64_t id;               /* set by submission_add */
    struct span via;          /* how it came: sendmail, smtp, request; report: it is one of ours */
    struct span by;           /* who handed it in */
    struct span mail_from;    /* the envelope's sender as given; empty: the null path */
    struct span sender;       /* the From address */
    struct span domain;       /* ... and its domain, A-labels */
    struct span subject;      /* as the field has it */
    struct span message_id;   /* without angle brackets */
    struct span envid;        /* the sender's name for it (DSN), in xtext; empty: none */
    enum smtp_return returns; /* what of it comes back with a report */
    bool needs_smtputf8;      /* an address in the header is not ASCII */
    int64_t recipients;
    int64_t waiting; /* deliveries that have not ended */
    int64_t size;    /* of the bytes */
    int64_t made_at;
    int64_t ended_at; /* of the last delivery; 0: not yet */
    bool has_content; /* the bytes are still there */
};

/* submission_add writes one with its bytes; its deliveries are made beside it. */
MUST_USE bool submission_add(struct db *db, const struct submission *submission,
                             struct span content, int64_t *ret_id, struct error *err);

/* submission_load reads one but for its bytes; texts are in the arena. */
MUST_USE bool submission_load(struct db *db, struct arena *arena, int64_t id,
                              struct submission *ret_submission, bool *ret_found,
                              struct error *err);

/* submission_content_put appends the bytes of one; nothing when they were dropped. */
MUST_USE bool submission_content_put(struct db *db, int64_t id, struct buf *to, struct error *err);

/* submission_list_read gives the newest below `before`, at most `limit`. */
struct submission_list {
    struct submission *at;
    size_t n;
};
MUST_USE bool submission_list_read(struct db *db, struct arena *arena, int64_t before, size_t limit,
                                   struct submission_list *ret_list, struct error *err);

/* submission_delivery_ended counts one of its deliveries out. */
MUST_USE bool submission_delivery_ended(struct db *db, int64_t id, int64_t now_ms,
                                        struct error *err);

/* submission_prune drops the bytes of some that ended before a moment; *ret_more: there are
 * others. */
MUST_USE bool submission_prune(struct db *db, int64_t ended_before, bool *ret_more,
                               struct error *err);

/* submission_find gives the newest submission with that Message-ID (without brackets), 0 when
 * there is none. */
MUST_USE bool submission_find(struct db *db, struct span message_id, int64_t *ret_id,
                              struct error *err);

/* submission_deliveries gives the ids of a submission's deliveries, the newest first: those below
 * page.after, at most page.limit. */
MUST_USE bool submission_deliveries(struct db *db, int64_t id, struct page page, int64_t *ids,
                                    size_t *ret_n, struct error *err);

#endif
