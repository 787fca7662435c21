/*
 * TLS settings and facts. One context serves many streams of one loop or of several; it is
 * immutable after it is made. TLS 1.2 and 1.3 only.
 */
#ifndef POSTROOM_IO_TLS_H
#define POSTROOM_IO_TLS_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct tls_context;
struct tls_tickets;

struct tls_client_options {
    const char *extra_ca_file; /* PEM, beside the system's store; NULL for none */
};

/* Whom a client talks to. */
struct tls_peer {
    const char *name; /* for SNI and the name check, borrowed for the call */
    bool must_verify; /* fail the handshake unless the certificate is valid for the name */
    struct tls_tickets *tickets; /* of the loop, to shorten the handshake by; NULL: none */
};

/* What a finished handshake established. */
struct tls_facts {
    char version[16]; /* "TLSv1.3" */
    char cipher[64];
    bool resumed;      /* by a ticket of an earlier one, whose verification holds */
    bool verified;     /* a trusted chain, in date, for the name */
    char problem[128]; /* why not verified, in OpenSSL's words; empty when verified */
};

/* tls_client_context_new makes the client side. NULL and `err` when the CA file is no good. */
MUST_USE struct tls_context *tls_client_context_new(const struct tls_client_options *options,
                                                    struct error *err);

/* tls_server_context_new makes the server side from PEM texts. */
MUST_USE struct tls_context *tls_server_context_new(struct span certificate_pem,
                                                    struct span key_pem, struct error *err);

void tls_context_free(struct tls_context *context);

#endif
