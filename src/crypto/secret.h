/*
 * Bytes nobody else should see: wiped when freed, compared in constant time.
 */
#ifndef POSTROOM_CRYPTO_SECRET_H
#define POSTROOM_CRYPTO_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/span.h"

struct secret {
    char *at;
    size_t n;
};

/* secret_init copies `bytes`; what they were copied from stays the caller's to wipe. */
void secret_init(struct secret *s, struct span bytes);

/* secret_random makes `n` unguessable bytes. */
void secret_random(struct secret *s, size_t n);

/* secret_fini wipes and frees; a zeroed secret is allowed. Works with CLEANUP(secret_fini). */
void secret_fini(struct secret *s);

/* secret_view borrows the bytes. */
MUST_USE struct span secret_view(const struct secret *s);

/* secret_wipe overwrites `n` bytes in a way the compiler keeps. */
void secret_wipe(void *at, size_t n);

/* secret_equal compares in a time that depends on the lengths alone. */
MUST_USE bool secret_equal(struct span a, struct span b);

#endif
