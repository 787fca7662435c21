/*
 * SHA-256. A digest is fetched once and used again for any number of sums; it belongs to one
 * thread at a time.
 */
#ifndef POSTROOM_CRYPTO_DIGEST_H
#define POSTROOM_CRYPTO_DIGEST_H

#include "base/compiler.h"
#include "base/span.h"

#define DIGEST_SIZE 32

struct digest;

/* digest_new makes a digest, never NULL; digest_free ends it (NULL is allowed). */
MUST_USE struct digest *digest_new(void);
void digest_free(struct digest *d);

/* digest_start begins a new sum and forgets an unfinished one, digest_add takes bytes in,
 * digest_end gives the sum. */
void digest_start(struct digest *d);
void digest_add(struct digest *d, struct span bytes);
void digest_end(struct digest *d, unsigned char ret_sum[DIGEST_SIZE]);

/* digest_sha256 gives the sum of `bytes` at once: for the few sums outside of hot paths. */
void digest_sha256(struct span bytes, unsigned char ret_sum[DIGEST_SIZE]);

#endif
