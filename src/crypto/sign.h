/*
 * Private keys that sign SHA-256 sums: RSA (PKCS #1 v1.5, RFC 8017) and Ed25519 (RFC 8032, over
 * the sum as RFC 8463 wants it). A key never changes after it is made and may be used by any
 * number of threads at once.
 */
#ifndef POSTROOM_CRYPTO_SIGN_H
#define POSTROOM_CRYPTO_SIGN_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "crypto/digest.h"

enum sign_algorithm { SIGN_RSA, SIGN_ED25519 };

struct sign_key;

/* sign_key_load reads a private key in PEM (PKCS #8 or PKCS #1, without a passphrase); RSA keys
 * must have 2048 bits or more. Freed with sign_key_free (NULL is allowed). */
MUST_USE bool sign_key_load(struct span pem, struct sign_key **ret_key, struct error *err);
void sign_key_free(struct sign_key *key);

/* sign_key_generate makes a new key: RSA of 2048 bits (tens of milliseconds) or Ed25519. */
MUST_USE struct sign_key *sign_key_generate(enum sign_algorithm algorithm);

/* sign_key_algorithm and sign_key_bits tell what kind of key it is. */
MUST_USE enum sign_algorithm sign_key_algorithm(const struct sign_key *key);
MUST_USE int sign_key_bits(const struct sign_key *key);

/* sign_key_put_pem appends the private key as PKCS #8 PEM; the caller keeps it from eyes. */
void sign_key_put_pem(const struct sign_key *key, struct buf *to);

/* sign_key_put_public appends the public key as DNS publishes it for DKIM, before base64: RSA a
 * DER SubjectPublicKeyInfo, Ed25519 the bare 32 bytes. */
void sign_key_put_public(const struct sign_key *key, struct buf *to);

/* sign_sum appends the signature of a SHA-256 sum. */
MUST_USE bool sign_sum(const struct sign_key *key, const unsigned char sum[DIGEST_SIZE],
                       struct buf *to, struct error *err);

#endif
