/*
 * Which header fields a signature covers, and in which order.
 */
#ifndef POSTROOM_PROTOCOL_DKIM_FIELDS_H
#define POSTROOM_PROTOCOL_DKIM_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"
#include "protocol/dkim/canonical.h"
#include "protocol/mail/fold.h"

enum { DKIM_FIELDS_MOST = 200 };

/* The fields of one header that are signed. Borrows the header. */
struct dkim_fields {
    struct span name[DKIM_FIELDS_MOST];  /* as h= lists them */
    struct span field[DKIM_FIELDS_MOST]; /* empty: signed as absent */
    size_t n;
};

/* dkim_fields_take finds what to sign in `header`; false when it has too many fields. */
MUST_USE bool dkim_fields_take(struct dkim_fields *f, struct span header);

/* dkim_fields_put_names appends the tag h=. */
void dkim_fields_put_names(const struct dkim_fields *f, struct fold *fold);

/* dkim_fields_put_canonical appends the canonical fields in the same order, each with CRLF. */
void dkim_fields_put_canonical(const struct dkim_fields *f, struct buf *to,
                               enum dkim_canonical canonical);

#endif
