/*
 * What a refusal is about, read from its codes and words. Careful on one side: a reply that may be
 * about us, the content, a block or a full mailbox never counts as "there is no such address".
 */
#ifndef POSTROOM_SERVICES_DELIVERY_REPLY_WORDS_H
#define POSTROOM_SERVICES_DELIVERY_REPLY_WORDS_H

#include "base/compiler.h"
#include "domain/refusal.h"
#include "protocol/smtp/reply.h"

struct reply_reading {
    enum refusal_kind kind; /* REFUSAL_NONE for a reply that is no refusal */
    char why[80];           /* what decided: words of the table, or "status 5.1.1", "code 552" */
};

/* reply_read reads one. What its place in the dialogue tells is outcome_policy's affair. */
MUST_USE struct reply_reading reply_read(const struct smtp_reply *reply);

#endif
