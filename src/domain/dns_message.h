/*
 * Reading a DNS message (RFC 1035 section 4, RFC 2308) into an answer. Every byte is foreign.
 */
#ifndef POSTROOM_DOMAIN_DNS_MESSAGE_H
#define POSTROOM_DOMAIN_DNS_MESSAGE_H

#include "base/compiler.h"
#include "base/span.h"
#include "domain/dns_answer.h"

enum { DNS_ALIASES_MOST = 16 };

/* dns_message_read takes from `message`, the response to a question for `name` and `type` (MX, A
 * or AAAA), the records that answer it, over at most DNS_ALIASES_MOST aliases. A broken message, a
 * failure code, a loop of aliases, and records that are all broken give DNS_SERVFAIL with
 * `problem`; single broken records are passed over. `secure` is the caller's to set. */
void dns_message_read(struct span message, const char *name, enum dns_type type,
                      struct dns_answer *ret_answer);

#endif
