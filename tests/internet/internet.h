/*
 * A simulated internet of mail: domains of Zipf sizes on receivers of many manners, recipients,
 * a DNS; all of it drawn from one seed. It counts, so that claims can be checked: it keeps of each
 * recipient a few bytes, and of no mail anything.
 */
#ifndef POSTROOM_TESTS_INTERNET_INTERNET_H
#define POSTROOM_TESTS_INTERNET_INTERNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/list.h"
#include "base/random.h"
#include "io/timer.h"
#include "tests/internet/receiver.h"
#include "tests/scenarios/road.h"

struct listener;
struct loop;
struct tls_context;
struct turn;

struct internet_size {
    uint32_t recipients;
    uint32_t domains;
    uint32_t urgent;      /* so many of the recipients hear of alarm/1, the others of project/x */
    bool healthy_only;    /* those who would get a mail from sick receivers get none */
    uint32_t google_rate; /* mails a minute; 0: no limit */
    uint32_t yahoo_rate;  /* likewise */
    uint32_t rate_scale;  /* rates of small receivers are so many times those of a small world */
    int64_t latency_ms;   /* one way; 0: half a millisecond */
    uint64_t seed;
};

struct internet_domain {
    uint32_t receiver;
    uint32_t recipients;
};

struct internet {
    struct road *road;
    struct internet_size size;
    struct random chance;
    struct receiver *receivers;
    uint32_t receiver_count;
    struct internet_domain *domains;
    struct recipient *recipients;
    struct turn *turns;
    size_t turn_count;
    uint32_t told;    /* recipients in the store */
    int64_t deadline; /* of what is not urgent, UTC; 0: none */
    uint64_t taken_late;
    uint64_t octets;
    uint32_t *taken_at; /* mails in each minute from the start, */
    uint32_t taken_minutes;
    struct smtp_violations violations; /* of the last session in which the sender broke rules */
    uint64_t connections;
    uint32_t open; /* of the sender that lives */
    uint32_t most_open;

    struct loop *loop;
    struct listener *listener;
    struct tls_context *tls;
    struct list sessions;
    struct timer sweep;
    uint32_t life;   /* how often the sender died, */
    int64_t died_at; /* the last time */
};

/* internet_open draws a world and joins it to a road that has not started; internet_close ends it
 * before the road's end. */
void internet_open(struct internet *net, struct road *road, const struct internet_size *size);
void internet_close(struct internet *net);

/* internet_draw draws a world alone, without a road; internet_erase ends that. */
void internet_draw(struct internet *net, const struct internet_size *size);
void internet_erase(struct internet *net);

/* internet_people writes all recipients into the store of the running road. */
void internet_people(struct internet *net);

/* internet_died says that the sender's machine died: its connections count no more as its own. */
void internet_died(struct internet *net);

/* internet_receiver_of gives where a recipient's mail goes. */
MUST_USE struct receiver *internet_receiver_of(const struct internet *net, uint32_t recipient);

/* internet_recipient_of reads the number out of an address; false for one of none of ours. */
MUST_USE bool internet_recipient_of(const struct internet *net, struct span address,
                                    uint32_t *ret_recipient);

/* internet_ip gives the address of a receiver's host. */
MUST_USE struct ip internet_ip(const struct receiver *r, uint32_t host);

/* internet_listen and internet_hang_up: the receivers' end of the wires (reception.c). */
void internet_listen(struct internet *net);
void internet_hang_up(struct internet *net);

#endif
