/*
 * Secret bytes on the heap.
 */
#include "crypto/secret.h"

#include <openssl/crypto.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"

void secret_init(struct secret *s, struct span bytes)
{
    *s = (struct secret){ alloc_zeroed(bytes.n + 1), bytes.n };
    if (bytes.n > 0)
        memcpy(s->at, bytes.at, bytes.n);
}

void secret_random(struct secret *s, size_t n)
{
    *s = (struct secret){ alloc_zeroed(n + 1), n };
    random_secret(s->at, n);
}

void secret_fini(struct secret *s)
{
    if (s->at != NULL)
        OPENSSL_cleanse(s->at, s->n);
    alloc_free(s->at);
    *s = (struct secret){ 0 };
}

struct span secret_view(const struct secret *s)
{
    return (struct span){ s->at, s->n };
}

void secret_wipe(void *at, size_t n)
{
    OPENSSL_cleanse(at, n);
}

bool secret_equal(struct span a, struct span b)
{
    if (a.n != b.n)
        return false;
    return a.n == 0 || CRYPTO_memcmp(a.at, b.at, a.n) == 0;
}
