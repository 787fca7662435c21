/*
 * Content coming in after DATA: dots taken off, the end found at CR LF . CR LF and nowhere else,
 * and every other way in which some servers would have found one noted.
 */
#ifndef POSTROOM_PROTOCOL_SMTP_UNSTUFF_H
#define POSTROOM_PROTOCOL_SMTP_UNSTUFF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"
#include "protocol/smtp/violations.h"

struct smtp_unstuff {
    /* What stands at the start of a line is looked at byte by byte: nothing, ".", ". CR". */
    enum { SMTP_LINE_START, SMTP_LINE_DOT, SMTP_LINE_DOT_CR, SMTP_LINE_INSIDE } place;
    size_t line_n; /* octets of the line at hand */
    char last;     /* byte before, 0 at the start */
    bool after_bare_lf;
};

/* smtp_unstuff_start begins at the first byte after the 354. */
void smtp_unstuff_start(struct smtp_unstuff *u);

/* smtp_unstuff_take consumes bytes of `in` up to the end of the content, and appends what they
 * stand for to `to` as far as that has room (it is marked as overflown then). True when the end
 * was reached; `in` goes on after it. */
MUST_USE bool smtp_unstuff_take(struct smtp_unstuff *u, struct span *in, struct buf *to,
                                struct smtp_violations *violations);

#endif
