/*
 * What a notice waits for, beside the end of an unfinished mail.
 */
#ifndef POSTROOM_DOMAIN_NOTICE_WAIT_H
#define POSTROOM_DOMAIN_NOTICE_WAIT_H

#include "base/compiler.h"

/* The numbers are in the store. */
enum notice_wait {
    NOTICE_WAIT_WINDOW = 0, /* more events of its thread */
    NOTICE_WAIT_SLIDING,    /* its thread is not quiet yet */
    NOTICE_WAIT_QUIET,      /* the person's quiet hours */
    NOTICE_WAIT_RATE,       /* the person gets many mails */
    NOTICE_WAIT_LOOP,       /* the person gets many mails about this thread */
    NOTICE_WAIT_SUSPENDED,  /* the person is suspended */
    NOTICE_WAIT_DIGEST,     /* the hour of the person's daily digests */
};

/* notice_wait_name gives "window", "sliding", "quiet", "rate", "loop", "suspended",
 * "digest". */
MUST_USE const char *notice_wait_name(enum notice_wait wait);

/* notice_wait_sentence says it to people, beside the time until when; "" for the common window. */
MUST_USE const char *notice_wait_sentence(enum notice_wait wait);

#endif
