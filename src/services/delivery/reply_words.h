/*
 * What a refusal is about, read from its codes and words: the address, greylisting, or anything
 * else. Careful on one side: a reply that may be about us, the content, a block or a full mailbox
 * never counts as "there is no such address".
 */
#ifndef POSTROOM_SERVICES_DELIVERY_REPLY_WORDS_H
#define POSTROOM_SERVICES_DELIVERY_REPLY_WORDS_H

#include <stdbool.h>

#include "base/compiler.h"
#include "protocol/smtp/reply.h"

/* reply_says_unknown_user is true when a 5xx reply to a recipient (or to the mail of a single
 * recipient) says that the address does not exist. */
MUST_USE bool reply_says_unknown_user(const struct smtp_reply *reply);

/* reply_says_greylisted is true when a 4xx reply asks a first-time sender to come again. */
MUST_USE bool reply_says_greylisted(const struct smtp_reply *reply);

#endif
