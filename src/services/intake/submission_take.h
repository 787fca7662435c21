/*
 * Taking in a ready-made message: repaired, its recipients checked, stored once with a delivery for
 * each recipient. Preparing needs no store and may run anywhere; storing runs on the ledger.
 */
#ifndef POSTROOM_SERVICES_INTAKE_SUBMISSION_TAKE_H
#define POSTROOM_SERVICES_INTAKE_SUBMISSION_TAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/mail_address.h"
#include "domain/settings.h"
#include "protocol/smtp/dsn.h"

struct db;

/* A message as handed in; all of it is borrowed. */
struct submission_draft {
    struct span message;
    struct span sender;      /* the envelope's; empty: the null path */
    struct span sender_name; /* for From, when there is none */
    const struct span *to;
    size_t to_count;
    bool to_from_header;    /* those the header names, too */
    struct span via;        /* sendmail, smtp, request, report */
    struct span by;         /* who hands it in, for the record */
    struct span trace_from; /* of the Received field: "from client (192.0.2.1)"; may be empty */
    struct span trace_with; /* ESMTPSA; may be empty */
    const struct smtp_recipient_wish *wishes; /* beside `to`; NULL: `wish` is that of all */
    struct smtp_recipient_wish wish;          /* what the sender wants to hear of each */
    enum smtp_return returns;
    struct span envid; /* xtext; may be empty */
    int64_t deadline;  /* 0: none but the stream's */
    int64_t now_ms;
};

struct submission_recipient {
    struct mail_address *address;
    struct smtp_recipient_wish wish;
};

/* The same, ready to be stored. Texts are in the arena given. */
struct submission_ready {
    struct submission_draft draft;
    struct submission_recipient *to; /* each once */
    size_t to_count;
    struct span sender_domain; /* empty for the null path */
    struct span from;          /* the first address of From */
    struct span from_domain;
    struct span subject;
    struct span message_id; /* without brackets */
    bool needs_smtputf8;
    struct buf content;
};

/* submission_prepare repairs the message and reads all addresses; what it gives ends with
 * submission_ready_fini. `err` says what is wrong: ERROR_INVALID, ERROR_LIMIT, or ERROR_CONFLICT
 * for mail that goes in circles. */
MUST_USE bool submission_prepare(const struct submission_draft *draft,
                                 const struct settings *settings, struct arena *arena,
                                 struct submission_ready *ret_ready, struct error *err);
void submission_ready_fini(struct submission_ready *ready);

/* A recipient that mail is suppressed for. */
struct submission_refusal {
    struct span address;
    struct span reason;
};

struct submission_taken {
    int64_t id;
    int64_t deliveries;
    struct submission_refusal *refused; /* in the arena */
    size_t refused_count;
};

/* submission_store stores it in the transaction at hand. Mail that is suppressed for all of its
 * recipients is refused: ERROR_CONFLICT. */
MUST_USE bool submission_store(struct db *db, const struct submission_ready *ready,
                               struct arena *arena, struct submission_taken *ret_taken,
                               struct error *err);

/* submission_may_be_from is true for domains that senders and From addresses may be of
 * (submission.domains). */
MUST_USE bool submission_may_be_from(const struct settings *settings, struct span domain);

/* submission_read_address reads one of an envelope; a name alone gets our domain. */
MUST_USE bool submission_read_address(struct span text, const struct settings *settings,
                                      struct mail_address *ret_address, struct error *err);

#endif
