/*
 * Private keys on OpenSSL's EVP_PKEY. The PEM is decoded once; an RSA signature starts from a copy
 * of a context that was initialised with the key, so that no algorithm is looked up per mail.
 */
#include "crypto/sign.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "crypto/openssl_internal.h"

enum { RSA_BITS_LEAST = 2048, RSA_BITS_MOST = 8192, PEM_SIZE_MOST = 64 * 1024 };

struct sign_key {
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *prepared; /* RSA only: ready to sign, copied for each signature */
    enum sign_algorithm algorithm;
};

/* Without this, OpenSSL would ask the terminal for the passphrase of an encrypted key. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the type is pem_password_cb */
static int no_passphrase(char *to, int size, int writing, void *unused)
{
    (void)to;
    (void)size;
    (void)writing;
    (void)unused;
    return -1;
}

static struct sign_key *key_of(EVP_PKEY *pkey, enum sign_algorithm algorithm)
{
    struct sign_key *key = NEW(struct sign_key);

    key->pkey = pkey;
    key->algorithm = algorithm;
    if (algorithm != SIGN_RSA)
        return key;
    key->prepared = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    openssl_must(key->prepared != NULL && EVP_PKEY_sign_init(key->prepared) == 1 &&
                     EVP_PKEY_CTX_set_rsa_padding(key->prepared, RSA_PKCS1_PADDING) == 1 &&
                     EVP_PKEY_CTX_set_signature_md(key->prepared, EVP_sha256()) == 1,
                 "RSA signing");
    return key;
}

static bool check_key(const EVP_PKEY *pkey, enum sign_algorithm *ret_algorithm, struct error *err)
{
    int bits = EVP_PKEY_get_bits(pkey);

    if (EVP_PKEY_is_a(pkey, "ED25519")) {
        *ret_algorithm = SIGN_ED25519;
        return true;
    }
    if (!EVP_PKEY_is_a(pkey, "RSA"))
        return error_set(err, ERROR_INVALID, "the key is neither RSA nor Ed25519");
    if (bits < RSA_BITS_LEAST || bits > RSA_BITS_MOST)
        return error_set(err, ERROR_INVALID, "the RSA key has %d bits; %d to %d are allowed", bits,
                         RSA_BITS_LEAST, RSA_BITS_MOST);
    *ret_algorithm = SIGN_RSA;
    return true;
}

bool sign_key_load(struct span pem, struct sign_key **ret_key, struct error *err)
{
    enum sign_algorithm algorithm;
    EVP_PKEY *pkey;
    BIO *in;

    if (pem.n == 0 || pem.n > PEM_SIZE_MOST)
        return error_set(err, ERROR_INVALID, "not a private key in PEM");
    in = BIO_new_mem_buf(pem.at, (int)pem.n);
    openssl_must(in != NULL, "BIO_new_mem_buf");
    pkey = PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL);
    BIO_free(in);
    if (pkey == NULL)
        return openssl_failed(err, ERROR_INVALID, "not a private key in PEM without passphrase");
    if (!check_key(pkey, &algorithm, err)) {
        EVP_PKEY_free(pkey);
        return false;
    }
    *ret_key = key_of(pkey, algorithm);
    return true;
}

struct sign_key *sign_key_generate(enum sign_algorithm algorithm)
{
    EVP_PKEY *pkey = algorithm == SIGN_RSA
                         ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)RSA_BITS_LEAST)
                         : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

    openssl_must(pkey != NULL, "EVP_PKEY_Q_keygen");
    return key_of(pkey, algorithm);
}

void sign_key_free(struct sign_key *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_CTX_free(key->prepared);
    EVP_PKEY_free(key->pkey);
    alloc_free(key);
}

enum sign_algorithm sign_key_algorithm(const struct sign_key *key)
{
    return key->algorithm;
}

int sign_key_bits(const struct sign_key *key)
{
    return EVP_PKEY_get_bits(key->pkey);
}

void sign_key_put_pem(const struct sign_key *key, struct buf *to)
{
    BIO *out = BIO_new(BIO_s_secmem());
    char *at = NULL;
    long n;

    openssl_must(out != NULL &&
                     PEM_write_bio_PKCS8PrivateKey(out, key->pkey, NULL, NULL, 0, NULL, NULL) == 1,
                 "PEM_write_bio_PKCS8PrivateKey");
    n = BIO_get_mem_data(out, &at);
    buf_put(to, (struct span){ at, (size_t)n });
    BIO_free(out);
}

void sign_key_put_public(const struct sign_key *key, struct buf *to)
{
    unsigned char raw[32];
    unsigned char *der = NULL;
    size_t n = sizeof raw;

    if (key->algorithm == SIGN_ED25519) {
        openssl_must(EVP_PKEY_get_raw_public_key(key->pkey, raw, &n) == 1, "Ed25519 public key");
        buf_put(to, (struct span){ (const char *)raw, n });
        return;
    }
    n = (size_t)i2d_PUBKEY(key->pkey, &der);
    openssl_must(der != NULL, "i2d_PUBKEY");
    buf_put(to, (struct span){ (const char *)der, n });
    OPENSSL_free(der);
}

static bool sign_rsa(const struct sign_key *key, const unsigned char *sum, unsigned char *to,
                     size_t *n)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_dup(key->prepared);
    bool worked = context != NULL && EVP_PKEY_sign(context, to, n, sum, (size_t)DIGEST_SIZE) == 1;

    EVP_PKEY_CTX_free(context);
    return worked;
}

static bool sign_ed25519(const struct sign_key *key, const unsigned char *sum, unsigned char *to,
                         size_t *n)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool worked = context != NULL &&
                  EVP_DigestSignInit_ex(context, NULL, NULL, NULL, NULL, key->pkey, NULL) == 1 &&
                  EVP_DigestSign(context, to, n, sum, DIGEST_SIZE) == 1;

    EVP_MD_CTX_free(context);
    return worked;
}

bool sign_sum(const struct sign_key *key, const unsigned char sum[DIGEST_SIZE], struct buf *to,
              struct error *err)
{
    unsigned char signature[RSA_BITS_MOST / 8];
    size_t n = sizeof signature;
    bool worked = key->algorithm == SIGN_RSA ? sign_rsa(key, sum, signature, &n)
                                             : sign_ed25519(key, sum, signature, &n);

    if (!worked)
        return openssl_failed(err, ERROR_INTERNAL, "signing");
    buf_put(to, (struct span){ (const char *)signature, n });
    return true;
}
