/*
 * Parameters of structured header fields; written by header.c.
 */
#ifndef POSTROOM_PROTOCOL_MAIL_PARAMETER_INTERNAL_H
#define POSTROOM_PROTOCOL_MAIL_PARAMETER_INTERNAL_H

#include "protocol/mail/fold.h"
#include "protocol/mail/header.h"

/* parameter_put appends "; name=value": a token, a quoted string, or by RFC 2231. */
void parameter_put(struct fold *f, const struct parameter *parameter);

#endif
