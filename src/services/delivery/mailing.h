/*
 * A mailing: one claim on its way through a sender: its letter is composed, leave is asked at the
 * last moment, and what came of it is written down. What happens on the wire is the channel's
 * business. Belongs to the sender's loop.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_MAILING_H
#define POSTROOM_SERVICES_DELIVERY_MAILING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/list.h"
#include "domain/letter.h"
#include "domain/outcome.h"
#include "domain/sight.h"
#include "io/worker.h"
#include "protocol/smtp/client.h"
#include "services/delivery/claim.h"
#include "services/delivery/host_tries.h"
#include "services/delivery/leave.h"
#include "services/delivery/outcome_record.h"
#include "store/ledger.h"

struct channel;
struct mailing;
struct sender;

struct mailing_job {
    struct ledger_job job;
    struct mailing *mailing;
    void (*answered)(struct mailing *mailing);
};

enum mailing_leave {
    MAILING_UNASKED,
    MAILING_ASKED,    /* the ledger has the question */
    MAILING_ANSWERED, /* leave_answer holds */
    MAILING_REFUSED   /* the ledger takes no questions now */
};

struct mailing {
    struct list link; /* in the channel's queue */
    struct sender *sender;
    struct channel *channel;
    struct claim *claim;

    struct work work;
    bool is_composing;
    bool is_composed; /* `letter` is LETTER_READY */
    bool is_unread;   /* the store could not be read: `problem` */
    bool is_given_up; /* the claim goes back as soon as nobody works for it any more */
    bool is_over; /* `outcome` is to be recorded as soon as the question for leave is answered */
    int64_t compose_ms; /* UTC */
    struct error problem;
    struct letter letter;
    struct sight_sheet *sheet; /* what the application has said; NULL: nothing yet */
    struct sight_ask ask;
    int aged; /* so often its answers were too old when leave was asked */

    struct span to;
    struct smtp_result result;
    struct smtp_mail mail;

    enum mailing_leave leave;
    struct leave_answer leave_answer;
    int64_t began_ms; /* of the pass at hand, monotonic; 0: none */
    struct mailing_way way;
    struct host_tries tries; /* hosts of this pass that have failed */
    struct buf dialogue;     /* packed, of all sessions of the pass; may be empty, */
    int64_t keep_ms;         /* and how long it is kept; 0: not at all */

    struct mailing_job job;
    struct outcome outcome;
    struct outcome_try tried;
    struct outcome_recorded recorded;
    bool is_stale;
};

/* mailing_new takes a claim up and begins to compose. */
MUST_USE struct mailing *mailing_new(struct sender *sender, struct channel *channel,
                                     struct claim *claim);

/* mailing_compose composes anew: what was composed no longer holds. */
void mailing_compose(struct mailing *m);

/* mailing_ask_leave asks the ledger; channel_answered follows. */
void mailing_ask_leave(struct mailing *m);

/* mailing_set_out says how much time is left, just before the mail is handed to a session. */
void mailing_set_out(struct mailing *m);

/* mailing_is_granted is true once the ledger has granted leave: the content may go out. */
MUST_USE bool mailing_is_granted(const struct mailing *m);

/* mailing_hear adds the dialogue of a session that has done with it, which came to `outcome`, if it
 * is to be kept. */
void mailing_hear(struct mailing *m, struct span dialogue, const struct outcome *outcome);
/* mailing_add_try keeps that the host of m->way has failed it, after so long; another host of the
 * pass may do better. An idle try, of an address that we have no way to, is written down only when
 * nothing else was met with. */
void mailing_add_try(struct mailing *m, const struct outcome *outcome, int64_t ms);
void mailing_add_idle_try(struct mailing *m, const struct outcome *outcome);

/* mailing_end_pass gives what a pass came to in which no host did better, and sets m->way to whose
 * words those are; false when none has failed. */
MUST_USE bool mailing_end_pass(struct mailing *m, struct outcome *ret_outcome);

/* mailing_heed takes what an answer tells of the site, for the dispatcher; also of one that was
 * about a session between two mails. */
void mailing_heed(struct mailing *m, const struct outcome *outcome);

/* mailing_hear_failure does so for a connection that was never made. */
void mailing_hear_failure(struct mailing *m, const struct outcome *outcome);

/* mailing_domain borrows the recipient's domain; empty when there is no mail. */
MUST_USE struct span mailing_domain(const struct mailing *m);

/* mailing_delivery gives its delivery, 0 when there is no mail. */
MUST_USE int64_t mailing_delivery(const struct mailing *m);

/* Each of these ends the mailing, which leaves its channel: */

/* mailing_record writes down what came of it. */
void mailing_record(struct mailing *m, const struct outcome *outcome);

/* mailing_end writes down that there is nothing to send. */
void mailing_end(struct mailing *m);

/* mailing_return lets the claim go back as it is. */
void mailing_return(struct mailing *m, enum claim_ending ending);

/* mailing_on_letters, mailing_on_sights and mailing_on_answers receive for a sender's mailboxes. */
void mailing_on_letters(void *owner, struct list *posted);
void mailing_on_sights(void *owner, struct list *posted);
void mailing_on_answers(void *owner, struct list *posted);

#endif
