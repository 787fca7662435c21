/*
 * The signed message of RFC 8463, appendix A.3: its Ed25519 signature is made again byte for
 * byte, its RSA signature verifies, both over what our canonical forms make of it.
 */
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/encodings.h"
#include "crypto/digest.h"
#include "crypto/sign.h"
#include "protocol/dkim/canonical.h"
#include "tests/support/cmocka.h"

static const char private_ed25519[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

static const char public_rsa[] =
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi"
    "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZy"
    "VYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";

/* In the order of h=. */
static const char *const fields[] = {
    "From: Joe SixPack <joe@football.example.com>\r\n",
    "To: Suzie Q <suzie@shopping.example.net>\r\n",
    "Subject: Is dinner ready?\r\n",
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n",
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n",
};

static const char body[] = "Hi.\r\n"
                           "\r\n"
                           "We lost the game.  Are you hungry yet?\r\n"
                           "\r\n"
                           "Joe.\r\n";

static const char unsigned_ed25519[] =
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
    " d=football.example.com; i=@football.example.com;\r\n"
    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
    " subject : date : message-id : from : subject : date;\r\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    " b=";

static const char unsigned_rsa[] = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
                                   " d=football.example.com; i=@football.example.com;\r\n"
                                   " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
                                   " date : message-id : from : subject : date;\r\n"
                                   " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
                                   " b=";

static const char signature_ed25519[] = "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus"
                                        "Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==";

static const char signature_rsa[] = "F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3"
                                    "DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz"
                                    "dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=";

static void put_signed(struct buf *to, const char *unsigned_field)
{
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
        dkim_field_put(to, span_of(fields[i]), DKIM_RELAXED);
        buf_put(to, SPAN("\r\n"));
    }
    dkim_field_put(to, span_of(unsigned_field), DKIM_RELAXED);
}

static void the_body_has_the_hash_of_the_rfc(void **state)
{
    struct digest *digest = digest_new();
    CLEANUP(buf_fini) struct buf text;
    unsigned char sum[DIGEST_SIZE];
    struct dkim_body b;

    (void)state;
    buf_init(&text, 100);
    dkim_body_start(&b, digest, DKIM_RELAXED);
    dkim_body_add(&b, span_of(body));
    dkim_body_end(&b, sum);
    digest_free(digest);
    base64_put(&text, (struct span){ (const char *)sum, sizeof sum });
    assert_string_equal(buf_text(&text), "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
}

static void the_ed25519_signature_comes_out_byte_for_byte(void **state)
{
    CLEANUP(buf_fini) struct buf text;
    CLEANUP(buf_fini) struct buf signature;
    CLEANUP(buf_fini) struct buf letters;
    unsigned char sum[DIGEST_SIZE];
    struct sign_key *key = NULL;
    struct error err;

    (void)state;
    buf_init(&text, 2000);
    buf_init(&signature, 100);
    buf_init(&letters, 200);
    put_signed(&text, unsigned_ed25519);
    digest_sha256(buf_view(&text), sum);
    assert_true(sign_key_load(span_of(private_ed25519), &key, &err));
    assert_true(sign_sum(key, sum, &signature, &err));
    sign_key_free(key);
    base64_put(&letters, buf_view(&signature));
    assert_string_equal(buf_text(&letters), signature_ed25519);
}

static void the_rsa_signature_verifies(void **state)
{
    CLEANUP(buf_fini) struct buf text;
    CLEANUP(buf_fini) struct buf signature;
    CLEANUP(buf_fini) struct buf der;
    EVP_MD_CTX *verifier = EVP_MD_CTX_new();
    const unsigned char *at;
    EVP_PKEY *key;

    (void)state;
    buf_init(&text, 2000);
    buf_init(&signature, 1000);
    buf_init(&der, 1000);
    put_signed(&text, unsigned_rsa);
    assert_true(base64_read(&signature, span_of(signature_rsa)));
    assert_true(base64_read(&der, span_of(public_rsa)));
    at = (const unsigned char *)der.at;
    key = d2i_PUBKEY(NULL, &at, (long)der.n);
    assert_non_null(key);
    assert_int_equal(EVP_DigestVerifyInit(verifier, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestVerify(verifier, (const unsigned char *)signature.at, signature.n,
                                      (const unsigned char *)text.at, text.n),
                     1);
    text.at[0] = 'F';
    assert_int_equal(EVP_DigestVerifyInit(verifier, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_not_equal(EVP_DigestVerify(verifier, (const unsigned char *)signature.at,
                                          signature.n, (const unsigned char *)text.at, text.n),
                         1);
    EVP_MD_CTX_free(verifier);
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_body_has_the_hash_of_the_rfc),
        cmocka_unit_test(the_ed25519_signature_comes_out_byte_for_byte),
        cmocka_unit_test(the_rsa_signature_verifies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
