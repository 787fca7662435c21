/*
 * One side of one TLS connection on a non-blocking socket. No events and no loop here: each call
 * says what it waits for.
 */
#ifndef POSTROOM_IO_TLS_SESSION_INTERNAL_H
#define POSTROOM_IO_TLS_SESSION_INTERNAL_H

#include <openssl/types.h>

#include "io/socket_internal.h"
#include "io/tls.h"

struct tls_context {
    SSL_CTX *ctx;
    bool is_server;
};

struct tls_session;

/* tls_session_new prepares a session over `fd`; `peer`, which is at `at`, is NULL on the server's
 * side. */
MUST_USE struct tls_session *tls_session_new(struct tls_context *context, int fd,
                                             const struct tls_peer *peer, const struct endpoint *at,
                                             struct error *err);

/* tls_session_keep_tickets lets a client context tell of the tickets that servers give. */
void tls_session_keep_tickets(SSL_CTX *ctx);

/* tls_session_free drops the session, not the socket. */
void tls_session_free(struct tls_session *t);

/* tls_session_handshake goes on with the handshake until it is done, waits or fails. One that fails
 * after a ticket was offered is ERROR_TEMPORARY: there will be none the next time. */
MUST_USE enum transfer tls_session_handshake(struct tls_session *t, struct error *err);

/* tls_session_facts tells what the finished handshake established. */
void tls_session_facts(const struct tls_session *t, struct tls_facts *ret_facts);

/* tls_session_read and _write move plain bytes. A write that waits must be repeated with the same
 * bytes at the front. */
MUST_USE enum transfer tls_session_read(struct tls_session *t, char *to, size_t room, size_t *ret_n,
                                        struct error *err);
MUST_USE enum transfer tls_session_write(struct tls_session *t, struct span bytes, size_t *ret_n,
                                         struct error *err);

/* tls_session_has_pending is true while bytes taken from the socket wait inside. */
MUST_USE bool tls_session_has_pending(const struct tls_session *t);

/* tls_session_end tells the peer that we shall write no more, as well as one try can. */
void tls_session_end(struct tls_session *t);

/* tls_error_set fills `err` with `context` and OpenSSL's own words, and returns false. */
bool tls_error_set(struct error *err, enum error_kind kind, const char *context);

#endif
