/*
 * The SMTP client as a pure machine: bytes of the server in, bytes for the server and results
 * out. No socket, no clock; every call returns what the machine wants next.
 *
 *     _new ─► _connected ─► READ … TLS … READ ─► MAIL ─► _start ─► READ … CONTENT ─┐
 *                                                 ▲                                │
 *                                                 └─ READ … ◄─ _content, _withhold ┘
 *
 * While a mail is at hand the next one can be lined up (smtp_client_follow). It begins by itself
 * when the one at hand is over, or earlier: to a server that offers PIPELINING and has answered
 * for content in this session before, its commands leave right behind the final dot, which saves
 * a round trip a mail (RFC 2920, 3.1). A session that is lost then leaves one mail in doubt and
 * one of which the server never spoke (SMTP_CAUSE_UNTRIED).
 *
 * After every call: write smtp_client_output, tell how much was written by smtp_client_sent, and
 * only then feed what was read. When the wait of the machine has changed (smtp_client_wait), arm
 * the timer anew. Every recipient of a mail that was started or lined up ends with exactly one
 * result, also when the session breaks: whenever MAIL or CLOSE is wanted, all are settled.
 */
#ifndef POSTROOM_PROTOCOL_SMTP_CLIENT_H
#define POSTROOM_PROTOCOL_SMTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/span.h"
#include "protocol/smtp/capabilities.h"
#include "protocol/smtp/reply.h"
#include "protocol/smtp/result.h"

/* How long to wait at each stage, in milliseconds; 0 at a stage means for ever. CONNECT and
 * HANDSHAKE end with smtp_client_connected and _tls_done; CONTENT is for each block that is
 * written. */
struct smtp_timeouts {
    int64_t ms[SMTP_STAGES];
};

enum smtp_tls_policy { SMTP_TLS_NEVER, SMTP_TLS_IF_OFFERED, SMTP_TLS_REQUIRED };

struct smtp_client_options {
    const char *helo; /* our own name; copied */
    enum smtp_tls_policy tls;
    bool apart; /* the next mail waits for the answer to the one before, whatever is offered */
    uint64_t chunk_above; /* content of so many octets goes by BDAT where offered; 0: none does */
    struct smtp_timeouts timeouts;
};

struct smtp_mail {
    struct span from; /* address without brackets; empty for the null path */
    const struct span *to;
    struct smtp_result *results; /* one for each of `to`, filled by the machine */
    size_t to_count;
    uint64_t size;     /* octets of the content as it will be fed, dots not doubled */
    bool eight_bit;    /* the content has bytes above 127 */
    bool utf8_headers; /* the header fields need SMTPUTF8, whatever the addresses are */

    /* Asked for where the server offers it: */
    struct span envid; /* our name for it in reports (DSN); empty: no word about reports */
    int64_t
        deliver_by_s; /* seconds left until it is of no use (DELIVERBY); 0: it has no deadline */
};

enum smtp_want {
    SMTP_WANT_READ,    /* bytes of the server */
    SMTP_WANT_TLS,     /* a TLS handshake, then smtp_client_tls_done */
    SMTP_WANT_MAIL,    /* smtp_client_start or smtp_client_quit; results are settled */
    SMTP_WANT_CONTENT, /* 354 is there: smtp_client_content or smtp_client_withhold */
    SMTP_WANT_CLOSE    /* the session is over: close the connection; results are settled */
};

/* What the machine is waiting for. `turn` changes whenever a new wait begins. */
struct smtp_wait {
    enum smtp_stage stage;
    uint32_t turn;
    int64_t ms; /* 0: no limit */
};

struct smtp_client;

/* smtp_timeouts_default gives RFC 5321, 4.5.3.2 and what it leaves open. */
MUST_USE struct smtp_timeouts smtp_timeouts_default(void);

/* smtp_client_new makes a machine that awaits its connection; freed with smtp_client_free. */
MUST_USE struct smtp_client *smtp_client_new(const struct smtp_client_options *options);
void smtp_client_free(struct smtp_client *c);

