/*
 * Tickets that servers gave at the end of a handshake, by which the next one with the same server
 * is shorter (RFC 8446 section 2.2). Kept for a while, of a bounded number of servers; those of
 * TLS 1.3 are used once. A ticket serves only where name, address, port and the demand to verify
 * are the same. Belongs to one loop, and to one client context.
 */
#ifndef POSTROOM_IO_TLS_TICKETS_H
#define POSTROOM_IO_TLS_TICKETS_H

#include "base/compiler.h"

enum {
    TLS_TICKETS_SERVERS_MOST = 500,
    TLS_TICKETS_OF_SERVER_MOST = 4,
    TLS_TICKETS_KEPT_MS = 3600 * 1000
};

struct tls_tickets;

MUST_USE struct tls_tickets *tls_tickets_new(void);

/* tls_tickets_free frees them; no stream that was given them may be left. */
void tls_tickets_free(struct tls_tickets *tickets);

#endif
