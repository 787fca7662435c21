/*
 * Our failures as an SMTP server tells them: a code, and the sentence in one line of ASCII, for it
 * may quote what the client sent.
 */
#ifndef POSTROOM_PROTOCOL_SMTP_REFUSAL_TEXT_H
#define POSTROOM_PROTOCOL_SMTP_REFUSAL_TEXT_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "protocol/smtp/reply.h"

enum { SMTP_REFUSAL_ROOM = 400 };

struct smtp_refusal {
    int code;
    struct smtp_status status;
};

/* smtp_refusal_of gives the code for a message that was not taken. */
MUST_USE struct smtp_refusal smtp_refusal_of(const struct error *err);

/* smtp_refusal_text writes a sentence fit for a reply, cut where it is too long. */
void smtp_refusal_text(struct span text, char ret_line[SMTP_REFUSAL_ROOM]);

#endif
