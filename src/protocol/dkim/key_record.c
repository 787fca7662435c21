/*
 * The DNS record of a DKIM key. A TXT record is made of strings of at most 255 bytes, which
 * verifiers join without anything between them.
 */
#include "protocol/dkim/key_record.h"

#include "base/cleanup.h"
#include "base/encodings.h"

enum { VALUE_MOST = 4096, TEXT_MOST = 255 };

void dkim_key_record_put_name(struct buf *to, const struct dkim_key *key)
{
    buf_printf(to, "%s._domainkey.%s", key->selector, key->domain);
}

void dkim_key_record_put_value(struct buf *to, const struct dkim_key *key)
{
    CLEANUP(buf_fini) struct buf public_key;
    bool rsa = sign_key_algorithm(key->key) == SIGN_RSA;

    buf_init(&public_key, VALUE_MOST);
    sign_key_put_public(key->key, &public_key);
    buf_printf(to, "v=DKIM1; k=%s; p=", rsa ? "rsa" : "ed25519");
    base64_put(to, buf_view(&public_key));
}

void dkim_key_record_put_zone(struct buf *to, const struct dkim_key *key)
{
    CLEANUP(buf_fini) struct buf value;
    struct span rest;

    buf_init(&value, VALUE_MOST);
    dkim_key_record_put_value(&value, key);
    dkim_key_record_put_name(to, key);
    buf_put(to, SPAN(". IN TXT"));
    for (rest = buf_view(&value); rest.n > 0;) {
        struct span text = span_first(rest, rest.n < TEXT_MOST ? rest.n : TEXT_MOST);

        buf_printf(to, " \"%.*s\"", SPAN_ARGS(text));
        rest = span_rest(rest, text.n);
    }
    buf_put_byte(to, '\n');
}
