/*
 * Signing.
 */
#include "services/hooks/hook_signature.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/random.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"

enum { KEY_SIZE = 32, KEY_MOST = 64 };

static const char prefix[] = "whsec_";

void hook_secret_make(char ret_text[HOOK_SECRET_ROOM])
{
    CLEANUP(buf_fini) struct buf text;
    unsigned char key[KEY_SIZE];

    buf_init(&text, HOOK_SECRET_ROOM);
    random_secret(key, sizeof(key));
    buf_put_text(&text, prefix);
    base64_put(&text, (struct span){ (const char *)key, sizeof(key) });
    span_copy(buf_view(&text), ret_text, HOOK_SECRET_ROOM);
    secret_wipe(key, sizeof(key));
    secret_wipe(text.at, text.n);
}

static bool read_key(struct span secret, struct buf *key, struct error *err)
{
    if (!span_starts(secret, SPAN("whsec_")) ||
        !base64_read(key, span_rest(secret, strlen(prefix))))
        return error_set(err, ERROR_INTERNAL, "the webhook's secret is broken");
    return true;
}

static void put_signature(struct buf *to, struct span key, struct span content)
{
    struct hmac *hmac = hmac_new(key);
    unsigned char code[HMAC_SIZE];

    hmac_sum(hmac, content, code);
    hmac_free(hmac);
    base64_put(to, (struct span){ (const char *)code, sizeof(code) });
}

/* "v1,... v1,...": whoever knows one of the secrets finds theirs. */
static bool put_signatures(struct buf *to, struct span secrets, struct span content,
                           struct error *err)
{
    CLEANUP(buf_fini) struct buf key;
    bool ok = true;

    buf_init(&key, KEY_MOST);
    do {
        buf_put_text(to, to->n > 0 ? " v1," : "v1,");
        ok = read_key(span_take_until(&secrets, ' '), &key, err);
        if (ok)
            put_signature(to, buf_view(&key), content);
        secret_wipe(key.at, key.n);
        buf_clear(&key);
    } while (ok && secrets.n > 0);
    return ok;
}

bool hook_sign(struct span secret, const char *id, int64_t now_ms, struct span body,
               struct hook_fields *fields, struct error *err)
{
    CLEANUP(buf_fini) struct buf content;
    CLEANUP(buf_fini) struct buf signatures;
    long long moment = now_ms / 1000;
    bool ok;

    buf_init(&content, body.n + HOOK_FIELD_ROOM);
    buf_init(&signatures, HOOK_FIELD_ROOM);
    buf_printf(&content, "%s.%lld.", id, moment);
    buf_put(&content, body);
    ok = put_signatures(&signatures, secret, buf_view(&content), err);
    (void)snprintf(fields->text[0], HOOK_FIELD_ROOM, "Content-Type: application/json");
    (void)snprintf(fields->text[1], HOOK_FIELD_ROOM, "webhook-id: %s", id);
    (void)snprintf(fields->text[2], HOOK_FIELD_ROOM, "webhook-timestamp: %lld", moment);
    (void)snprintf(fields->text[3], HOOK_FIELD_ROOM, "webhook-signature: %s",
                   buf_text(&signatures));
    for (size_t i = 0; i < HOOK_FIELDS; i++)
        fields->at[i] = fields->text[i];
    fields->at[HOOK_FIELDS] = NULL;
    return ok;
}
