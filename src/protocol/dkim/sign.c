/*
 * DKIM signatures (RFC 6376 section 5). There is no l=, which would let others append, no i= and
 * no x=. Not a verifier.
 */
#include "protocol/dkim/sign.h"

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/encodings.h"
#include "protocol/dkim/fields.h"
#include "protocol/mail/fold.h"

enum { HEADER_MOST = 1024 * 1024, SIGNATURE_MOST = 4096 };

struct dkim_signer {
    struct digest *digest;
    struct dkim_body body;
    struct dkim_fields fields;
    struct buf canonical; /* what is signed */
};

static bool take_selector(struct span selector, char *ret_selector, struct error *err)
{
    char name[DOMAIN_NAME_MOST + 1];

    if (selector.n > DKIM_SELECTOR_MOST)
        return error_set(err, ERROR_INVALID, "the selector has more than %d bytes",
                         DKIM_SELECTOR_MOST);
    if (!domain_name_parse(selector, name, err))
        return error_wrap(err, "the selector");
    memcpy(ret_selector, name, strlen(name) + 1);
    return true;
}

bool dkim_key_load(struct span pem, struct span domain, struct span selector,
                   struct dkim_key **ret_key, struct error *err)
{
    struct dkim_key key = { 0 };

    if (!domain_name_parse(domain, key.domain, err))
        return error_wrap(err, "the signing domain");
    if (!take_selector(selector, key.selector, err))
        return false;
    if (!sign_key_load(pem, &key.key, err))
        return error_wrap(err, "the key of %s._domainkey.%s", key.selector, key.domain);
    *ret_key = NEW(struct dkim_key);
    **ret_key = key;
    return true;
}

void dkim_key_free(struct dkim_key *key)
{
    if (key == NULL)
        return;
    sign_key_free(key->key);
    alloc_free(key);
}

struct dkim_signer *dkim_signer_new(void)
{
    struct dkim_signer *s = NEW(struct dkim_signer);

    s->digest = digest_new();
    buf_init(&s->canonical, HEADER_MOST + SIGNATURE_MOST);
    return s;
}

void dkim_signer_free(struct dkim_signer *s)
{
    if (s == NULL)
        return;
    digest_free(s->digest);
    buf_fini(&s->canonical);
    alloc_free(s);
}

void dkim_signer_hash_body(struct dkim_signer *s, struct span body, enum dkim_canonical canonical,
                           unsigned char ret_hash[DIGEST_SIZE])
{
    dkim_body_start(&s->body, s->digest, canonical);
    dkim_body_add(&s->body, body);
    dkim_body_end(&s->body, ret_hash);
}

/* Writes the field up to "b=", and into s->canonical the fields it signs. */
static void put_unsigned(struct dkim_signer *s, const struct dkim_options *o,
                         const unsigned char *body_hash, struct fold *f)
{
    CLEANUP(buf_fini) struct buf word;
    bool rsa = sign_key_algorithm(o->key->key) == SIGN_RSA;

    buf_init(&word, SIGNATURE_MOST);
    fold_word(f, SPAN("v=1;"));
    fold_word(f, rsa ? SPAN("a=rsa-sha256;") : SPAN("a=ed25519-sha256;"));
    buf_printf(&word, "c=%s/%s;", dkim_canonical_name(o->header), dkim_canonical_name(o->body));
    fold_word(f, buf_view(&word));
    buf_clear(&word);
    buf_printf(&word, "d=%s;", o->key->domain);
    fold_word(f, buf_view(&word));
    buf_clear(&word);
    buf_printf(&word, "s=%s;", o->key->selector);
    fold_word(f, buf_view(&word));
    buf_clear(&word);
    buf_printf(&word, "t=%lld;", (long long)(o->at_utc_ms / 1000));
    fold_word(f, buf_view(&word));
    dkim_fields_put_names(&s->fields, f);
    buf_clear(&word);
    buf_put(&word, SPAN("bh="));
    base64_put(&word, (struct span){ (const char *)body_hash, DIGEST_SIZE });
    buf_put_byte(&word, ';');
    fold_word(f, buf_view(&word));
    fold_word(f, SPAN("b="));
}

static bool put_signature(struct dkim_signer *s, const struct dkim_options *o, struct fold *f,
                          struct error *err)
{
    CLEANUP(buf_fini) struct buf signature;
    CLEANUP(buf_fini) struct buf letters;
    unsigned char sum[DIGEST_SIZE];
    struct span rest;

    digest_start(s->digest);
    digest_add(s->digest, buf_view(&s->canonical));
    digest_end(s->digest, sum);
    buf_init(&signature, SIGNATURE_MOST);
    buf_init(&letters, 2 * SIGNATURE_MOST);
    if (!sign_sum(o->key->key, sum, &signature, err))
        return false;
    base64_put(&letters, buf_view(&signature));
    for (rest = buf_view(&letters); rest.n > 0;) {
        struct span piece = span_first(rest, rest.n < 8 ? rest.n : 8);

        fold_join(f, piece);
        rest = span_rest(rest, piece.n);
    }
    return true;
}

bool dkim_sign(struct dkim_signer *s, const struct dkim_options *options, struct span header,
               const unsigned char body_hash[DIGEST_SIZE], struct buf *to, struct error *err)
{
    CLEANUP(buf_fini) struct buf field;
    struct fold f;

    buf_init(&field, 2 * SIGNATURE_MOST + HEADER_MOST);
    if (header.n > HEADER_MOST || !dkim_fields_take(&s->fields, header))
        return error_set(err, ERROR_LIMIT, "the header is too large to sign");
    fold_start(&f, &field, "DKIM-Signature");
    put_unsigned(s, options, body_hash, &f);
    buf_clear(&s->canonical);
    dkim_fields_put_canonical(&s->fields, &s->canonical, options->header);
    dkim_field_put(&s->canonical, buf_view(&field), options->header);
    if (!put_signature(s, options, &f, err))
        return false;
    fold_end(&f);
    buf_put(to, buf_view(&field));
    return true;
}

bool dkim_sign_message(struct dkim_signer *s, const struct dkim_options *options,
                       struct span message, struct buf *to, struct error *err)
{
    size_t end = span_find(message, SPAN("\r\n\r\n"));
    unsigned char body_hash[DIGEST_SIZE];

    if (end == message.n)
        return error_set(err, ERROR_INVALID, "the message has no empty line after its header");
    dkim_signer_hash_body(s, span_rest(message, end + 4), options->body, body_hash);
    return dkim_sign(s, options, span_first(message, end + 2), body_hash, to, err);
}
