/*
 * Reading the addresses of a field such as To (RFC 5322 section 3.4): names, comments, groups,
 * routes of old. Whether an address is one is not looked at: address.h does that.
 */
#ifndef POSTROOM_PROTOCOL_MAIL_MAILBOX_LIST_H
#define POSTROOM_PROTOCOL_MAIL_MAILBOX_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct listed_mailbox {
    struct span name;    /* without quotes; empty: none */
    struct span address; /* as written, without angle brackets */
    bool is_encoded;     /* the name is made of encoded-words */
};

struct mailbox_list {
    struct listed_mailbox *at;
    size_t n;
};

enum { MAILBOX_LIST_MOST = 10000 };

/* mailbox_list_read takes a field's value apart; all texts are in the arena. On failure err->text
 * says what cannot be read. */
MUST_USE bool mailbox_list_read(struct span value, struct arena *arena,
                                struct mailbox_list *ret_list, struct error *err);

#endif
