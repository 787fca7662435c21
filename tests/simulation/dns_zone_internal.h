/*
 * Between the zone and the simulated resolver.
 */
#ifndef POSTROOM_TESTS_SIMULATION_DNS_ZONE_INTERNAL_H
#define POSTROOM_TESTS_SIMULATION_DNS_ZONE_INTERNAL_H

#include "base/table.h"
#include "tests/simulation/dns.h"

/* What is answered to one question. */
struct zone_entry {
    struct table_node by_name;
    char *name;
    enum dns_type type;
    char *text; /* NULL: nobody set it */
    uint32_t ttl_s;
    int64_t delay_ms; /* negative: by lot */
    unsigned asked;
};

/* dns_zone_ask counts a question and gives its entry (made as needed). */
struct zone_entry *dns_zone_ask(const char *name, enum dns_type type);

/* dns_zone_answer reads what the zone says now. */
struct dns_answer dns_zone_answer(const char *name, enum dns_type type);

/* dns_zone_free forgets all. */
void dns_zone_free(struct simulation *sim);

#endif
