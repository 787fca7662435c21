/*
 * An address as the store keeps it: what goes into an envelope, what is compared, what is looked
 * up. A value.
 */
#ifndef POSTROOM_DOMAIN_MAIL_ADDRESS_H
#define POSTROOM_DOMAIN_MAIL_ADDRESS_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

enum { MAIL_ADDRESS_ROOM = 330, MAIL_DOMAIN_ROOM = 260 };

struct mail_address {
    char address[MAIL_ADDRESS_ROOM]; /* canonical wire form */
    char normal[MAIL_ADDRESS_ROOM];  /* the same with ASCII letters folded: to compare */
    char domain[MAIL_DOMAIN_ROOM];   /* A-labels in lower case, or a literal in brackets */
};

/* mail_address_read reads one mailbox and nothing else; `err` says what is wrong with it. */
MUST_USE bool mail_address_read(struct span text, struct mail_address *ret_address,
                                struct error *err);

#endif
