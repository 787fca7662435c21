/*
 * What a server offered in its reply to EHLO. Only what stands here may be used in the session.
 */
#ifndef POSTROOM_PROTOCOL_SMTP_CAPABILITIES_H
#define POSTROOM_PROTOCOL_SMTP_CAPABILITIES_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/smtp/reply.h"

struct smtp_capabilities {
    bool pipelining;      /* RFC 2920 */
    bool size;            /* RFC 1870 */
    bool eight_bit;       /* 8BITMIME, RFC 6152 */
    bool smtputf8;        /* RFC 6531 */
    bool starttls;        /* RFC 3207 */
    bool chunking;        /* RFC 3030 */
    bool dsn;             /* RFC 3461 */
    bool enhanced_status; /* ENHANCEDSTATUSCODES, RFC 2034 */
    bool requiretls;      /* RFC 8689 */
    bool deliver_by;      /* RFC 2852 */
    bool limits;          /* RFC 9422 */

    uint64_t size_limit;      /* octets; 0: none told */
    int64_t deliver_by_min;   /* seconds; 0: none told */
    uint32_t mail_limit;      /* LIMITS MAILMAX, transactions a session; 0: none told */
    uint32_t recipient_limit; /* LIMITS RCPTMAX, recipients a transaction; 0: none told */
    uint32_t domain_limit;    /* LIMITS RCPTDOMAINMAX, their domains a session; 0: none told */
};

/* smtp_capabilities_read gives what a positive reply to EHLO offers: one keyword a line from the
 * second line on. Unknown keywords and parameters that are no numbers are passed over. */
MUST_USE struct smtp_capabilities smtp_capabilities_read(const struct smtp_reply *ehlo);

#endif
