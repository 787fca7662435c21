/*
 * The SMTP server as a pure machine: bytes of a client in, replies and questions out. It knows
 * the protocol; whether a recipient exists or a message is welcome is asked of its owner.
 *
 * After every call: write smtp_server_output and tell by smtp_server_sent. When it wants ANSWER,
 * read smtp_server_question, answer, and feed again what was left of the input.
 */
#ifndef POSTROOM_PROTOCOL_SMTP_SERVER_H
#define POSTROOM_PROTOCOL_SMTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/span.h"
#include "protocol/smtp/capabilities.h"
#include "protocol/smtp/dsn.h"
#include "protocol/smtp/reply.h"
#include "protocol/smtp/violations.h"

struct smtp_server_options {
    const char *name;                /* ours, for greeting and EHLO; kept by pointer */
    struct smtp_capabilities offers; /* what EHLO tells; `requiretls` is not known */
    uint64_t content_max;            /* octets of a message that are taken, told or not */
    uint32_t recipients_max;         /* of a transaction; 452 4.5.3 above */
    uint32_t errors_max;             /* wrong commands before 421 4.7.0; 0: never */
    bool any_hello;                  /* MAIL is taken without EHLO or HELO */
    bool auth;                       /* AUTH PLAIN and LOGIN are offered, under TLS alone */
    bool secure;                     /* the connection is under TLS from its start */
};

enum smtp_server_want {
    SMTP_SERVER_READ,   /* bytes of the client */
    SMTP_SERVER_ANSWER, /* smtp_server_answer or smtp_server_accept */
    SMTP_SERVER_TLS,    /* write all output, then a handshake, then smtp_server_tls_done */
    SMTP_SERVER_CLOSE   /* write all output, then close */
};

enum smtp_question {
    SMTP_ASK_NOTHING,
    SMTP_ASK_GREETING, /* may this client talk to us? */
    SMTP_ASK_AUTH,     /* are these the credentials of somebody? */
    SMTP_ASK_MAIL,     /* ... send from envelope->from? */
    SMTP_ASK_RCPT,     /* ... to the last of envelope->to? */
    SMTP_ASK_DATA,     /* ... send its content? */
    SMTP_ASK_CONTENT   /* all is here: is the message taken? */
};

struct smtp_envelope {
    struct span from;
    const struct span *to; /* those accepted, and while RCPT is asked the one in question */
    const struct smtp_recipient_wish *wishes; /* what the sender wants to hear of each of `to` */
    size_t to_count;
    enum smtp_return returns;
    uint64_t size; /* as declared; 0: not */
    bool eight_bit;
    bool utf8;
    struct span envid;    /* as it stands there, in xtext; empty: none */
    int64_t deliver_by_s; /* BY: seconds; 0: none */
    bool by_returns;      /* ... and then it goes back (R), else it is told of (N) */
};

struct smtp_server;

/* smtp_server_new makes a machine that asks for its greeting; freed with smtp_server_free. */
MUST_USE struct smtp_server *smtp_server_new(const struct smtp_server_options *options);
void smtp_server_free(struct smtp_server *s);

/* smtp_server_feed consumes bytes of `in` as far as it may go on. Call it with all that is there,
 * also while an answer is due (nothing is consumed then) or output waits: that bytes came too
 * early is noted. */
MUST_USE enum smtp_server_want smtp_server_feed(struct smtp_server *s, struct span *in);

/* smtp_server_question tells what ANSWER is wanted for. */
MUST_USE enum smtp_question smtp_server_question(const struct smtp_server *s);

/* smtp_server_answer answers it with the owner's words; 2yz (3yz to DATA) grants it, 421 ends the
 * session. smtp_server_accept grants it with the usual words. */
MUST_USE enum smtp_server_want smtp_server_answer(struct smtp_server *s, int code,
                                                  struct smtp_status status, const char *text);
MUST_USE enum smtp_server_want smtp_server_accept(struct smtp_server *s);

/* smtp_server_output borrows what is to be written; smtp_server_sent says how much was. */
MUST_USE struct span smtp_server_output(const struct smtp_server *s);
void smtp_server_sent(struct smtp_server *s, size_t n);

/* smtp_server_tls_done says that the handshake has succeeded; the client begins anew. */
MUST_USE enum smtp_server_want smtp_server_tls_done(struct smtp_server *s);

/* The transaction at hand; valid until it is answered for or reset. The content is valid while
 * CONTENT is asked. */
MUST_USE const struct smtp_envelope *smtp_server_envelope(const struct smtp_server *s);
MUST_USE struct span smtp_server_content(const struct smtp_server *s);

/* smtp_server_user and smtp_server_password borrow what a client shows, while AUTH is asked. */
MUST_USE struct span smtp_server_user(const struct smtp_server *s);
MUST_USE struct span smtp_server_password(const struct smtp_server *s);

/* smtp_server_is_secure is true under TLS; smtp_server_is_known once AUTH was granted. */
MUST_USE bool smtp_server_is_secure(const struct smtp_server *s);
MUST_USE bool smtp_server_is_known(const struct smtp_server *s);

/* smtp_server_hello borrows the name the client gave, empty before. */
MUST_USE struct span smtp_server_hello(const struct smtp_server *s);

/* smtp_server_violations borrows what the client did wrong in this session so far. */
MUST_USE const struct smtp_violations *smtp_server_violations(const struct smtp_server *s);

#endif
