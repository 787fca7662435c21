/*
 * What the domain name system answered to one question, as a value.
 */
#ifndef POSTROOM_DOMAIN_DNS_ANSWER_H
#define POSTROOM_DOMAIN_DNS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/ip.h"

enum dns_type { DNS_MX = 15, DNS_A = 1, DNS_AAAA = 28, DNS_TXT = 16, DNS_TLSA = 52 };

/* The outcome of a question. NXDOMAIN and NODATA are answers; the rest are temporary. */
enum dns_status {
    DNS_OK,       /* records follow */
    DNS_NODATA,   /* the name exists, no such records */
    DNS_NXDOMAIN, /* no such name */
    DNS_SERVFAIL, /* the servers failed or refused, or DNSSEC says bogus */
    DNS_TIMEOUT   /* nobody answered in time */
};

enum { DNS_RECORDS_LIMIT = 64 };

struct dns_record {
    uint16_t preference; /* MX */
    char name[256]; /* MX: host in lower case without the last dot; "" for the root (null MX) */
    struct ip ip;   /* A, AAAA */
};

struct dns_answer {
    enum dns_status status;
    bool secure;                /* validated by DNSSEC */
    uint32_t ttl_s;             /* of the answer, or of the negative one */
    char problem[128];          /* a sentence for people when the status is temporary */
    struct dns_record *records; /* heap, at most DNS_RECORDS_LIMIT */
    size_t count;
    char canonical[256]; /* the name after CNAMEs, as asked when there were none */
};

/* dns_answer_fini frees the records. */
void dns_answer_fini(struct dns_answer *answer);

/* dns_answer_is_soft is true when nothing was answered that one may rely on: ask again later. */
MUST_USE bool dns_answer_is_soft(const struct dns_answer *answer);

/* dns_status_name gives "ok", "nodata", "nxdomain", "servfail", "timeout". */
MUST_USE const char *dns_status_name(enum dns_status status);

#endif
