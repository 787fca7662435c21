/*
 * What the files of crypto/ share about OpenSSL's failures. Running out of memory, or OpenSSL
 * without SHA-256, ends the process as base/alloc does; bad keys are errors of the caller.
 */
#ifndef POSTROOM_CRYPTO_OPENSSL_INTERNAL_H
#define POSTROOM_CRYPTO_OPENSSL_INTERNAL_H

#include <stdbool.h>

#include "base/error.h"

/* openssl_must ends the process unless `worked`: for calls that fail only without memory. */
void openssl_must(bool worked, const char *what);

/* openssl_failed sets `err` to "what: reason" with OpenSSL's last reason, empties its queue of
 * errors and returns false. */
bool openssl_failed(struct error *err, enum error_kind kind, const char *what);

#endif
