/*
 * Signing mail (DKIM: RFC 6376, 8301, 8463).
 */
#ifndef POSTROOM_PROTOCOL_DKIM_SIGN_H
#define POSTROOM_PROTOCOL_DKIM_SIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "crypto/digest.h"
#include "crypto/sign.h"
#include "protocol/dkim/canonical.h"
#include "protocol/mail/domain_name.h"

enum { DKIM_SELECTOR_MOST = 63 };

/* A private key with the place its public half is published at. Never changes once made: may be
 * shared by any number of threads. */
struct dkim_key {
    char domain[DOMAIN_NAME_MOST + 1];
    char selector[DKIM_SELECTOR_MOST + 1];
    struct sign_key *key;
};

/* dkim_key_load reads a private key in PEM: RSA of 2048 bits or more, or Ed25519. Freed with
 * dkim_key_free (NULL is allowed). */
MUST_USE bool dkim_key_load(struct span pem, struct span domain, struct span selector,
                            struct dkim_key **ret_key, struct error *err);
void dkim_key_free(struct dkim_key *key);

/* What signing needs beside keys; used again for any number of mails. Belongs to one thread at a
 * time. */
struct dkim_signer;

/* dkim_signer_new makes one, never NULL; dkim_signer_free ends it (NULL is allowed). */
MUST_USE struct dkim_signer *dkim_signer_new(void);
void dkim_signer_free(struct dkim_signer *s);

struct dkim_options {
    const struct dkim_key *key;
    enum dkim_canonical header; /* relaxed when zeroed, as is the body's */
    enum dkim_canonical body;
    int64_t at_utc_ms; /* of the signature */
};

/* dkim_signer_hash_body gives the hash of a body for dkim_sign: once for many mails that have the
 * same. The body ends with CRLF or is empty. */
void dkim_signer_hash_body(struct dkim_signer *s, struct span body, enum dkim_canonical canonical,
                           unsigned char ret_hash[DIGEST_SIZE]);

/* dkim_sign appends the field DKIM-Signature with its CRLF, which must go before `header`: all
 * fields of the message as they will be sent, with or without the empty line. From, To, Cc,
 * Subject, Date and Reply-To are signed once more often than they occur, so that none can be
 * added. */
MUST_USE bool dkim_sign(struct dkim_signer *s, const struct dkim_options *options,
                        struct span header, const unsigned char body_hash[DIGEST_SIZE],
                        struct buf *to, struct error *err);

/* dkim_sign_message is dkim_sign for a whole message, header, empty line and body. */
MUST_USE bool dkim_sign_message(struct dkim_signer *s, const struct dkim_options *options,
                                struct span message, struct buf *to, struct error *err);

#endif
