/*
 * A sender: one loop that holds sessions with mail servers, and the threads that compose for it.
 * Runs channels (channel.h); takes orders from the dispatcher, from any thread.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_SENDER_H
#define POSTROOM_SERVICES_DELIVERY_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/ip.h"
#include "base/list.h"
#include "domain/outcome.h"
#include "services/delivery/engine.h"
#include "services/delivery/host_memory.h"

struct figure_sums;
struct live_watch;
struct mailbox;
struct sender;

struct sender_options {
    const struct delivery_engine_options *engine;
    struct mailbox *claims;  /* where claims come back: struct claim */
    struct mailbox *reports; /* gets struct sender_report */
    uint64_t seed;
    size_t number; /* among the senders, from 0 */
};

/* What a sender and its channels tell the dispatcher; the receiver frees it with alloc_free. */
struct sender_report {
    struct list link;
    void *owner; /* of the channel */
    enum {
        CHANNEL_REACHED, /* a host is ready for mail; once */
        CHANNEL_WAITS,   /* for a final dot's reply, long already */
        CHANNEL_TOLD,    /* it has heard of the channel_quit or channel_recall */
        CHANNEL_ENDED,   /* what is handed to it from now on comes back untried */
        HOST_TROUBLED,   /* `ip` was met with `trouble`, in the words of outcome.text */
        HOST_WELL,       /* `ip`, which was down, is ready for mail */
        SENDER_STOPPED   /* nothing is under way any more; the last one */
    } what;
    int64_t mails_told; /* REACHED: the most the host says it takes over a session; 0: not told */
    bool unreachable;   /* ENDED: no host would serve; `outcome` is what the pass came to */
    struct outcome outcome;
    struct ip ip;
    enum host_trouble trouble;
    int64_t delivery; /* ENDED, unreachable: whose pass it was */
};

/* sender_new makes the loop, sender_start lets it run. */
MUST_USE struct sender *sender_new(const struct sender_options *options);
void sender_start(struct sender *sender);

/* sender_figures adds what it has counted; from any thread. */
void sender_figures(const struct sender *sender, struct figure_sums *sums);

/* sender_watch lets a watch hear what it follows, sender_unwatch ends that: the sender says goodbye
 * to it. From any thread. */
void sender_watch(struct sender *sender, struct live_watch *watch);
void sender_unwatch(struct sender *sender, struct live_watch *watch);

/* sender_keep lets it know of an order to keep dialogues: the key of the news, copied. From any
 * thread. */
void sender_keep(struct sender *sender, const char *key);

/* sender_stop ends all channels: those in which a content may be on its way get a few seconds.
 * From any thread. The loop goes on until sender_free. */
void sender_stop(struct sender *sender);

/* sender_free ends the loop of a sender that has stopped, or was never started. */
void sender_free(struct sender *sender);

#endif
