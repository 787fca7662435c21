/*
 * xtext: values of DSN parameters (RFC 3461, section 4).
 */
#ifndef POSTROOM_PROTOCOL_SMTP_XTEXT_H
#define POSTROOM_PROTOCOL_SMTP_XTEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

/* xtext_put appends `bytes` as xtext: all that is no plain sign becomes + and two hex digits. */
void xtext_put(struct buf *to, struct span bytes);

/* xtext_read appends what `text` stands for; false when it is no xtext. */
MUST_USE bool xtext_read(struct buf *to, struct span text);

#endif
