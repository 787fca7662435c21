/*
 * OpenSSL's queue of errors as ours. Not a wrapper of OpenSSL: each file here calls it directly.
 */
#include "crypto/openssl_internal.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>

void openssl_must(bool worked, const char *what)
{
    if (worked)
        return;
    (void)fprintf(stderr, "postroom: OpenSSL failed at %s\n", what);
    abort();
}

bool openssl_failed(struct error *err, enum error_kind kind, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    if (reason == NULL)
        return error_set(err, kind, "%s", what);
    return error_set(err, kind, "%s: %s", what, reason);
}
