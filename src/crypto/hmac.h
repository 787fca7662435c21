/*
 * HMAC-SHA256 with one key, keyed once and used for any number of codes. Belongs to one thread at
 * a time.
 */
#ifndef POSTROOM_CRYPTO_HMAC_H
#define POSTROOM_CRYPTO_HMAC_H

#include "base/compiler.h"
#include "base/span.h"

#define HMAC_SIZE 32

struct hmac;

/* hmac_new makes a keyed HMAC, never NULL; the key's bytes are copied. hmac_free ends it and
 * wipes the key (NULL is allowed). */
MUST_USE struct hmac *hmac_new(struct span key);
void hmac_free(struct hmac *h);

/* hmac_sum gives the code of `bytes`. */
void hmac_sum(struct hmac *h, struct span bytes, unsigned char ret_code[HMAC_SIZE]);

#endif
