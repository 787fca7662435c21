/*
 * Self-signed certificates, for exchangers that want TLS without an authority: `sink`, tests.
 */
#ifndef POSTROOM_CRYPTO_CERTIFICATE_H
#define POSTROOM_CRYPTO_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct certificate_options {
    const struct span *names; /* host names or IP addresses it stands for, the first the subject */
    size_t name_count;
    int64_t from_utc_ms; /* valid from */
    int64_t until_utc_ms;
};

/* certificate_make_self_signed appends a certificate and its new P-256 key, both in PEM. */
MUST_USE bool certificate_make_self_signed(const struct certificate_options *options,
                                           struct buf *ret_certificate, struct buf *ret_key,
                                           struct error *err);

#endif
