/*
 * Tokens, by which programs and operators prove who they are, and the operators themselves. Of a
 * token only a digest is kept, and its first letters, to find it by.
 */
#ifndef POSTROOM_STORE_TOKEN_H
#define POSTROOM_STORE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

struct token_row {
    int64_t id;
    struct span name;
    struct span prefix;
    struct span digest;  /* SHA-256 of the whole token */
    struct span scopes;  /* names divided by commas */
    int64_t operator_id; /* 0: nobody's */
    struct span operator_name;
    int role; /* of that operator */
    int64_t made_at;
    int64_t expires_at; /* 0: never */
    int64_t revoked_at; /* 0: not */
    int64_t used_at;    /* 0: never; a mark an hour */
};

/* token_insert stores a new one and gives it an id; a name that a token not revoked has is
 * ERROR_CONFLICT. */
MUST_USE bool token_insert(struct db *db, struct token_row *row, struct error *err);

/* token_find_prefix and token_find_name find one that is not revoked; texts in the arena. */
MUST_USE bool token_find_prefix(struct db *db, struct arena *arena, struct span prefix,
                                struct token_row *ret_row, bool *ret_found, struct error *err);
MUST_USE bool token_find_name(struct db *db, struct arena *arena, struct span name,
                              struct token_row *ret_row, bool *ret_found, struct error *err);

MUST_USE bool token_revoke(struct db *db, int64_t id, int64_t now_ms, struct error *err);
MUST_USE bool token_mark_used(struct db *db, int64_t id, int64_t now_ms, struct error *err);

struct token_list {
    struct token_row *at;
    size_t n;
};

struct token_page {
    int64_t after; /* ids above this one */
    bool with_revoked;
    size_t room;
};

/* token_list_read reads a page into the arena. */
MUST_USE bool token_list_read(struct db *db, struct arena *arena, const struct token_page *page,
                              struct token_list *ret_list, struct error *err);

#endif