/* smtp_client_connected says that the connection stands: the greeting is awaited. */
MUST_USE enum smtp_want smtp_client_connected(struct smtp_client *c);

/* smtp_client_feed takes all bytes that the server sent. */
MUST_USE enum smtp_want smtp_client_feed(struct smtp_client *c, struct span in);

/* smtp_client_output borrows what is to be written; smtp_client_sent says that the first `n`
 * bytes of it were handed to the connection, which may bring more. */
MUST_USE struct span smtp_client_output(const struct smtp_client *c);
MUST_USE enum smtp_want smtp_client_sent(struct smtp_client *c, size_t n);

/* smtp_client_output_parts tells what of the output is content, and what stands on both sides. */
struct smtp_output_parts {
    struct span before;
    struct span content;
    struct span behind;
};
MUST_USE struct smtp_output_parts smtp_client_output_parts(const struct smtp_client *c);

/* smtp_client_tls_done says that the handshake has succeeded: all that was offered before is
 * forgotten. (A failed one is smtp_client_lost with SMTP_CAUSE_TLS.) */
MUST_USE enum smtp_want smtp_client_tls_done(struct smtp_client *c);

/* smtp_client_start begins a transaction when MAIL is wanted. `mail` and what it points to are
 * borrowed until its results are settled. Recipients that cannot be served here are settled
 * without a word to the server; when all are, MAIL is wanted again at once. */
MUST_USE enum smtp_want smtp_client_start(struct smtp_client *c, struct smtp_mail *mail);

/* smtp_client_follow lines up the mail after the one at hand, which must not have a follower yet;
 * borrowed and settled like one that was started. smtp_client_withdraw takes it back as if it had
 * never been lined up; false when nothing is lined up or it has begun. */
MUST_USE enum smtp_want smtp_client_follow(struct smtp_client *c, struct smtp_mail *mail);
MUST_USE bool smtp_client_withdraw(struct smtp_client *c);

/* smtp_client_holds is true until a mail that was started or lined up is over: then all its
 * results are settled, and it belongs to its owner again. */
MUST_USE bool smtp_client_holds(const struct smtp_client *c, const struct smtp_mail *mail);

/* smtp_client_content gives the whole content when CONTENT is wanted; it is borrowed until the
 * results are settled. Unfit content is not sent: the session ends. */
MUST_USE enum smtp_want smtp_client_content(struct smtp_client *c, struct span content);

/* smtp_client_withhold refuses the content when it is wanted, or gives up the transaction at any
 * earlier moment. The server takes no message: the session ends without another byte. */
MUST_USE enum smtp_want smtp_client_withhold(struct smtp_client *c);

/* smtp_client_quit ends the session politely when MAIL is wanted; CLOSE follows. */
MUST_USE enum smtp_want smtp_client_quit(struct smtp_client *c);

/* smtp_client_lost says that the connection has ended (LOST), the wait was too long (TIMEOUT) or
 * the handshake failed (TLS). `why` is a sentence for the result's text, or NULL. What was
 * read before must have been fed before: a last word of the server counts. */
MUST_USE enum smtp_want smtp_client_lost(struct smtp_client *c, enum smtp_cause cause,
                                         const char *why);

/* smtp_client_wait tells the stage at hand and how long it may last. */
MUST_USE struct smtp_wait smtp_client_wait(const struct smtp_client *c);

/* smtp_client_offers borrows what the last EHLO offered; nothing before it. */
MUST_USE const struct smtp_capabilities *smtp_client_offers(const struct smtp_client *c);

/* smtp_client_avoid tells what this host was found not to bear, so that the next session goes
 * without it. */
struct smtp_avoid {
    bool chunking; /* offered, and broke or was not known */
    bool group;    /* broke, or lost commands, while those of one mail stood behind another's dot */
};
MUST_USE struct smtp_avoid smtp_client_avoid(const struct smtp_client *c);

/* smtp_client_ending borrows why the session as a whole is or will be over: refused at the
 * greeting, 421, lost; cause NONE while nothing is wrong and after a polite end of ours. */
MUST_USE const struct smtp_result *smtp_client_ending(const struct smtp_client *c);

#endif
