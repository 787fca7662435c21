/*
 * The thin layer over OpenSSL: known answers, reuse, keys that are refused, use by many threads.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <string.h>

#include "base/encodings.h"
#include "crypto/certificate.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"
#include "crypto/sign.h"
#include "tests/support/cmocka.h"

static void assert_hex(const unsigned char *bytes, size_t n, const char *expected)
{
    CLEANUP(buf_fini) struct buf hex;

    buf_init(&hex, 1000);
    hex_put(&hex, (struct span){ (const char *)bytes, n });
    assert_string_equal(buf_text(&hex), expected);
}

static void sums_are_those_of_fips_180(void **state)
{
    static const struct {
        const char *text;
        const char *sum;
    } cases[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    };
    unsigned char sum[DIGEST_SIZE];
    struct digest *d = digest_new();

    (void)state;
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
            digest_start(d);
            for (const char *at = cases[i].text; *at != '\0'; at++)
                digest_add(d, (struct span){ at, 1 });
            digest_end(d, sum);
            assert_hex(sum, sizeof sum, cases[i].sum);
            digest_sha256(span_of(cases[i].text), sum);
            assert_hex(sum, sizeof sum, cases[i].sum);
        }
    digest_add(d, SPAN("forgotten"));
    digest_start(d);
    digest_end(d, sum);
    assert_hex(sum, sizeof sum, cases[0].sum);
    digest_free(d);
}

static void codes_are_those_of_rfc_4231(void **state)
{
    static const struct {
        const char *key;
        const char *text;
        const char *code;
    } cases[] = {
        { "Jefe", "what do ya want for nothing?",
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
        { "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
          "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
    };
    unsigned char code[HMAC_SIZE];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct hmac *h = hmac_new(span_of(cases[i].key));

        for (int round = 0; round < 3; round++) {
            hmac_sum(h, span_of(cases[i].text), code);
            assert_hex(code, sizeof code, cases[i].code);
        }
        hmac_free(h);
    }
}

static void secrets_are_compared_whole(void **state)
{
    struct secret a;
    struct secret b;

    (void)state;
    secret_random(&a, 32);
    secret_init(&b, secret_view(&a));
    assert_true(secret_equal(secret_view(&a), secret_view(&b)));
    b.at[31] ^= 1;
    assert_false(secret_equal(secret_view(&a), secret_view(&b)));
    assert_false(secret_equal(secret_view(&a), span_first(secret_view(&a), 31)));
    assert_true(secret_equal(SPAN(""), SPAN("")));
    secret_fini(&a);
    secret_fini(&b);
    assert_null(a.at);
}

static bool verifies(const struct buf *public_key, const unsigned char *sum, const struct buf *sig)
{
    const unsigned char *der = (const unsigned char *)public_key->at;
    EVP_PKEY *pkey = d2i_PUBKEY(NULL, &der, (long)public_key->n);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);
    bool good =
        EVP_PKEY_verify_init(context) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
        EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
        EVP_PKEY_verify(context, (const unsigned char *)sig->at, sig->n, sum, DIGEST_SIZE) == 1;

    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(pkey);
    return good;
}

static void an_rsa_key_survives_pem_and_signs(void **state)
{
    CLEANUP(buf_fini) struct buf pem;
    CLEANUP(buf_fini) struct buf public_key;
    CLEANUP(buf_fini) struct buf signature;
    unsigned char sum[DIGEST_SIZE];
    struct sign_key *made = sign_key_generate(SIGN_RSA);
    struct sign_key *loaded = NULL;
    struct error err;

    (void)state;
    buf_init(&pem, 10000);
    buf_init(&public_key, 10000);
    buf_init(&signature, 10000);
    sign_key_put_pem(made, &pem);
    sign_key_put_public(made, &public_key);
    assert_true(sign_key_load(buf_view(&pem), &loaded, &err));
    assert_int_equal(sign_key_bits(loaded), 2048);
    assert_int_equal(sign_key_algorithm(loaded), SIGN_RSA);
    digest_sha256(SPAN("hello"), sum);
    assert_true(sign_sum(loaded, sum, &signature, &err));
    assert_int_equal(signature.n, 256);
    assert_true(verifies(&public_key, sum, &signature));
    sum[0] ^= 1;
    assert_false(verifies(&public_key, sum, &signature));
    sign_key_free(made);
    sign_key_free(loaded);
}

static void an_ed25519_key_signs_as_rfc_8463_does(void **state)
{
    /* The key of RFC 8463 appendix A.2 in PKCS #8, and the public key of its DNS record. */
    static const char pem[] = "-----BEGIN PRIVATE KEY-----\n"
                              "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                              "-----END PRIVATE KEY-----\n";
    CLEANUP(buf_fini) struct buf public_key;
    CLEANUP(buf_fini) struct buf text;
    CLEANUP(buf_fini) struct buf signature;
    unsigned char sum[DIGEST_SIZE] = { 1, 2, 3 };
    struct sign_key *key = NULL;
    struct error err;

    (void)state;
    buf_init(&public_key, 100);
    buf_init(&text, 100);
    buf_init(&signature, 100);
    assert_true(sign_key_load(span_of(pem), &key, &err));
    assert_int_equal(sign_key_algorithm(key), SIGN_ED25519);
    sign_key_put_public(key, &public_key);
    base64_put(&text, buf_view(&public_key));
    assert_string_equal(buf_text(&text), "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    assert_true(sign_sum(key, sum, &signature, &err));
    assert_int_equal(signature.n, 64);
    sign_key_free(key);
}

