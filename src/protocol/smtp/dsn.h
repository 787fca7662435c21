/*
 * What a sender wants to hear of a message: the parameters NOTIFY, ORCPT and RET (RFC 3461).
 */
#ifndef POSTROOM_PROTOCOL_SMTP_DSN_H
#define POSTROOM_PROTOCOL_SMTP_DSN_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/span.h"

/* A mask; 0: not said. */
enum smtp_notify {
    SMTP_NOTIFY_NEVER = 1,
    SMTP_NOTIFY_SUCCESS = 2,
    SMTP_NOTIFY_FAILURE = 4,
    SMTP_NOTIFY_DELAY = 8
};

enum smtp_return { SMTP_RETURN_UNSAID, SMTP_RETURN_HEADERS, SMTP_RETURN_WHOLE };

/* Of one recipient. */
struct smtp_recipient_wish {
    unsigned notify;
    struct span orcpt; /* as it stands there, "rfc822;" and xtext; empty: none */
};

/* smtp_notify_read reads NEVER, or SUCCESS, FAILURE and DELAY divided by commas; smtp_return_read
 * HDRS or FULL; each in any case, and false for anything else. */
MUST_USE bool smtp_notify_read(struct span text, unsigned *ret_notify);
MUST_USE bool smtp_return_read(struct span text, enum smtp_return *ret_return);

/* smtp_orcpt_is_valid tells whether `text` is a type, a semicolon and an address in xtext. */
MUST_USE bool smtp_orcpt_is_valid(struct span text);

#endif
