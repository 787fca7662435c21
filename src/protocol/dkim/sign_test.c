#include "protocol/dkim/sign.h"

#include <string.h>

#include "tests/support/cmocka.h"

/* The key of RFC 8463, appendix A.2; Ed25519 signs the same to the same. */
static const char ed25519_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

/* RSA of 1024 bits, made for this test: receivers ask for 2048. */
static const char short_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                                "MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAKRVb+8jLgyhmyCt\n"
                                "yxFDjtnIrsEkgQWcsblEctflTyZzLUK/mhUDdt5gZRuzOSKfuTTWGNeg6590Mpn4\n"
                                "wva47Jie5yrQ6/Wk4wM/85Ed57n3BLdRYM29EYA+8YcZjM65zTlES4wObemp9DtA\n"
                                "83A9DkYdXdm7x+h22dIh+xD29YRTAgMBAAECgYEAkrxzWY4JNWAsG27z7zNq385R\n"
                                "NMc6qd8z1qFnBp6MIWIg3QQnOnJAduqN/cD32JHUl3hA8HGRU203LcMxm4qeP27/\n"
                                "NGzAMy4R8sCOv7c3hbGcDWMaVW9IpkCPqhdjKbLJlYEBPeeO1/VvxQiwUnr1JUpu\n"
                                "LFD5so6C7F6dgzREavECQQDOT04cXm5nLe2io+8Gg5oJ/54En7AGY6+SYQ75CMzH\n"
                                "EKSswwCTHhp8GTkrSs37yRGnUJqri9zHjIGwmOxyK99pAkEAy+n2sxtCJ8oxYM/W\n"
                                "+yN7HoLsJf3of2epM2HxJ+GmpAkWXh4Dilb7QKH3DdpQ4YPrNaMs5RU9fT2mLeRO\n"
                                "hCsKWwJALyz/RYlqYXmlH02xOKIbNTIYZiJF1BAzc5tyGwwiF1r87OxiU0HM+Jej\n"
                                "9PxUAcFGoiXSWGvQ/mhot4MgfjL+EQJAf3G6vjZLIpM8SUWdF1kVmfw5m4UVyor/\n"
                                "NR4BmuttOxhy4l/f1paGcd7Iid/orQnF98AETyj3RU9CjWwjpndAAQJBAKzIx9cB\n"
                                "+gcqo9L8rD1zA2TEKs1qCuq6kKd4w/XOsv8BTcbsqB35cEPf6CYbtQVKHV3tvvwU\n"
                                "XR2Jb9ZpYw72QXE=\n"
                                "-----END PRIVATE KEY-----\n";

static const struct span message = {
    "From: Joe SixPack <joe@football.example.com>\r\n"
    "To: Suzie Q <suzie@shopping.example.net>\r\n"
    "Subject: Is dinner ready?\r\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
    "\r\n"
    "Hi.\r\n"
    "\r\n"
    "We lost the game.  Are you hungry yet?\r\n"
    "\r\n"
    "Joe.\r\n",
    279
};

static void key_fini(struct dkim_key **key)
{
    dkim_key_free(*key);
}

static void signer_fini(struct dkim_signer **signer)
{
    dkim_signer_free(*signer);
}

static struct dkim_key *load_key(void)
{
    struct dkim_key *key = NULL;
    struct error err;

    if (!dkim_key_load(span_of(ed25519_pem), SPAN("football.example.com"), SPAN("brisbane"), &key,
                       &err))
        fail_msg("%s", err.text);
    return key;
}

/* The signatures below are such as dkimpy verifies. */
static void a_message_gets_one_field_for_its_signature(void **state)
{
    static const struct {
        enum dkim_canonical header;
        enum dkim_canonical body;
        const char *field;
    } cases[] = {
        { DKIM_RELAXED, DKIM_RELAXED,
          "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
          " d=football.example.com; s=brisbane; t=1528637909; h=From:From:To:To:Cc:\r\n"
          " Subject:Subject:Date:Date:Reply-To:Message-ID;\r\n"
          " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b=uQscxyfcLxDaukc0\r\n"
          " Zh3i74WiRT7z1/Gvsgbho7IpcgGIcRZc9xFoVkFZEdvxEQtSq4hVhDXApVA/uQgvcqzUDA==\r\n" },
        { DKIM_SIMPLE, DKIM_SIMPLE,
          "DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple;\r\n"
          " d=football.example.com; s=brisbane; t=1528637909; h=From:From:To:To:Cc:\r\n"
          " Subject:Subject:Date:Date:Reply-To:Message-ID;\r\n"
          " bh=4bLNXImK9drULnmePzZNEBleUanJCX5PIsDIFoH4KTQ=; b=2PoeEllzyr9O5Rv1\r\n"
          " f/7tNdpL/anj8rDFguTdc+T7qwahpW3oeQBFO02WwDTKIbQuPp8gehlPXGiz+IiVhSXJBQ==\r\n" },
    };
    CLEANUP(key_fini) struct dkim_key *key = load_key();
    CLEANUP(signer_fini) struct dkim_signer *signer = dkim_signer_new();

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct dkim_options options = { key, cases[i].header, cases[i].body, 1528637909000 };
        CLEANUP(buf_fini) struct buf to;
        struct error err;

        buf_init(&to, 2000);
        assert_true(dkim_sign_message(signer, &options, message, &to, &err));
        assert_string_equal(buf_text(&to), cases[i].field);
    }
}

