#include "protocol/dkim/key_record.h"

#include <string.h>

#include "tests/support/cmocka.h"

/* The key of RFC 8463, appendix A.2. */
static const char ed25519_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

static void key_fini(struct dkim_key **key)
{
    dkim_key_free(*key);
}

static struct dkim_key *load(struct span pem, const char *selector)
{
    struct dkim_key *key = NULL;
    struct error err;

    if (!dkim_key_load(pem, SPAN("Football.Example.com"), span_of(selector), &key, &err))
        fail_msg("%s", err.text);
    return key;
}

static struct dkim_key *rsa_key(void)
{
    CLEANUP(buf_fini) struct buf pem;
    struct sign_key *made = sign_key_generate(SIGN_RSA);

    buf_init(&pem, 10000);
    sign_key_put_pem(made, &pem);
    sign_key_free(made);
    return load(buf_view(&pem), "s1.Mail");
}

static void the_record_is_the_one_of_rfc_8463(void **state)
{
    CLEANUP(key_fini) struct dkim_key *key = load(span_of(ed25519_pem), "brisbane");
    CLEANUP(buf_fini) struct buf to;

    (void)state;
    buf_init(&to, 1000);
    dkim_key_record_put_zone(&to, key);
    assert_string_equal(buf_text(&to),
                        "brisbane._domainkey.football.example.com. IN TXT \"v=DKIM1; k=ed25519; "
                        "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n");
}

/* A string of a TXT record has at most 255 bytes; joined they are the value. */
static void a_long_record_is_cut_into_strings(void **state)
{
    CLEANUP(key_fini) struct dkim_key *key = rsa_key();
    CLEANUP(buf_fini) struct buf zone;
    CLEANUP(buf_fini) struct buf value;
    CLEANUP(buf_fini) struct buf joined;
    struct span rest;

    (void)state;
    buf_init(&zone, 5000);
    buf_init(&value, 5000);
    buf_init(&joined, 5000);
    dkim_key_record_put_zone(&zone, key);
    dkim_key_record_put_value(&value, key);
    assert_true(span_starts(
        buf_view(&value), SPAN("v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA")));
    rest = buf_view(&zone);
    assert_true(span_starts(rest, SPAN("s1.mail._domainkey.football.example.com. IN TXT \"")));
    rest = span_rest(rest, span_index(rest, '"') + 1);
    while (rest.n > 0) {
        struct span text = span_take_until(&rest, '"');

        assert_in_range(text.n, 1, 255);
        buf_put(&joined, text);
        rest = span_rest(rest, span_index(rest, '"') + 1);
    }
    assert_true(value.n > 255);
    assert_true(span_equal(buf_view(&joined), buf_view(&value)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_record_is_the_one_of_rfc_8463),
        cmocka_unit_test(a_long_record_is_cut_into_strings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
