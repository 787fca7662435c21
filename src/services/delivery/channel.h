/*
 * A channel: one connection's worth of way to a site. Claims handed to it are carried one after
 * another, over one session as long as it holds; when a host fails, the next one of the plan is
 * tried with the same mail (RFC 5321 section 5.1), in the same pass. It ends by itself when it has
 * been idle long enough, when no host of the plan would serve, or when told to.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_CHANNEL_H
#define POSTROOM_SERVICES_DELIVERY_CHANNEL_H

#include "base/compiler.h"
#include "base/ip.h"
#include "services/delivery/host_order.h"

struct channel;
struct claim;
struct sender;

struct channel_options {
    struct sender *sender;
    struct host_order hosts; /* not empty; the channel's from now on */
    struct ip source_v4;     /* to send from; version 0: the system's choice */
    struct ip source_v6;
    int64_t mails_most; /* over one session; 0: no limit */
    int64_t ms_most;    /* how long one session is used; 0: no limit */
    int64_t idle_ms;    /* how long one is kept without work */
    void *owner;        /* comes back in reports */
};

/* channel_new makes a channel; it connects when the first letter is there. */
MUST_USE struct channel *channel_new(const struct channel_options *options);

/* channel_carry hands a claim over; channel_quit, called once at most, lets the channel end as
 * soon as nothing waits in it. From the dispatcher's thread, as all of these. */
void channel_carry(struct channel *channel, struct claim *claim);
void channel_quit(struct channel *channel);

/* channel_recall lets all come back that it has not begun to send. */
void channel_recall(struct channel *channel);

/* channel_free frees one that has ended, whose claims have all come back, and that has been TOLD
 * whenever it was told to quit or recalled. */
void channel_free(struct channel *channel);

#endif
