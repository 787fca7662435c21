/*
 * One SMTP session as a client: a connection, TLS and timers around the machine of
 * protocol/smtp/client.h. It runs the transactions its owner hands to it one after another and
 * tells by events what happens. Belongs to its loop's thread.
 *
 * Events come from the loop, never from inside a call of the owner's. The owner may call any
 * function in an event, smtp_session_close included; the memory goes between events.
 */
#ifndef POSTROOM_NET_SMTP_SESSION_H
#define POSTROOM_NET_SMTP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/span.h"
#include "io/endpoint.h"
#include "io/tls.h"
#include "protocol/smtp/client.h"

struct loop;
struct smtp_session;
struct stream;

struct smtp_session_options {
    struct stream *stream; /* that is connected, and the session's from now on; NULL: to connect */
    const struct endpoint *source; /* address to send from, port 0; NULL: the system chooses */
    struct endpoint peer;          /* whom to connect to */
    const char *peer_name;         /* the host's name: for SNI and the certificate check */
    struct tls_context *tls;       /* client side, outlives the session; NULL: TLS is never used */
    bool must_verify; /* fail the handshake unless the certificate is good for the name */
    struct tls_tickets *tickets; /* of the loop, outlive the session; NULL: none are kept */
    struct smtp_client_options client;
    size_t dialogue_max; /* bytes of dialogue to keep for `trace`; 0: none */
};

struct smtp_session_events {
    /* The session is ready for a mail: smtp_session_send, smtp_session_quit, or leave it idle. */
    void (*ready)(void *owner);

    /* The server waits for the content: once the intent is durable smtp_session_content, else
     * smtp_session_withhold. Any time may pass; the session may end meanwhile. */
    void (*content_wanted)(void *owner);

    /* Every result of the mail is settled; `ready` or `closed` follows, or what the mail brings
     * that was lined up behind it and is the one at hand from now on. */
    void (*settled)(void *owner, struct smtp_mail *mail);

    /* The last event: the session is over. `ending` says why; its cause is NONE after a QUIT that
     * nothing went before. The owner still calls smtp_session_close. */
    void (*closed)(void *owner, const struct smtp_result *ending);

    /* A record was added to the dialogue (protocol/smtp/dialogue.h); NULL: nobody listens. Comes at
     * any time, also from inside a call: the owner may only look. */
    void (*recorded)(void *owner, struct span record);
};

/* smtp_session_open starts to connect, or to talk over a stream that does. The options are read
 * during the call; the events table is kept by pointer. Without a TLS context IF_OFFERED counts as
 * NEVER, and REQUIRED is a fault. */
MUST_USE struct smtp_session *smtp_session_open(struct loop *loop,
                                                const struct smtp_session_options *options,
                                                const struct smtp_session_events *events,
                                                void *owner);

/* smtp_session_send begins a transaction after `ready`. The mail and what it points to are
 * borrowed until it is settled. */
void smtp_session_send(struct smtp_session *s, struct smtp_mail *mail);

/* smtp_session_follow lines a mail up behind the one at hand, which must have none yet: it begins
 * by itself, as early as the server lets it (smtp_client_follow), and is borrowed until it is
 * settled. smtp_session_withdraw takes it back; false when it has begun or none is there. */
void smtp_session_follow(struct smtp_session *s, struct smtp_mail *mail);
MUST_USE bool smtp_session_withdraw(struct smtp_session *s);

/* smtp_session_content gives the whole content after `content_wanted`, borrowed until the mail is
 * settled; smtp_session_withhold refuses it, or gives the mail up at an earlier moment: the
 * server takes nothing and the session ends. Both do nothing when the session ended meanwhile. */
void smtp_session_content(struct smtp_session *s, struct span content);
void smtp_session_withhold(struct smtp_session *s);

/* smtp_session_quit ends the session politely while it is ready; `closed` follows. */
void smtp_session_quit(struct smtp_session *s);

/* smtp_session_close drops the connection, if it still stands, and frees the session between
 * events. No event comes after; a mail that is not settled stays so. */
void smtp_session_close(struct smtp_session *s);

/* smtp_session_tls borrows what the handshake established; NULL while in the clear. */
MUST_USE const struct tls_facts *smtp_session_tls(const struct smtp_session *s);

/* smtp_session_offers borrows what the server offered in its last reply to EHLO. */
MUST_USE const struct smtp_capabilities *smtp_session_offers(const struct smtp_session *s);

/* smtp_session_is_ticket_bad is true when the handshake failed that a ticket was to shorten: the
 * next one will be whole. */
MUST_USE bool smtp_session_is_ticket_bad(const struct smtp_session *s);

/* smtp_session_ending borrows why it is over, as `closed` tells it. */
MUST_USE const struct smtp_result *smtp_session_ending(const struct smtp_session *s);

/* smtp_session_avoid tells what this host was found not to bear. */
MUST_USE struct smtp_avoid smtp_session_avoid(const struct smtp_session *s);

/* smtp_session_local gives the address it sends from; zero before it is connected. */
MUST_USE struct endpoint smtp_session_local(const struct smtp_session *s);

/* smtp_session_dialogue borrows the record (protocol/smtp/dialogue.h) of the opening and of the
 * mail at hand, or the last one; empty when none is kept. */
MUST_USE struct span smtp_session_dialogue(const struct smtp_session *s);

#endif
