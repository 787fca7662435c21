/*
 * SHA-256 (FIPS 180-4) on OpenSSL's EVP. The algorithm is fetched when the digest is made:
 * fetching it for each sum costs more than a short sum itself.
 */
#include "crypto/digest.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/alloc.h"
#include "crypto/openssl_internal.h"

struct digest {
    EVP_MD *algorithm;
    EVP_MD_CTX *context;
};

struct digest *digest_new(void)
{
    struct digest *d = NEW(struct digest);

    d->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    d->context = EVP_MD_CTX_new();
    openssl_must(d->algorithm != NULL && d->context != NULL, "SHA256");
    digest_start(d);
    return d;
}

void digest_free(struct digest *d)
{
    if (d == NULL)
        return;
    EVP_MD_CTX_free(d->context);
    EVP_MD_free(d->algorithm);
    alloc_free(d);
}

void digest_start(struct digest *d)
{
    openssl_must(EVP_DigestInit_ex2(d->context, d->algorithm, NULL) == 1, "EVP_DigestInit_ex2");
}

void digest_add(struct digest *d, struct span bytes)
{
    openssl_must(EVP_DigestUpdate(d->context, bytes.at, bytes.n) == 1, "EVP_DigestUpdate");
}

void digest_end(struct digest *d, unsigned char ret_sum[DIGEST_SIZE])
{
    openssl_must(EVP_DigestFinal_ex(d->context, ret_sum, NULL) == 1, "EVP_DigestFinal_ex");
    digest_start(d);
}

void digest_sha256(struct span bytes, unsigned char ret_sum[DIGEST_SIZE])
{
    const unsigned char *at = (const unsigned char *)(bytes.n > 0 ? bytes.at : "");

    openssl_must(SHA256(at, bytes.n, ret_sum) != NULL, "SHA256");
}
