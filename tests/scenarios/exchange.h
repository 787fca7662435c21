/*
 * The mail exchangers of a scenario: real sinks (net/smtp_sink.h) on addresses of the simulated
 * network, and a record of what they took.
 */
#ifndef POSTROOM_TESTS_SCENARIOS_EXCHANGE_H
#define POSTROOM_TESTS_SCENARIOS_EXCHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/ip.h"
#include "net/smtp_sink.h"

struct exchange;
struct simulation;

/* A mail that was taken. */
struct exchange_mail {
    int64_t at_ms;       /* UTC */
    uint64_t connection; /* of its exchanger, counted from 1 */
    char exchanger[48];  /* its address */
    char peer[48];       /* the sender's */
    char from[330];
    char to[330];
    char *content;        /* ended by a NUL */
    char envid[101];      /* as the sender named it; "" without */
    int64_t deliver_by_s; /* what it said is left; 0: nothing */
    bool secure;
    bool violated; /* the sender broke the protocol in this session */
};

/* exchange_new makes a machine (number 1) for exchangers; exchange_free drops them with all
 * connections, before the simulation ends. */
MUST_USE struct exchange *exchange_new(struct simulation *sim);
void exchange_free(struct exchange *x);

/* exchange_options gives options for one that takes everything, for tests to change. */
MUST_USE struct smtp_sink_options exchange_options(void);

/* exchange_open lets an exchanger listen at `ip`, port 25; one that listens there already makes
 * way. exchange_close stops it: connections are refused from then on. */
void exchange_open(struct exchange *x, const char *ip, const struct smtp_sink_options *options);
void exchange_close(struct exchange *x, const char *ip);

/* exchange_counts borrows an exchanger's counters; it must listen. */
MUST_USE const struct smtp_sink_counts *exchange_counts(const struct exchange *x, const char *ip);

/* exchange_watch looks how many connections each exchanger has, for exchange_most_open: the most
 * that were seen at once, with NULL at all of them together. Call it after each event. */
void exchange_watch(struct exchange *x);
MUST_USE uint64_t exchange_most_open(const struct exchange *x, const char *ip);

/* exchange_count gives how many mails were taken in all, exchange_mail the i-th of them. */
MUST_USE size_t exchange_count(const struct exchange *x);
MUST_USE const struct exchange_mail *exchange_mail(const struct exchange *x, size_t i);

/* exchange_count_to counts the mails taken for an address; exchange_last_to gives the latest of
 * them, which must be there. */
MUST_USE size_t exchange_count_to(const struct exchange *x, const char *to);
MUST_USE const struct exchange_mail *exchange_last_to(const struct exchange *x, const char *to);

/* exchange_ip reads an address. */
MUST_USE struct ip exchange_ip(const char *text);

#endif
