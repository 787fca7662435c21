/*
 * The address of a mailbox as an SMTP envelope carries it: RFC 5321 section 4.1.2 with RFC 6531.
 * A value: it owns its bytes and may be copied.
 */
#ifndef POSTROOM_PROTOCOL_MAIL_ADDRESS_H
#define POSTROOM_PROTOCOL_MAIL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "protocol/mail/domain_name.h"

/* RFC 5321 section 4.5.3.1, in octets; a path of 256 includes the angle brackets. */
enum { ADDRESS_LOCAL_MOST = 64, ADDRESS_DOMAIN_MOST = DOMAIN_NAME_MOST, ADDRESS_MOST = 254 };

struct address {
    char local[ADDRESS_LOCAL_MOST + 1];   /* decoded: without quotes and backslashes */
    char domain[ADDRESS_DOMAIN_MOST + 1]; /* lower-case A-labels, or a literal in its brackets */
    unsigned char ip[16];                 /* what a literal says, in network order */
    unsigned char ip_n;                   /* 4 or 16 for a literal, else 0 */
    bool needs_smtputf8;                  /* the local part is not ASCII */
};

/* address_parse reads `text`, which must be one mailbox and nothing else; on failure err->text is
 * a short reason that stays the same over versions. Domains in other scripts become A-labels (UTS
 * 46, non-transitional), IP literals their usual form; the local part keeps its bytes. */
MUST_USE bool address_parse(struct span text, struct address *ret_address, struct error *err);

/* address_put appends the mailbox as it goes into an envelope or a header, without angle
 * brackets; the local part is quoted only where it must be. Two addresses are the same mailbox to
 * us when their texts are the same, so this is also the form to store and compare. At most
 * ADDRESS_MOST bytes. */
void address_put(struct buf *to, const struct address *a);

/* address_put_display appends the mailbox for people to read: the domain in its own script. */
void address_put_display(struct buf *to, const struct address *a);

/* address_domain borrows what is looked up in the DNS. */
MUST_USE struct span address_domain(const struct address *a);

#endif
