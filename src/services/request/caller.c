/*
 * Tokens as text. The prefix leads to one row; its digest is compared in constant time.
 */
#include "services/request/caller.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/encodings.h"
#include "base/random.h"
#include "crypto/digest.h"
#include "crypto/secret.h"
#include "domain/access.h"
#include "store/token.h"

enum { PREFIX_AT = 3, SECRET_AT = PREFIX_AT + TOKEN_PREFIX + 1, BYTES = 25 };

/* Five bytes are eight letters: 5 for the prefix, 20 for the secret. */
void token_make(char ret_text[TOKEN_ROOM], struct span *ret_prefix,
                unsigned char ret_digest[TOKEN_DIGEST_SIZE])
{
    CLEANUP(buf_fini) struct buf letters;
    char bytes[BYTES];

    random_secret(bytes, sizeof(bytes));
    buf_init(&letters, 100);
    base32_put(&letters, (struct span){ bytes, sizeof(bytes) });
    (void)snprintf(ret_text, TOKEN_ROOM, "pr_%.*s_%s", TOKEN_PREFIX, buf_text(&letters),
                   buf_text(&letters) + TOKEN_PREFIX);
    secret_wipe(bytes, sizeof(bytes));
    secret_wipe(letters.at, letters.n);
    *ret_prefix = (struct span){ ret_text + PREFIX_AT, TOKEN_PREFIX };
    digest_sha256(span_of(ret_text), ret_digest);
}

static bool is_token(struct span text)
{
    return text.n == TOKEN_ROOM - 1 && span_starts(text, SPAN("pr_")) &&
           text.at[SECRET_AT - 1] == '_';
}

static bool is_live(const struct token_row *row, struct span token, int64_t now_ms)
{
    unsigned char digest[DIGEST_SIZE];

    digest_sha256(token, digest);
    return secret_equal(row->digest, (struct span){ (const char *)digest, sizeof(digest) }) &&
           (row->expires_at == 0 || now_ms < row->expires_at);
}

static void describe(const struct token_row *row, struct caller *caller)
{
    struct span unknown;
    int n = snprintf(caller->by, sizeof(caller->by), "token %.*s", SPAN_ARGS(row->name));

    if (row->operator_id != 0 && n > 0 && (size_t)n < sizeof(caller->by))
        (void)snprintf(caller->by + n, sizeof(caller->by) - (size_t)n, " of %.*s",
                       SPAN_ARGS(row->operator_name));
    caller->token = row->id;
    caller->used_at = row->used_at;
    caller->scopes = access_read_scopes(row->scopes, &unknown);
    if (row->operator_id != 0)
        caller->scopes &= access_role_scopes((enum access_role)row->role);
}

bool caller_find(struct db *db, struct span token, int64_t now_ms, struct caller *ret_caller,
                 bool *ret_found, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct token_row row;
    bool found = false;

    arena_init(&arena);
    if (is_token(token) &&
        !token_find_prefix(db, &arena, span_first(span_rest(token, PREFIX_AT), TOKEN_PREFIX), &row,
                           &found, err))
        return false;
    *ret_found = found && is_live(&row, token, now_ms);
    if (*ret_found)
        describe(&row, ret_caller);
    return true;
}
