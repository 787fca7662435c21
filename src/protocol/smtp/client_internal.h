/*
 * The client's insides, shared by client.c (the machine), client_steps.c (the protocol's steps)
 * and client_settle.c (results).
 */
#ifndef POSTROOM_PROTOCOL_SMTP_CLIENT_INTERNAL_H
#define POSTROOM_PROTOCOL_SMTP_CLIENT_INTERNAL_H

#include "base/buf.h"
#include "protocol/smtp/client.h"
#include "protocol/smtp/content.h"
#include "protocol/smtp/domain_set.h"

enum {
    SMTP_CLIENT_OUT_MOST = 16384,     /* content is put into the output up to here */
    SMTP_CLIENT_COMMANDS_MOST = 4096, /* no further command is put while more than this waits */
    SMTP_CLIENT_OUT_LIMIT = 32768
};

struct smtp_client {
    char *helo;
    enum smtp_tls_policy tls_policy;
    bool apart;
    uint64_t chunk_above;
    struct smtp_avoid avoid;
    struct smtp_timeouts timeouts;

    enum smtp_stage sending;  /* the command to say next; SMTP_STAGE_DONE: none for now */
    enum smtp_stage awaiting; /* whose reply, or what else, comes next */
    unsigned in_flight;       /* replies the server owes us */
    unsigned unsent;          /* commands of them whose bytes have not been handed over */
    uint32_t turn;

    struct smtp_reply_parser parser;
    struct smtp_capabilities offers; /* of the last EHLO */
    bool secure;
    bool used; /* a transaction was begun at the server and not ended by it: RSET is due */
    struct buf out;

    uint32_t mails_said;            /* in this session, for the server's LIMITS, */
    struct smtp_domain_set domains; /* and whom they went to */
    bool proven; /* it has taken a mail in this session, and answered as it should */

    struct smtp_mail *mail; /* whose replies come */
    struct smtp_mail *next; /* lined up behind it */
    bool next_said;         /* its commands have begun, behind the content of `mail` */
    bool is_behind; /* the commands of `mail` stood behind a dot; MAIL is not answered yet */
    bool mail_accepted;
    size_t next_to_say;    /* recipient of the next RCPT, of the mail that is being said */
    size_t next_to_answer; /* recipient of the next reply to RCPT */
    size_t accepted_count; /* accepted and not settled */
    struct smtp_content content;
    bool is_chunk;        /* it goes by BDAT, */
    size_t chunk_command; /* whose line has so many octets at the front of the output */
    size_t content_waits; /* octets at the front of the output up to the content's end */

    struct smtp_result ending;
};

/* --- client_steps.c --- */

struct smtp_step {
    /* says the command; gives what to say next in a pipelined group, DONE where a group ends */
    enum smtp_stage (*say)(struct smtp_client *c);
    /* acts on the reply; gives whose reply (or what else) to await next */
    enum smtp_stage (*hear)(struct smtp_client *c, const struct smtp_reply *r);
};

/* smtp_client_step gives the step of a stage; its functions are NULL where nothing is said or
 * nothing may be heard. */
MUST_USE const struct smtp_step *smtp_client_step(enum smtp_stage stage);

/* smtp_client_rcpt_from gives the first recipient from `i` on that goes to the server. */
MUST_USE size_t smtp_client_rcpt_from(const struct smtp_mail *mail, size_t i);

/* smtp_client_take_up sets out to hear what the server says to the mail at hand. */
void smtp_client_take_up(struct smtp_client *c);

/* smtp_client_chunks is true when the mail's content goes by BDAT. */
MUST_USE bool smtp_client_chunks(const struct smtp_client *c, const struct smtp_mail *mail);

/* --- client_settle.c --- */

/* smtp_client_refuse_locally opens all recipients of a mail and settles those that cannot be
 * served here before anything is said. */
void smtp_client_refuse_locally(struct smtp_client *c, struct smtp_mail *mail);

/* smtp_client_leave_untried settles a whole mail that was lined up when the session ended. */
void smtp_client_leave_untried(struct smtp_mail *mail);

/* smtp_client_settle ends one recipient that is still open. */
void smtp_client_settle(struct smtp_client *c, size_t i, enum smtp_cause cause,
                        const struct smtp_reply *r);

/* smtp_client_settle_all ends all open recipients of the transaction, and the transaction. */
void smtp_client_settle_all(struct smtp_client *c, enum smtp_cause cause,
                            const struct smtp_reply *r);

/* smtp_client_end ends the session and every open recipient for this cause; gives DONE. */
enum smtp_stage smtp_client_end(struct smtp_client *c, enum smtp_cause cause,
                                const struct smtp_reply *r);

/* smtp_client_break is smtp_client_end for a reply that is none or cannot stand here. */
enum smtp_stage smtp_client_break(struct smtp_client *c, const struct smtp_reply *r,
                                  const char *fault);

/* smtp_client_lose is smtp_client_end for a lost connection, a timeout or a failed handshake. */
enum smtp_stage smtp_client_lose(struct smtp_client *c, enum smtp_cause cause, const char *why);

/* smtp_client_part notes why the session is over and gives QUIT, for a polite end. */
MUST_USE enum smtp_stage smtp_client_part(struct smtp_client *c, enum smtp_cause cause,
                                          const struct smtp_reply *r);

/* smtp_client_dot_sent is true when all of the content with its dot was handed over. */
MUST_USE bool smtp_client_dot_sent(const struct smtp_client *c);

#endif
