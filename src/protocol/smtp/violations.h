/*
 * What a client did that the standards forbid: counted by the server machine, so that a test or
 * an operator can hold a sender to it. A violation is noted even where the server is lenient.
 */
#ifndef POSTROOM_PROTOCOL_SMTP_VIOLATIONS_H
#define POSTROOM_PROTOCOL_SMTP_VIOLATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"

enum smtp_violation {
    SMTP_EARLY_TALKER,             /* bytes before the greeting */
    SMTP_PIPELINING_NOT_OFFERED,   /* a command before the answer to the one before */
    SMTP_PIPELINED_AFTER_GROUP,    /* ... and behind one that ends a group: EHLO, STARTTLS, ... */
    SMTP_DATA_BEFORE_354,          /* content before it was asked for */
    SMTP_PLAINTEXT_AFTER_STARTTLS, /* bytes between STARTTLS and the handshake */
    SMTP_UNKNOWN_COMMAND,
    SMTP_BAD_SYNTAX,
    SMTP_BAD_SEQUENCE,
    SMTP_COMMAND_LINE_TOO_LONG,
    SMTP_COMMAND_ENDED_BY_LF,   /* without its CR */
    SMTP_PARAMETER_NOT_OFFERED, /* of MAIL or RCPT */
    SMTP_CHUNKING_NOT_OFFERED,  /* BDAT */
    SMTP_SIZE_OVER_OFFER,       /* tried though the limit was told */
    SMTP_BY_UNDER_MINIMUM,      /* DELIVERBY: less time than was told */
    SMTP_OVER_TOLD_LIMIT,       /* of LIMITS: transactions, recipients, their domains */
    SMTP_RECIPIENT_TWICE,       /* in one transaction */
    SMTP_UTF8_NOT_DECLARED,     /* bytes above 127 in a path without SMTPUTF8 */
    SMTP_BARE_LF_IN_DATA,
    SMTP_BARE_CR_IN_DATA,
    SMTP_SMUGGLING_LF_DOT, /* LF . LF and its like: some servers end content there */
    SMTP_DOT_NOT_STUFFED,  /* a line that begins with a single dot */
    SMTP_LINE_OVER_998,
    SMTP_EIGHT_BIT_NOT_DECLARED,
    SMTP_NUL_IN_DATA,
    SMTP_VIOLATIONS
};

struct smtp_violations {
    uint32_t count[SMTP_VIOLATIONS];
};

/* smtp_violations_any is true when anything was counted. */
MUST_USE bool smtp_violations_any(const struct smtp_violations *v);

/* smtp_violations_put writes the names of those counted, separated by commas. */
void smtp_violations_put(struct buf *to, const struct smtp_violations *v);

/* smtp_violation_name gives "recipient-twice" and the like. */
MUST_USE const char *smtp_violation_name(enum smtp_violation violation);

#endif
