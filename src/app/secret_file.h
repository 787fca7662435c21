/*
 * The file with the keys of tokens and Message-IDs: a line a key, its number and 32 bytes in hex.
 * The first line is the key that makes new ones; the others go on reading what they made.
 */
#ifndef POSTROOM_APP_SECRET_FILE_H
#define POSTROOM_APP_SECRET_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

struct hmac;

enum { SECRET_SIZE = 32, SECRET_KEYS_MOST = 8 };

struct secret_key {
    uint8_t number;
    unsigned char bytes[SECRET_SIZE];
};

struct secret_keys {
    struct secret_key at[SECRET_KEYS_MOST]; /* as in the file */
    size_t count;                           /* at least 1 */
};

/* secret_file_read reads all keys; secret_keys_wipe ends them. The error names the line. */
MUST_USE bool secret_file_read(const char *path, struct secret_keys *ret_keys, struct error *err);
void secret_keys_wipe(struct secret_keys *keys);

/* secret_keys_hmac gives an HMAC under the first key, freed with hmac_free. */
MUST_USE struct hmac *secret_keys_hmac(const struct secret_keys *keys);

#endif
