/*
 * What the parts of a sender share: the loop's own places, and the orders it gets.
 */
#ifndef POSTROOM_SERVICES_DELIVERY_SENDER_INTERNAL_H
#define POSTROOM_SERVICES_DELIVERY_SENDER_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/list.h"
#include "base/random.h"
#include "domain/figure.h"
#include "io/timer.h"
#include "services/delivery/keeping.h"
#include "services/delivery/live_watch.h"
#include "services/delivery/sender.h"

struct channel;
struct claim;
struct loop;
struct tls_tickets;
struct worker_pool;

/* What the dispatcher wants of a sender. */
struct sender_order {
    struct list link;
    enum {
        ORDER_CARRY,
        ORDER_QUIT,
        ORDER_RECALL,
        ORDER_KEEP,
        ORDER_WATCH,
        ORDER_UNWATCH,
        ORDER_STOP
    } what;
    struct channel *channel;  /* of ORDER_CARRY, _QUIT, _RECALL */
    struct claim *claim;      /* ORDER_CARRY */
    struct live_watch *watch; /* ORDER_WATCH, ORDER_UNWATCH */
    char *keep;               /* ORDER_KEEP: key of the news (dialogue_keep_read) */
};

struct sender {
    struct sender_options options;
    struct loop *loop;
    struct worker_pool *composers;
    struct tls_tickets *tickets;
    struct mailbox *orders;
    struct mailbox *letters; /* composed: struct mailing by its work */
    struct mailbox *sights;  /* answered by the application: struct mailing by its ask */
    struct mailbox *answers; /* of the ledger: struct mailing_job */
    struct random chance;
    struct keeping keeping;
    struct live_watches watches;
    int64_t session_n; /* so many were begun */
    struct figure_page figures;
    struct list channels; /* that have a session or work */
    size_t mailings;      /* that exist */

    bool has_started;
    bool is_stopping;
    bool has_stopped;
    struct timer grace;
    struct sender_order stop_order;
};

/* sender_obey hands an order over; the order's memory is the giver's until it is obeyed, and the
 * sender frees it then, but for its own stop order. From any thread. */
void sender_obey(struct sender *sender, struct sender_order *order);

/* sender_records is true when sessions are to keep a record: nobody knows yet how they will end.
 * sender_hear hands a record to those who follow it live. sender_number_session gives a new session
 * a number that no other sender's has. */
MUST_USE bool sender_records(const struct sender *sender);
void sender_hear(struct sender *sender, struct live_scene *scene, struct span packed);
MUST_USE int64_t sender_number_session(struct sender *sender);

/* sender_look_stopped tells the dispatcher, once, when a stop has come to its end. */
void sender_look_stopped(struct sender *sender);

#endif
