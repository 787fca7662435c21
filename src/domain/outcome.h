/*
 * What one attempt came to: a remote 450 and our own timeout are the same type. What it means for
 * the delivery is decided in services/delivery/outcome_policy.c alone.
 */
#ifndef POSTROOM_DOMAIN_OUTCOME_H
#define POSTROOM_DOMAIN_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/refusal.h"

enum outcome_class {
    OUTCOME_DELIVERED,
    OUTCOME_RETRY,   /* not now: try again by schedule */
    OUTCOME_FAILED,  /* never */
    OUTCOME_IN_DOUBT /* the final dot may have arrived, no reply did */
};

enum outcome_scope { SCOPE_RECIPIENT, SCOPE_MESSAGE, SCOPE_SESSION, SCOPE_HOST, SCOPE_DOMAIN };

/* A mail in doubt is sent again so often; then it is left to the operator. Where the server was
 * silent after the dot twice, it has the mail twice: that is enough. */
enum { OUTCOME_RESENDS_MOST = 2 };

struct outcome {
    enum outcome_class class;
    enum outcome_scope scope;
    bool local;             /* we said it, not the server */
    bool timed_out;         /* no answer came in time */
    enum refusal_kind kind; /* what the words are about */
    char stage[16];         /* dns, connect, greeting, EHLO, STARTTLS, MAIL, RCPT, DATA, body */
    int code;               /* basic reply code, 0 when none */
    char status[12];        /* enhanced code "5.1.1", "" when none */
    char text[1024];        /* the server's own words, or our sentence */
};

#endif
