/*
 * What a refusal is about, and what the sender of many mails concludes from it.
 */
#ifndef POSTROOM_DOMAIN_REFUSAL_H
#define POSTROOM_DOMAIN_REFUSAL_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/span.h"

enum refusal_kind {
    REFUSAL_NONE, /* it is no refusal, or says nothing that is understood */
    /* the address */
    REFUSAL_UNKNOWN_USER,
    REFUSAL_MAILBOX_DISABLED,
    REFUSAL_BAD_ADDRESS, /* its syntax */
    /* the mailbox, for now */
    REFUSAL_MAILBOX_FULL,
    REFUSAL_MAILBOX_BUSY,
    /* us: what we are, how we sign, what we send */
    REFUSAL_BLOCKED, /* source, domain or link stand on a list */
    REFUSAL_REPUTATION,
    REFUSAL_AUTHENTICATION, /* SPF, DKIM, DMARC, reverse DNS, HELO */
    REFUSAL_CONTENT,        /* spam, viruses, attachments, form */
    REFUSAL_POLICY,         /* any other rule of theirs */
    REFUSAL_RELAYING,       /* the host is not responsible for the domain */
    REFUSAL_TOO_LARGE,
    /* how fast we are */
    REFUSAL_RATE,
    REFUSAL_CONNECTIONS,
    REFUSAL_MESSAGES, /* over one connection */
    REFUSAL_GREYLISTED,
    /* their trouble */
    REFUSAL_SYSTEM,
    REFUSAL_KINDS
};

/* refusal_kind_name gives "unknown_user", "mailbox_full", ...; "none" for REFUSAL_NONE.
 * refusal_kind_find reads one. */
MUST_USE const char *refusal_kind_name(enum refusal_kind kind);
MUST_USE bool refusal_kind_find(struct span name, enum refusal_kind *ret_kind);

/* What a reply tells of the address it was given for. */
enum refusal_verdict {
    REFUSAL_IS_OK,   /* the mail was taken */
    REFUSAL_IS_HARD, /* the address takes no mail: suppress it */
    REFUSAL_IS_SOFT, /* the address is good, later may do */
    REFUSAL_IS_BLOCK /* our content, reputation or their policy: nothing against the address */
};

/* refusal_judge gives the verdict for the first digit of a reply's code and what it is about. */
MUST_USE enum refusal_verdict refusal_judge(int class, enum refusal_kind kind);

/* refusal_verdict_name gives "ok", "hard", "soft", "block". */
MUST_USE const char *refusal_verdict_name(enum refusal_verdict verdict);

/* refusal_passes is true for what time mends, whatever the class of its code: a full mailbox, a
 * limit on how fast we may be. */
MUST_USE bool refusal_passes(enum refusal_kind kind);

#endif
