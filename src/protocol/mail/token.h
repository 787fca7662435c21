/*
 * Keyed tokens: what comes back to us (a bounce, a reply, a click) names its delivery by a token
 * that nobody else can make. A token is the local part of an address or a piece of a path, such as
 * "b.ae4wo…": lower-case base32, which outlives a change of case on the way.
 */
#ifndef POSTROOM_PROTOCOL_MAIL_TOKEN_H
#define POSTROOM_PROTOCOL_MAIL_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

/* The longest token, and so a local part that RFC 5321 allows. */
enum { TOKEN_MOST = 64, TOKEN_KEY_SIZE = 32, TOKEN_KEYS_MOST = 8 };

/* What a token is for; a token of one kind is never taken for another. */
enum token_kind {
    TOKEN_RETURN = 'b', /* return path: bounces */
    TOKEN_REPLY = 'r',
    TOKEN_UNSUBSCRIBE = 'u',
    TOKEN_PREFERENCES = 'p',
    TOKEN_CLICK = 'c',
    TOKEN_OPEN = 'o',
    TOKEN_VIEW = 'v',
    TOKEN_ANSWER = 'a' /* a question that somebody is asked */
};

struct token {
    enum token_kind kind;
    uint64_t id;     /* the delivery, or what else the kind is about */
    uint64_t detail; /* such as the number of a link; 0 when there is none */
};

/* A key: TOKEN_KEY_SIZE random bytes and the number they go by. */
struct token_key {
    uint8_t number;
    struct span bytes;
};

/* Keys by age: the one for new tokens last. */
struct token_key_list {
    const struct token_key *at;
    size_t n;
};

/* The keys tokens are made and checked with. Belongs to one thread at a time. */
struct token_keys;

/* token_keys_new makes an empty set of keys, token_keys_of one of the listed keys;
 * token_keys_free wipes it (NULL is allowed). */
MUST_USE struct token_keys *token_keys_new(void);
MUST_USE struct token_keys *token_keys_of(struct token_key_list list);
void token_keys_free(struct token_keys *keys);

/* token_keys_add adds a key of TOKEN_KEY_SIZE random bytes under its number, at most
 * TOKEN_KEYS_MOST of them. New tokens are made with the key added last, older keys go on checking
 * theirs. */
void token_keys_add(struct token_keys *keys, uint8_t number, struct span key);

/* token_put appends the token's text, at most TOKEN_MOST bytes. */
void token_put(struct buf *to, struct token_keys *keys, const struct token *token);

/* token_read takes a text apart; false for all that token_put did not write with one of the keys,
 * in a time that tells nothing about the right code. */
MUST_USE bool token_read(struct span text, struct token_keys *keys, struct token *ret_token);

#endif
