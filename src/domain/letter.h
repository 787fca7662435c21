/*
 * A letter: what composing a delivery gave. Either the bytes to send with all that the intent has
 * to record about them, or the reason why there is nothing to send (any more).
 */
#ifndef POSTROOM_DOMAIN_LETTER_H
#define POSTROOM_DOMAIN_LETTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"

enum letter_verdict {
    LETTER_READY,
    LETTER_NOTHING,   /* all was undone, redacted or told already: cancelled, reason code says */
    LETTER_FORBIDDEN, /* mute, unsubscribed, permission, inactive, suppressed: reason code says */
    LETTER_ASKS,      /* the application is to say first who may see what: `asks` */
    LETTER_WAITS,     /* nothing to tell before `wait_until`: reason code says */
    LETTER_BROKEN     /* a template or record at fault: held for the operator, `problem` says */
};

struct sight_sheet;

/* What composing is asked for. */
struct letter_order {
    int64_t delivery;
    int64_t now_ms;
    const struct sight_sheet *sheet; /* what the application has answered; NULL: nothing yet */
};

/* An event that the mail leaves out since the application says so. */
struct letter_omission {
    int64_t thread;
    int64_t seq;
    const char *reason; /* code */
};

/* An event that the application wants told later, and with it all after it in its thread. */
struct letter_cut {
    int64_t thread;
    int64_t seq;
    int64_t until; /* UTC ms */
    int64_t why;   /* to tell of it, why_pack */
};

struct letter {
    int64_t delivery;
    enum letter_verdict verdict;
    char reason[32];   /* code for delivery_state.reason and skip.reason */
    char problem[300]; /* a sentence for people */

    /* what the grant of the intent compares: composed from exactly this state of things */
    int64_t epoch;          /* delivery_state.epoch */
    int64_t person_version; /* person.version, 0 without a person */
    int64_t content_epoch;  /* meta content_epoch: grows with redactions, revisions, labels */

    /* the mail */
    struct buf bytes; /* CRLF lines, signed, not dot-stuffed */
    bool needs_smtputf8;
    char mail_from[300]; /* return path of the envelope */
    char recipient[330]; /* wire form */
    char sender[400];    /* the From field's text, for the record */
    char subject[1000];  /* UTF-8, for the record and to pin the thread */
    int64_t date_ms;
    int64_t deadline_ms; /* UTC; 0: none of its own */
    uint8_t seed[16];    /* boundaries come from it */
    uint8_t digest[32];  /* SHA-256 of bytes */
    int64_t template_revision;

    /* what the application says about it (domain/sight.h) */
    struct sight_sheet *asks; /* with LETTER_ASKS */
    int64_t wait_until;       /* with LETTER_WAITS, UTC ms */
    int64_t seen_at;          /* when it was asked about what the mail tells; 0: it has no say */
    struct buf sight;         /* its answers, for the intent; may be empty */
    struct letter_omission *omitted;
    size_t omitted_count;
    struct letter_cut *cuts;
    size_t cut_count;
};

/* letter_fini frees the bytes, and what else it owns. */
void letter_fini(struct letter *letter);

#endif
