/*
 * A channel from inside: what its two halves share. channel.c decides what is done next,
 * channel_session.c hears what came of it.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_CHANNEL_SESSION_INTERNAL_H
#define POSTROOM_SERVICES_DELIVERY_CHANNEL_SESSION_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/list.h"
#include "io/timer.h"
#include "services/delivery/approach.h"
#include "services/delivery/channel.h"

struct mailing;
struct sender;
struct sender_report;
struct smtp_session;

/* `current` is the mail the session has at hand, `next` the one that is lined up behind it once its
 * content is out; the others stand in `queue`, the one whose pass it is first. */
struct channel {
    struct channel_options options;
    struct sender *sender;
    struct list link;  /* in the sender's list until it has ended */
    struct list queue; /* mailings that wait */
    struct mailing *current;
    struct mailing *next;
    struct timer idle;
    struct timer slow_dot; /* runs while the final dot may wait for its reply */
    struct approach approach;

    struct smtp_session *session;
    int64_t session_number;
    int64_t carried;  /* mails the session has had, */
    int64_t since_ms; /* from when on, monotonic */
    bool is_ready;    /* it waits for a mail */
    bool was_ready;   /* it did once */
    bool is_leaving;  /* we end it */
    bool is_changing; /* the next host is wanted */
    bool is_full;     /* it has no room for the mail at hand, another session has */

    bool is_reached; /* reported */
    bool is_to_quit;
    bool has_ended;
    struct sender_report *last_report;
};

/* channel_approach_events is how a channel hears of its approach. */
extern const struct approach_events channel_approach_events;

/* channel_first_composed gives the first mailing of the queue that can be sent, or NULL. */
MUST_USE struct mailing *channel_first_composed(const struct channel *channel);

/* channel_take_up: the session has it at hand from now on; NULL: none. */
void channel_take_up(struct channel *channel, struct mailing *mailing);

/* channel_line_up has the next mail follow behind one whose content is on its way: it need not
 * wait for the answer. */
void channel_line_up(struct channel *channel);

/* channel_session_ms gives how long the way to the host at hand has been used, or sought. */
MUST_USE int64_t channel_session_ms(const struct channel *channel);

/* channel_drop_session takes leave of the session, or of the approach to one. */
void channel_drop_session(struct channel *channel);

#endif
