/*
 * Deliveries in the store: made once, folded into while they wait, moved from state to state by
 * one compare-and-set. All of it runs on the ledger, inside its transaction, and each call changes
 * all that belongs to it: state row, lane, retry row, counters, and at the end what the person
 * has heard.
 */
#ifndef POSTROOM_STORE_DELIVERY_H
#define POSTROOM_STORE_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/delivery.h"

struct db;
struct hmac;

/* What a mail tells of one thread: events from_seq to to_seq; `why` packs rank and topic
 * (domain/watching.h). The part of no thread is a digest's: all that the person watches in its
 * mode. */
#define DELIVERY_PART_DIGEST INT64_C(0)

struct delivery_part {
    int64_t thread;
    int64_t from_seq;
    int64_t to_seq;
    int64_t why;
};

/* A mail to be made. Texts are borrowed for the call. */
struct delivery_new {
    enum stream_id stream;
    enum delivery_cause cause;
    int64_t cause_id;    /* the thread's topic, the mailout, ... */
    int64_t person;      /* 0: nobody in particular */
    struct span address; /* canonical wire form */
    struct span normal;  /* for comparing */
    struct span domain;  /* A-labels in lower case, or an address literal in brackets */
    int64_t deadline;    /* 0: none but the stream's */
    int64_t due_at;      /* at or before now_ms: at once */
    int64_t now_ms;
    const struct delivery_part *parts;
    size_t part_count;
    struct span message_id;     /* of the message when it has one, without brackets; else */
    const char *message_domain; /* one is made: its right side */
    struct hmac *message_key;   /* and its suffix, which nobody can guess from the id */
};

/* delivery_make writes a queued delivery with its parts and tells the dispatcher. */
MUST_USE bool delivery_make(struct db *db, const struct delivery_new *made, int64_t *ret_id,
                            struct error *err);

/* delivery_fold lets a mail that waits tell more: the part of the thread grows to hold `part`,
 * whose range may overlap it, and a letter composed before is stale from then on. *ret_folded is
 * false, and nothing changes, when the content is fixed already (an intent is open, or an attempt
 * is in doubt) or the delivery has ended: what was to be folded then waits for heard_settle. */
MUST_USE bool delivery_fold(struct db *db, int64_t delivery, const struct delivery_part *part,
                            bool *ret_folded, struct error *err);

enum { DELIVERY_DOMAIN_ROOM = 260 };

/* A delivery as it stands, a value without ownership. */
struct delivery_row {
    int64_t id;
    enum stream_id stream;
    enum delivery_cause cause;
    int64_t cause_id;
    int64_t person; /* 0: none */
    char address[330];
    char normal[330];
    char domain[DELIVERY_DOMAIN_ROOM];
    char message_id[330];
    int64_t deadline; /* 0: none */
    int64_t first_due;
    int64_t made_at;

    enum delivery_state state;
    int64_t due_at;
    int64_t attempts;
    int64_t by_hand;    /* of these, the ones made before their time by order: the schedule does
                         * not count them */
    int64_t planned_at; /* while an order hastens it: when it is due by the schedule; 0: is not */
    int64_t epoch;
    int64_t doubts;   /* attempts that ended in doubt: once any, the content stays fixed */
    char reason[40];  /* "" unless final or held */
    char text[1024];  /* the same for people */
    int64_t ended_at; /* 0: not yet */
};

/* delivery_load reads one; *ret_found is false when there is none of that id. */
MUST_USE bool delivery_load(struct db *db, int64_t id, struct delivery_row *ret_row,
                            bool *ret_found, struct error *err);

/* What leave to send is decided on, beside the row. */
struct delivery_grounds {
    int64_t person_version; /* 0: nobody in particular */
    int64_t content_epoch;
    bool is_barred; /* all mail to the address is suppressed, */
    char bar[100];  /* why */
};

/* delivery_load_grounds reads a delivery with its grounds, as of `now_ms`. */
/* NOLINTNEXTLINE(readability-function-size): one delivery, one moment, two things to fill */
MUST_USE bool delivery_load_grounds(struct db *db, int64_t id, int64_t now_ms,
                                    struct delivery_row *ret_row,
                                    struct delivery_grounds *ret_grounds, bool *ret_found,
                                    struct error *err);

/* delivery_count_hard counts mails to an address, of its last hundred, that ended since then with a
 * refusal for good about the address itself, other than that there is no such user. */
MUST_USE bool delivery_count_hard(struct db *db, struct span normal, int64_t since,
                                  int64_t *ret_count, struct error *err);

/* delivery_has_retry_row tells whether a delivery waits in `retry`: it does when it is deferred,
 * scheduled or to be sent again after doubt; a fresh one is found by its lane's cursor. */
MUST_USE bool delivery_has_retry_row(const struct delivery_row *row);

/* Where a delivery goes. */
struct delivery_change {
    enum delivery_state to;
    int64_t due_at;      /* when to try next, for states that wait; 0 keeps it */
    const char *reason;  /* code, for final states, held and deferred; NULL: none */
    struct span text;    /* the same for people */
    struct span subject; /* of the mail that was delivered */
    bool attempted;      /* a try came to its end: attempts + 1, */
    bool by_hand;        /* which the schedule does not count */
    bool doubted;        /* nobody knows what came of it: doubts + 1 */
    bool tells_rest;     /* it ends, and what of it can be told still goes by a mail of its own */
    bool may_be_gone;    /* the row was not read in this transaction: what stands elsewhere by now
                          * is no fault */
    int64_t now_ms;
};

/* Why a mail was cancelled whose person became another: what it was to tell is told by another. */
#define DELIVERY_MERGED "merged"

/* Why one was cancelled that stood in a stream behind: a mail of a stream before tells it all. */
#define DELIVERY_OVERTAKEN "overtaken"

/* delivery_transition moves the delivery from exactly the state and epoch in `row`, which it
 * brings up to date. *ret_done is false, after a log line and a count, when the delivery does not
 * stand there any more: callers load the row in the same transaction, so that is a fault of the
 * caller, and debug builds abort. A change delivery_may_become forbids is ERROR_CONFLICT. */
MUST_USE bool delivery_transition(struct db *db, struct delivery_row *row,
                                  const struct delivery_change *change, bool *ret_done,
                                  struct error *err);

/* delivery_hasten makes what waits for a later time due at `now_ms`, in the transaction in which
 * the row was loaded; its state and what it tells stay, and when it was due is kept: a try before
 * that moment is no step of the schedule. What is due has a retry row from then on, too. *ret_moved
 * is false when it was due. */
MUST_USE bool delivery_hasten(struct db *db, struct delivery_row *row, int64_t now_ms,
                              bool *ret_moved, struct error *err);

#endif
