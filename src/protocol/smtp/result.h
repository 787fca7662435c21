/*
 * How the way of one recipient through one session ended: at which stage, by whose word, and
 * whether the final dot may have reached the server. Remote answers and our own findings have
 * the same form; what follows from them is decided by whoever owns the queue.
 */
#ifndef POSTROOM_PROTOCOL_SMTP_RESULT_H
#define POSTROOM_PROTOCOL_SMTP_RESULT_H

#include <stdbool.h>

#include "base/compiler.h"
#include "protocol/smtp/reply.h"

/* The stages of a session, in the words of the protocol. */
enum smtp_stage {
    SMTP_STAGE_CONNECT,
    SMTP_STAGE_GREETING,
    SMTP_STAGE_EHLO,
    SMTP_STAGE_HELO,
    SMTP_STAGE_STARTTLS,
    SMTP_STAGE_HANDSHAKE,
    SMTP_STAGE_READY, /* between transactions */
    SMTP_STAGE_RSET,
    SMTP_STAGE_MAIL,
    SMTP_STAGE_RCPT,
    SMTP_STAGE_DATA,
    SMTP_STAGE_CONTENT,  /* after the 354, before the final dot */
    SMTP_STAGE_DOT,      /* the final dot is written, its reply is awaited */
    SMTP_STAGE_LONE_DOT, /* nobody was accepted, yet DATA was answered by 354 */
    SMTP_STAGE_QUIT,
    SMTP_STAGE_DONE,
    SMTP_STAGES
};

/* Who or what ended it. */
enum smtp_cause {
    SMTP_CAUSE_NONE,          /* not ended */
    SMTP_CAUSE_REPLY,         /* the server's reply says it all */
    SMTP_CAUSE_LOST,          /* the connection ended (or never came to be) without an answer */
    SMTP_CAUSE_TIMEOUT,       /* no answer in time */
    SMTP_CAUSE_PROTOCOL,      /* what came was no reply, or none that can stand here */
    SMTP_CAUSE_TLS,           /* STARTTLS refused, or the handshake failed */
    SMTP_CAUSE_TLS_MISSING,   /* TLS is required and was not offered */
    SMTP_CAUSE_TOO_LARGE,     /* over the size the server told: 5.3.4, never tried */
    SMTP_CAUSE_NEEDS_UTF8,    /* SMTPUTF8 needed and not offered: 5.6.7, never tried */
    SMTP_CAUSE_NEEDS_8BIT,    /* 8BITMIME needed and not offered: 5.6.3, never tried */
    SMTP_CAUSE_UNFIT_ADDRESS, /* an address that may not stand in a command */
    SMTP_CAUSE_UNFIT_CONTENT, /* content that may not leave: bare CR or LF, NUL, long line */
    SMTP_CAUSE_WITHHELD,      /* our side did not grant the content; nothing of it was sent */
    SMTP_CAUSE_CHUNKING, /* CHUNKING was offered and BDAT is not known: it goes again by DATA */
    SMTP_CAUSE_NO_ROOM,  /* the server told a limit that leaves it no room here: another session has
                          */
    SMTP_CAUSE_UNTRIED,  /* the session ended with the mail before it: nobody judged this one */
    SMTP_CAUSES
};

struct smtp_result {
    enum smtp_cause cause;
    enum smtp_stage stage;
    bool dot_sent; /* the whole content and its final dot may have reached the server */

    /* The server's reply when cause is REPLY; else one of our own making (4.4.2, 5.3.4, ...) whose
     * text is our sentence, followed by what the server had said where that tells more. */
    struct smtp_reply reply;
};

/* What a result says by itself, before any policy. */
enum smtp_verdict {
    SMTP_VERDICT_DELIVERED,
    SMTP_VERDICT_RETRY,
    SMTP_VERDICT_FAILED,
    SMTP_VERDICT_IN_DOUBT /* the dot may have arrived and no answer tells what became of it */
};

/* smtp_result_verdict reads a result that has ended. 503 is a retry: the talk was out of step. */
MUST_USE enum smtp_verdict smtp_result_verdict(const struct smtp_result *r);

/* smtp_result_settled is true once the result has ended. */
MUST_USE bool smtp_result_settled(const struct smtp_result *r);

/* smtp_result_is_tls_trouble is true when STARTTLS did not come to an end: it was refused, or the
 * server fell silent, went away or talked nonsense after it. 421 is no word about TLS. */
MUST_USE bool smtp_result_is_tls_trouble(const struct smtp_result *r);

/* Names for records and logs: "rcpt", "lost", "in_doubt". */
MUST_USE const char *smtp_stage_name(enum smtp_stage stage);
MUST_USE const char *smtp_cause_name(enum smtp_cause cause);
MUST_USE const char *smtp_verdict_name(enum smtp_verdict verdict);

#endif
