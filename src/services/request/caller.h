/*
 * Who asks by a token: making tokens, and telling whose one is. A token is "pr_", letters to find
 * it by, and 160 secret bits; the store keeps a digest alone.
 */
#ifndef POSTROOM_SERVICES_REQUEST_CALLER_H
#define POSTROOM_SERVICES_REQUEST_CALLER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

enum {
    TOKEN_NAME_LIMIT = 60,
    TOKEN_PREFIX = 8,       /* letters */
    TOKEN_SECRET = 32,      /* letters */
    TOKEN_DIGEST_SIZE = 32, /* bytes */
    TOKEN_ROOM = 3 + TOKEN_PREFIX + 1 + TOKEN_SECRET + 1
};

struct caller {
    int64_t token;
    uint64_t scopes; /* domain/access.h: of the token, within the role of its operator */
    int64_t used_at;
    char by[2 * TOKEN_NAME_LIMIT + 20]; /* for the record: "token shop of ann" */
};

/* token_make makes a new token: its text ending in NUL, where its prefix is in it, its digest. */
void token_make(char ret_text[TOKEN_ROOM], struct span *ret_prefix,
                unsigned char ret_digest[TOKEN_DIGEST_SIZE]);

/* caller_find tells whose token it is; *ret_found is false for one that is unknown, revoked or
 * expired: which of them, a stranger need not know. */
MUST_USE bool caller_find(struct db *db, struct span token, int64_t now_ms,
                          struct caller *ret_caller, bool *ret_found, struct error *err);

#endif
