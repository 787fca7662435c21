/*
 * The file with the keys of tokens and Message-IDs: a line a key, its number and 32 bytes in hex.
 * The first line is the key that makes new ones.
 */
#ifndef POSTROOM_APP_SECRET_FILE_H
#define POSTROOM_APP_SECRET_FILE_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"

struct hmac;

enum { SECRET_SIZE = 32 };

/* secret_file_hmac gives an HMAC under the first key, freed with hmac_free. */
MUST_USE bool secret_file_hmac(const char *path, struct hmac **ret_hmac, struct error *err);

#endif
