/*
 * X.509 version 3 certificates (RFC 5280) signed by their own P-256 key. Not an authority: there
 * are no chains, no revocation.
 */
#include "crypto/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "crypto/openssl_internal.h"

enum { NAME_SIZE_MOST = 255, COMMON_NAME_MOST = 64 };

static GENERAL_NAME *general_name_of(struct span name)
{
    GENERAL_NAME *general = GENERAL_NAME_new();
    char *text = span_text(name);
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(text);
    ASN1_IA5STRING *host;

    alloc_free(text);
    openssl_must(general != NULL, "GENERAL_NAME_new");
    if (address != NULL) {
        GENERAL_NAME_set0_value(general, GEN_IPADD, address);
        return general;
    }
    host = ASN1_IA5STRING_new();
    openssl_must(host != NULL && ASN1_STRING_set(host, name.at, (int)name.n) == 1,
                 "ASN1_STRING_set");
    GENERAL_NAME_set0_value(general, GEN_DNS, host);
    return general;
}

static void add_names(X509 *certificate, const struct certificate_options *options)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();

    openssl_must(names != NULL, "GENERAL_NAMES_new");
    for (size_t i = 0; i < options->name_count; i++)
        openssl_must(sk_GENERAL_NAME_push(names, general_name_of(options->names[i])) > 0,
                     "sk_GENERAL_NAME_push");
    openssl_must(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0) == 1,
                 "X509_add1_ext_i2d");
    GENERAL_NAMES_free(names);
}

/* The subject's common name has room for 64 bytes only; longer names stand in the list alone. */
static void set_subject(X509 *certificate, struct span name)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    struct span text = name.n <= COMMON_NAME_MOST ? name : SPAN("postroom");

    openssl_must(X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                            (const unsigned char *)text.at, (int)text.n, -1,
                                            0) == 1 &&
                     X509_set_issuer_name(certificate, subject) == 1,
                 "X509_NAME_add_entry_by_NID");
}

static void set_serial(X509 *certificate)
{
    unsigned char random[16];
    BIGNUM *number;

    openssl_must(RAND_bytes(random, sizeof random) == 1, "RAND_bytes");
    random[0] &= 0x7f;
    random[0] |= 0x40;
    number = BN_bin2bn(random, sizeof random, NULL);
    openssl_must(number != NULL &&
                     BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL,
                 "BN_to_ASN1_INTEGER");
    BN_free(number);
}

static bool check_options(const struct certificate_options *options, struct error *err)
{
    if (options->name_count == 0)
        return error_set(err, ERROR_INVALID, "a certificate needs a name");
    if (options->until_utc_ms <= options->from_utc_ms)
        return error_set(err, ERROR_INVALID, "a certificate must end after it begins");
    for (size_t i = 0; i < options->name_count; i++)
        if (options->names[i].n == 0 || options->names[i].n > NAME_SIZE_MOST)
            return error_set(err, ERROR_INVALID, "a name must have 1 to %d bytes", NAME_SIZE_MOST);
    return true;
}

static void put_pem(X509 *certificate, EVP_PKEY *key, struct buf *to_certificate,
                    struct buf *to_key)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *at = NULL;
    long n;

    openssl_must(out != NULL && PEM_write_bio_X509(out, certificate) == 1, "PEM_write_bio_X509");
    n = BIO_get_mem_data(out, &at);
    buf_put(to_certificate, (struct span){ at, (size_t)n });
    BIO_free(out);

    out = BIO_new(BIO_s_secmem());
    openssl_must(out != NULL &&
                     PEM_write_bio_PKCS8PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1,
                 "PEM_write_bio_PKCS8PrivateKey");
    n = BIO_get_mem_data(out, &at);
    buf_put(to_key, (struct span){ at, (size_t)n });
    BIO_free(out);
}

bool certificate_make_self_signed(const struct certificate_options *options,
                                  struct buf *ret_certificate, struct buf *ret_key,
                                  struct error *err)
{
    X509 *certificate;
    EVP_PKEY *key;

    if (!check_options(options, err))
        return false;
    key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    certificate = X509_new();
    openssl_must(key != NULL && certificate != NULL, "P-256");
    set_serial(certificate);
    set_subject(certificate, options->names[0]);
    add_names(certificate, options);
    openssl_must(
        X509_set_version(certificate, X509_VERSION_3) == 1 &&
            ASN1_TIME_set(X509_getm_notBefore(certificate), options->from_utc_ms / 1000) != NULL &&
            ASN1_TIME_set(X509_getm_notAfter(certificate), options->until_utc_ms / 1000) != NULL &&
            X509_set_pubkey(certificate, key) == 1 && X509_sign(certificate, key, EVP_sha256()) > 0,
        "X509_sign");
    put_pem(certificate, key, ret_certificate, ret_key);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return true;
}
