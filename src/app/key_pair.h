/*
 * A certificate and its key, as they stand in two files.
 */
#ifndef POSTROOM_APP_KEY_PAIR_H
#define POSTROOM_APP_KEY_PAIR_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"

struct key_pair {
    char *certificate; /* PEM, with the chain; both NULL: there is none */
    char *key;
};

/* key_pair_read reads both files; `section` is that of the settings which name them. Without either
 * name the pair is empty; with one of them alone it fails. key_pair_wipe ends a pair. */
MUST_USE bool key_pair_read(const char *section, const char *certificate, const char *key,
                            struct key_pair *ret_pair, struct error *err);

/* key_pair_equal tells whether two are of the same bytes. */
MUST_USE bool key_pair_equal(const struct key_pair *a, const struct key_pair *b);

/* key_pair_wipe leaves it empty. */
void key_pair_wipe(struct key_pair *pair);

#endif