static void each_byte_that_is_signed_counts(void **state)
{
    CLEANUP(key_fini) struct dkim_key *key = load_key();
    CLEANUP(signer_fini) struct dkim_signer *signer = dkim_signer_new();
    const struct dkim_options options = { .key = key, .at_utc_ms = 1528637909000 };
    CLEANUP(buf_fini) struct buf changed;
    CLEANUP(buf_fini) struct buf first;
    CLEANUP(buf_fini) struct buf second;
    struct error err;

    (void)state;
    buf_init(&changed, 2000);
    buf_init(&first, 2000);
    buf_init(&second, 2000);
    buf_put(&changed, message);
    assert_true(dkim_sign_message(signer, &options, message, &first, &err));
    for (size_t i = span_find(message, SPAN("Joe")); i < message.n; i += 7) {
        char good = changed.at[i];

        if (strchr(" \r\n:", good) != NULL || strchr(" \r\n", changed.at[i + 1]) != NULL)
            continue;
        changed.at[i] = '~';
        buf_clear(&second);
        assert_true(dkim_sign_message(signer, &options, buf_view(&changed), &second, &err));
        if (span_equal(buf_view(&first), buf_view(&second)))
            fail_msg("byte %zu is not signed", i);
        changed.at[i] = good;
    }
}

static void what_cannot_be_signed_is_told(void **state)
{
    CLEANUP(key_fini) struct dkim_key *key = load_key();
    CLEANUP(signer_fini) struct dkim_signer *signer = dkim_signer_new();
    const struct dkim_options options = { .key = key };
    CLEANUP(buf_fini) struct buf many;
    CLEANUP(buf_fini) struct buf to;
    struct error err;

    (void)state;
    buf_init(&many, 10000);
    buf_init(&to, 2000);
    assert_false(dkim_sign_message(signer, &options, SPAN("From: a\r\n"), &to, &err));
    assert_string_equal(err.text, "the message has no empty line after its header");
    for (int i = 0; i < 201; i++)
        buf_put_text(&many, "X: y\r\n");
    buf_put_text(&many, "\r\n");
    assert_false(dkim_sign_message(signer, &options, buf_view(&many), &to, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_int_equal(to.n, 0);
}

static void keys_are_refused_with_a_reason(void **state)
{
    static const struct {
        const char *pem;
        const char *domain;
        const char *selector;
        const char *reason;
    } cases[] = {
        { ed25519_pem, "-x.example", "s", "the signing domain: hyphen at the edge" },
        { ed25519_pem, "", "s", "the signing domain: empty domain" },
        { ed25519_pem, "example.org", "a b", "the selector: character not allowed" },
        { ed25519_pem, "example.org", "", "the selector: empty domain" },
        { ed25519_pem, "example.org",
          "a123456789.b123456789.c123456789.d123456789.e123456789.f12345678",
          "the selector has more than 63 bytes" },
        { "junk", "example.org", "s", "the key of s._domainkey.example.org: " },
        { short_pem, "example.org", "s", "the key of s._domainkey.example.org: " },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct dkim_key *key = NULL;
        struct error err;

        assert_false(dkim_key_load(span_of(cases[i].pem), span_of(cases[i].domain),
                                   span_of(cases[i].selector), &key, &err));
        assert_null(key);
        if (strncmp(err.text, cases[i].reason, strlen(cases[i].reason)) != 0)
            fail_msg("%s", err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_gets_one_field_for_its_signature),
        cmocka_unit_test(each_byte_that_is_signed_counts),
        cmocka_unit_test(what_cannot_be_signed_is_told),
        cmocka_unit_test(keys_are_refused_with_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