static void assert_key_refused(struct span pem, const char *words)
{
    struct sign_key *key = NULL;
    struct error err = { 0 };

    assert_false(sign_key_load(pem, &key, &err));
    assert_null(key);
    assert_int_equal(err.kind, ERROR_INVALID);
    assert_non_null(strstr(err.text, words));
}

static void put_pem_of(EVP_PKEY *pkey, const char *passphrase, struct buf *to)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *at = NULL;
    const EVP_CIPHER *cipher = passphrase != NULL ? EVP_aes_128_cbc() : NULL;
    long n;

    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(out, pkey, cipher, NULL, 0, NULL,
                                                   (void *)(uintptr_t)passphrase),
                     1);
    n = BIO_get_mem_data(out, &at);
    buf_clear(to);
    buf_put(to, (struct span){ at, (size_t)n });
    BIO_free(out);
}

static void wrong_keys_are_refused_by_name(void **state)
{
    CLEANUP(buf_fini) struct buf pem;
    EVP_PKEY *small = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    EVP_PKEY *curve = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");

    (void)state;
    buf_init(&pem, 10000);
    assert_key_refused(SPAN(""), "PEM");
    assert_key_refused(SPAN("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
                       "PEM");
    put_pem_of(small, NULL, &pem);
    assert_key_refused(buf_view(&pem), "1024 bits");
    put_pem_of(small, "word", &pem);
    assert_key_refused(buf_view(&pem), "without passphrase");
    put_pem_of(curve, NULL, &pem);
    assert_key_refused(buf_view(&pem), "neither RSA nor Ed25519");
    EVP_PKEY_free(small);
    EVP_PKEY_free(curve);
}

static void *sign_a_few(void *argument)
{
    CLEANUP(buf_fini) struct buf signature;
    unsigned char sum[DIGEST_SIZE] = { 7 };
    struct error err;
    intptr_t good = 0;

    buf_init(&signature, 1000);
    for (int i = 0; i < 10; i++) {
        buf_clear(&signature);
        good += sign_sum(argument, sum, &signature, &err) && signature.n == 256;
    }
    return (void *)good;
}

static void one_key_serves_many_threads(void **state)
{
    pthread_t threads[4];
    struct sign_key *key = sign_key_generate(SIGN_RSA);

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sign_a_few, key), 0);
    for (size_t i = 0; i < ARRAY_LENGTH(threads); i++) {
        void *good = NULL;

        assert_int_equal(pthread_join(threads[i], &good), 0);
        assert_int_equal((intptr_t)good, 10);
    }
    sign_key_free(key);
}

static void a_certificate_names_its_hosts(void **state)
{
    static const struct span names[] = { { "mx.example.org", 14 }, { "127.0.0.1", 9 } };
    const struct certificate_options options = { names, 2, 1790000000000, 1800000000000 };
    CLEANUP(buf_fini) struct buf pem;
    CLEANUP(buf_fini) struct buf key;
    struct error err;
    X509 *certificate;
    BIO *in;

    (void)state;
    buf_init(&pem, 10000);
    buf_init(&key, 10000);
    assert_true(certificate_make_self_signed(&options, &pem, &key, &err));
    assert_true(span_starts(buf_view(&key), SPAN("-----BEGIN PRIVATE KEY-----")));
    in = BIO_new_mem_buf(pem.at, (int)pem.n);
    certificate = PEM_read_bio_X509(in, NULL, NULL, NULL);
    assert_non_null(certificate);
    assert_int_equal(X509_check_host(certificate, "mx.example.org", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(certificate, "mx2.example.org", 0, 0, NULL), 0);
    assert_int_equal(X509_check_ip_asc(certificate, "127.0.0.1", 0), 1);
    assert_int_equal(X509_verify(certificate, X509_get0_pubkey(certificate)), 1);
    X509_free(certificate);
    BIO_free(in);
}

static void a_certificate_without_names_or_time_is_refused(void **state)
{
    static const struct span name = { "a", 1 };
    const struct certificate_options wrong[] = { { &name, 0, 0, 1000 }, { &name, 1, 1000, 1000 } };
    CLEANUP(buf_fini) struct buf pem;
    struct error err;

    (void)state;
    buf_init(&pem, 10000);
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_false(certificate_make_self_signed(&wrong[i], &pem, &pem, &err));
    assert_int_equal(pem.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_those_of_fips_180),
        cmocka_unit_test(codes_are_those_of_rfc_4231),
        cmocka_unit_test(secrets_are_compared_whole),
        cmocka_unit_test(an_rsa_key_survives_pem_and_signs),
        cmocka_unit_test(an_ed25519_key_signs_as_rfc_8463_does),
        cmocka_unit_test(wrong_keys_are_refused_by_name),
        cmocka_unit_test(one_key_serves_many_threads),
        cmocka_unit_test(a_certificate_names_its_hosts),
        cmocka_unit_test(a_certificate_without_names_or_time_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
