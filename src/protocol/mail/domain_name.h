/*
 * Domain names as mail uses them: letters, digits and hyphens (RFC 5321 section 4.1.2), other
 * scripts as A-labels (IDNA 2008, mapped by UTS 46 non-transitionally, so that the sharp s stays).
 */
#ifndef POSTROOM_PROTOCOL_MAIL_DOMAIN_NAME_H
#define POSTROOM_PROTOCOL_MAIL_DOMAIN_NAME_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

/* What the DNS can carry (RFC 1035 section 2.3.4), written without the last dot. */
enum { DOMAIN_NAME_MOST = 253, DOMAIN_LABEL_MOST = 63 };

/* domain_name_parse reads a domain name without a dot at its end and gives it in lower-case
 * A-labels, ended by NUL. One label is a name too. err->text is a short, lasting reason. */
MUST_USE bool domain_name_parse(struct span text, char ret_name[DOMAIN_NAME_MOST + 1],
                                struct error *err);

/* domain_name_put_display appends a name that domain_name_parse gave in its own script. */
void domain_name_put_display(struct buf *to, const char *name);

/* domain_name_is_within tells whether a name is `of` or below it; both in lower-case A-labels. */
MUST_USE bool domain_name_is_within(struct span name, struct span of);

#endif
