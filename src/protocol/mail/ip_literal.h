/*
 * Address literals (RFC 5321 section 4.1.3): "[192.0.2.1]", "[IPv6:2001:db8::1]".
 */
#ifndef POSTROOM_PROTOCOL_MAIL_IP_LITERAL_H
#define POSTROOM_PROTOCOL_MAIL_IP_LITERAL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

/* The longest one: "[IPv6:" with eight groups of four and "]". */
enum { IP_LITERAL_MOST = 46 };

struct ip_literal {
    unsigned char ip[16]; /* in network order */
    unsigned char n;      /* 4 or 16 */
};

/* ip_literal_parse reads a literal with its brackets; err->text is a short, lasting reason. */
MUST_USE bool ip_literal_parse(struct span text, struct ip_literal *ret_literal, struct error *err);

/* ip_literal_put appends the literal in its usual form (RFC 5952), at most IP_LITERAL_MOST
 * bytes. */
void ip_literal_put(struct buf *to, const struct ip_literal *literal);

#endif
