/*
 * How a handshake takes and gives tickets.
 */
#ifndef POSTROOM_IO_TLS_TICKETS_INTERNAL_H
#define POSTROOM_IO_TLS_TICKETS_INTERNAL_H

#include <openssl/ssl.h>
#include <stdint.h>

#include "crypto/digest.h"
#include "io/endpoint.h"
#include "io/tls.h"
#include "io/tls_tickets.h"

/* tls_ticket_key_make hashes what has to be the same. */
struct tls_ticket_key {
    unsigned char bytes[DIGEST_SIZE];
};
MUST_USE struct tls_ticket_key tls_ticket_key_make(const struct tls_peer *peer,
                                                   const struct endpoint *at);

/* tls_tickets_put keeps a ticket, whose reference it takes over; `now_ms` is monotonic. */
void tls_tickets_put(struct tls_tickets *tickets, const struct tls_ticket_key *key,
                     SSL_SESSION *ticket, int64_t now_ms);

/* tls_tickets_take gives the latest ticket for a key, the caller's to free; NULL: none. */
MUST_USE SSL_SESSION *tls_tickets_take(struct tls_tickets *tickets,
                                       const struct tls_ticket_key *key, int64_t now_ms);

/* tls_tickets_forget drops all of a key: one was no good. */
void tls_tickets_forget(struct tls_tickets *tickets, const struct tls_ticket_key *key);

#endif
