/*
 * Who receives by a webhook can tell that it comes from us, as Standard Webhooks has it
 * (standardwebhooks.com): HMAC-SHA256 over id, moment and body, by a secret that both know.
 */
#ifndef POSTROOM_SERVICES_HOOKS_HOOK_SIGNATURE_H
#define POSTROOM_SERVICES_HOOKS_HOOK_SIGNATURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

enum { HOOK_SECRET_ROOM = 64, HOOK_ID_ROOM = 80, HOOK_FIELD_ROOM = 200, HOOK_FIELDS = 4 };

/* hook_secret_make makes a secret: "whsec_" and base64. */
void hook_secret_make(char ret_text[HOOK_SECRET_ROOM]);

/* The header fields of a call, ready for net/http_client.h. */
struct hook_fields {
    char text[HOOK_FIELDS][HOOK_FIELD_ROOM];
    const char *at[HOOK_FIELDS + 1];
};

/* hook_sign fills the fields of a body that is sent as `id` at `now_ms`; `fields` stays where it
 * is. `secret` may be two, divided by a space: each signs. A secret that is none of ours is a
 * failure. */
MUST_USE bool hook_sign(struct span secret, const char *id, int64_t now_ms, struct span body,
                        struct hook_fields *fields, struct error *err);

#endif
