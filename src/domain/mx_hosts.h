/*
 * Which hosts the MX answer for a domain names, and which of them to look at (RFC 5321 section 5.1,
 * RFC 7505). The first of the two steps to a plan: domain/mx_plan.h is the second.
 */
#ifndef POSTROOM_DOMAIN_MX_HOSTS_H
#define POSTROOM_DOMAIN_MX_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/ip.h"
#include "base/random.h"
#include "domain/dns_answer.h"

enum {
    MX_HOSTS_MOST = 16, /* hosts of a domain that are looked at */
    MX_SITE_KEY_MOST = 255
};

/* What the operator allows and who we are. Borrowed by whoever keeps it. */
struct mx_rules {
    bool internal_allowed; /* private and link-local addresses: ip_is_internal, but not loopback */
    bool loopback_allowed;
    const char *const *own_names; /* lower case */
    size_t own_name_count;
    const struct ip *own_addresses;
    size_t own_address_count;
};

enum mx_verdict {
    MX_TRY,      /* the plan has targets */
    MX_DEFERRED, /* the DNS did not answer what was needed: later */
    MX_FAILED    /* no mail can go there */
};

/* A verdict without targets has a code of RFC 3463 and a sentence for people. */
struct mx_finding {
    enum mx_verdict verdict;
    char status[8]; /* "5.1.10"; empty with MX_TRY */
    char text[256];
    bool is_absence; /* MX_FAILED: a resolver that is broken would find as little */
};

struct mx_host {
    char name[256];
    uint16_t preference;
};

/* The hosts to ask for A and AAAA records, most preferred first; none unless MX_TRY. */
struct mx_hosts {
    struct mx_finding finding;
    struct mx_host host[MX_HOSTS_MOST];
    size_t count;
    bool cut_at_us; /* we are among the MX: only more preferred ones are here */
    char site_key[MX_SITE_KEY_MOST + 1];
};

/* mx_hosts_find reads the MX answer for `domain` (A-labels, lower case). Chance decides which of
 * more than MX_HOSTS_MOST equally preferred hosts are taken. */
void mx_hosts_find(const char *domain, const struct dns_answer *mx, const struct mx_rules *rules,
                   struct random *random, struct mx_hosts *ret_hosts);

/* mx_finding_set fills a finding; mx_finding_set_soft says that looking up `what` ("the MX") of
 * `name` got no answer to rely on. */
void mx_finding_set(struct mx_finding *finding, enum mx_verdict verdict, const char *status,
                    const char *format, ...) PRINTF_LIKE(4, 5);
void mx_finding_set_soft(struct mx_finding *finding, const char *what, const char *name,
                         const struct dns_answer *answer);

#endif
