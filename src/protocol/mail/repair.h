/*
 * Ready-made messages made fit to be sent (RFC 5321, 5322, 2045, 6409 section 8): what is missing
 * is added, what must not leave is removed, other scripts are encoded, bodies go in seven bits and
 * short lines, so that every exchanger takes them as they are. What cannot be repaired is refused;
 * nothing comes out that is broken.
 */
#ifndef POSTROOM_PROTOCOL_MAIL_REPAIR_H
#define POSTROOM_PROTOCOL_MAIL_REPAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "protocol/mail/mailbox_list.h"

enum {
    MESSAGE_MOST = 200 * 1024 * 1024, /* octets of a message that is looked at */
    MESSAGE_HEADER_MOST = 256 * 1024,
    MESSAGE_FIELDS_MOST = 180,
    MESSAGE_HOPS_MOST = 50, /* Received fields: more is a loop */
    MESSAGE_DEPTH_MOST = 20,
    MESSAGE_PARTS_MOST = 1000,
    MESSAGE_LINE_MOST = 998
};

/* What is known beside the message. */
struct repair_facts {
    struct span domain;      /* of addresses that name none */
    struct span sender;      /* From where there is none: an address; empty: none */
    struct span sender_name; /* ... and its name; may be empty */
    struct span message_id;  /* with its brackets, where there is no valid one */
    struct span trace;       /* fields that go before all others, with their line ends */
    int64_t now_ms;          /* Date where there is no valid one */
};

/* What came out, beside the bytes. Texts are in the arena. */
struct repaired {
    struct span from;        /* the first address of From, in wire form */
    struct span from_domain; /* ... and its domain as A-labels */
    struct span subject;     /* as it stands in the field, unfolded, in UTF-8 */
    struct span message_id;  /* with its brackets */
    bool needs_smtputf8;     /* an address in the header is not ASCII */
};

/* repair_lines appends the message with CRLF at the end of each line, whatever they ended with,
 * and without an mbox line before it. A NUL is refused. */
MUST_USE bool repair_lines(struct span message, struct buf *to, struct error *err);

/* repair_recipients reads whom the header names, in Resent-To, -Cc and -Bcc if there are any of
 * these, else in To, Cc and Bcc. The message has its lines repaired. */
MUST_USE bool repair_recipients(struct span message, struct arena *arena,
                                struct mailbox_list *ret_list, struct error *err);

/* repair_message appends the message as it may be sent. The message has its lines repaired. A
 * failure is ERROR_INVALID, ERROR_LIMIT, or ERROR_CONFLICT for mail that goes round in circles. */
MUST_USE bool repair_message(struct span message, const struct repair_facts *facts,
                             struct arena *arena, struct buf *to, struct repaired *ret_repaired,
                             struct error *err);

#endif
