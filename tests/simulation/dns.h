/*
 * The zone that the simulated resolver answers from.
 */
#ifndef POSTROOM_TESTS_SIMULATION_DNS_H
#define POSTROOM_TESTS_SIMULATION_DNS_H

#include <stdint.h>

#include "base/compiler.h"
#include "domain/dns_answer.h"

struct simulation;

/* sim_dns_set lets questions for `name` and `type` be answered by `text`: records such as
 * "10 mx1.example.org, 20 mx2.example.org" ("0 ." is the null MX) or "192.0.2.1, 192.0.2.2", or
 * one of nodata, nxdomain, servfail, timeout. A name nobody set does not exist; a type nobody set
 * of a name that has others is absent. It may be changed at any time. */
void sim_dns_set(struct simulation *sim, const char *name, enum dns_type type, const char *text);

/* sim_dns_alias makes `name` a CNAME of `target`, for all types. */
void sim_dns_alias(struct simulation *sim, const char *name, const char *target);

/* sim_dns_ttl sets the time to live of an answer (300 s at first), sim_dns_delay how long it takes
 * (a seeded few milliseconds at first). */
void sim_dns_ttl(struct simulation *sim, const char *name, enum dns_type type, uint32_t seconds);
void sim_dns_delay(struct simulation *sim, const char *name, enum dns_type type, int64_t ms);

/* sim_dns_asked counts the questions. */
MUST_USE unsigned sim_dns_asked(const struct simulation *sim, const char *name, enum dns_type type);

#endif
