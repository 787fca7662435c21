/*
 * The server's insides, shared by server.c (the machine) and server_commands.c (the commands).
 */
#ifndef POSTROOM_PROTOCOL_SMTP_SERVER_INTERNAL_H
#define POSTROOM_PROTOCOL_SMTP_SERVER_INTERNAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "protocol/smtp/domain_set.h"
#include "protocol/smtp/server.h"
#include "protocol/smtp/unstuff.h"

enum {
    SMTP_SERVER_LINE_MAX = 2048, /* a command line: 512 and what extensions may add */
    SMTP_SERVER_OUT_LIMIT = 1 << 20
};

enum smtp_server_phase {
    SMTP_SERVER_AT_COMMAND,
    SMTP_SERVER_AT_CONTENT, /* after 354 */
    SMTP_SERVER_AT_CHUNK,   /* of BDAT */
    SMTP_SERVER_AT_AUTH,    /* the next line is no command but an answer of the client */
    SMTP_SERVER_AT_TLS,
    SMTP_SERVER_AT_END
};

enum smtp_auth_step { SMTP_AUTH_PLAIN, SMTP_AUTH_USER, SMTP_AUTH_PASSWORD };

struct smtp_server {
    struct smtp_server_options options;
    enum smtp_server_phase phase;
    enum smtp_question question;
    struct buf out;
    struct buf line; /* the command line at hand, as far as it came */
    bool skipping;   /* the rest of a line that was too long */
    bool secure;
    bool esmtp;
    struct buf hello;
    enum smtp_auth_step auth_step;
    bool known; /* AUTH was granted */
    struct buf user;
    struct buf password;
    uint32_t errors;
    uint32_t mails;                 /* transactions of the session, */
    struct smtp_domain_set domains; /* and the domains of their recipients, for LIMITS */
    struct smtp_violations violations;

    /* what may not be followed by bytes before its answer: noted when they are seen */
    enum smtp_violation ahead;
    bool ahead_noted;

    struct arena arena; /* of the transaction */
    bool in_mail;
    struct smtp_envelope envelope;
    struct span *to;
    struct smtp_recipient_wish *wishes; /* beside `to` */
    struct smtp_recipient_wish wish;    /* of the recipient at hand */
    size_t to_room;
    struct buf content;
    struct smtp_unstuff unstuff;
    uint64_t chunk_left;
    bool chunk_last;
    bool chunk_refused;
};

/* smtp_server_command acts on one command line, without its line end. */
void smtp_server_command(struct smtp_server *s, struct span line);

/* smtp_server_auth begins AUTH, smtp_server_auth_line goes on with it (server_auth.c);
 * smtp_server_forget wipes what a client has shown. */
void smtp_server_auth(struct smtp_server *s, struct span argument);
void smtp_server_auth_line(struct smtp_server *s, struct span line);
void smtp_server_forget(struct smtp_server *s);

/* smtp_server_reply puts one reply line; 421 ends the session. */
void smtp_server_reply(struct smtp_server *s, int code, struct smtp_status status,
                       const char *text);

/* smtp_server_complain notes the violation and refuses with 5yz, or 421 after too many. */
void smtp_server_complain(struct smtp_server *s, enum smtp_violation violation, int code,
                          struct smtp_status status, const char *text);

/* smtp_server_reset forgets the transaction. */
void smtp_server_reset(struct smtp_server *s);

#endif
