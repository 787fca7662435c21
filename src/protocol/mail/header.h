/*
 * Writing header fields. Whatever the values hold, each call writes exactly one field, in ASCII
 * (but for addresses that need SMTPUTF8), folded, ended by CRLF.
 */
#ifndef POSTROOM_PROTOCOL_MAIL_HEADER_H
#define POSTROOM_PROTOCOL_MAIL_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"
#include "protocol/mail/address.h"

/* Of more References the first and the last ones are written. */
enum { HEADER_NAME_MOST = 60, HEADER_REFERENCES_MOST = 20 };

/* An address and what it is called; the name may be empty. */
struct mailbox {
    struct span name;
    const struct address *address;
};

/* A parameter of a structured field, such as charset=utf-8. */
struct parameter {
    const char *name;
    struct span value;
};

/* header_name_is_valid tells whether `name` may name a field: printable ASCII without colon and
 * space, at most HEADER_NAME_MOST bytes. The functions below want such a name. */
MUST_USE bool header_name_is_valid(struct span name);

/* header_put_text writes an unstructured field, such as Subject, of any text. */
void header_put_text(struct buf *to, const char *name, struct span text);

/* header_put_structured writes a value that is made of ASCII words by the caller's own grammar;
 * it is folded at its spaces. Bytes that do not belong there become "?"; a word that is too long
 * for any line is cut into several. */
void header_put_structured(struct buf *to, const char *name, struct span value);

/* header_put_date writes a moment as a clock `offset_minutes` ahead of UTC shows it. */
void header_put_date(struct buf *to, const char *name, int64_t utc_ms, int offset_minutes);

/* header_put_mailboxes writes From, To, Cc, Reply-To of one mailbox or more. */
void header_put_mailboxes(struct buf *to, const char *name, const struct mailbox *mailboxes,
                          size_t count);

/* header_put_message_ids writes Message-ID, In-Reply-To or References; invalid identities are left
 * out, and nothing is written when none is left. */
void header_put_message_ids(struct buf *to, const char *name, const struct span *ids, size_t count);

/* header_put_uris writes "<uri>, <uri>" as List-Unsubscribe has it (RFC 2369); bytes that may not
 * stand in a URI are percent-encoded. A URI too long for a line is left out, and nothing is written
 * when none is left. */
void header_put_uris(struct buf *to, const char *name, const struct span *uris, size_t count);

/* header_put_parameters writes "value; name=value; ..." as Content-Type has it; values in other
 * scripts by RFC 2231. */
void header_put_parameters(struct buf *to, const char *name, const char *value,
                           const struct parameter *parameters, size_t count);

#endif
