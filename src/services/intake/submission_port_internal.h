/*
 * The port's insides: submission_port.c (listening, who may), submission_session.c (one
 * connection).
 */
#ifndef POSTROOM_SERVICES_INTAKE_SUBMISSION_PORT_INTERNAL_H
#define POSTROOM_SERVICES_INTAKE_SUBMISSION_PORT_INTERNAL_H

#include "base/ip.h"
#include "base/list.h"
#include "io/listener.h"
#include "io/mailbox.h"
#include "io/stream.h"
#include "io/timer.h"
#include "protocol/smtp/server.h"
#include "services/intake/submission_port.h"
#include "services/intake/submission_take.h"
#include "services/request/caller.h"
#include "store/ledger.h"

enum { SUBMITTER_ROOM = sizeof(((struct caller *)NULL)->by) };

struct submission_port {
    struct submission_port_options options;
    struct listener *listener; /* NULL: none, or stopped */
    struct listener *tls_listener;
    struct mailbox *answers;
    struct list sessions;
    size_t session_count;
    struct ip_network *networks;
    size_t network_count;
    struct db *db; /* for reading; NULL until it is needed */
    size_t jobs;   /* that the ledger has */
    bool is_stopping;
    void (*stopped)(void *owner);
    void *stopped_owner;
};

struct submission_job;

struct submission_session {
    struct list link;
    struct submission_port *port;
    struct stream *stream; /* NULL: closed */
    struct smtp_server *server;
    struct endpoint peer;
    bool is_tls_first; /* the handshake comes before the greeting */
    bool is_listed;    /* of a network that needs no AUTH */
    bool is_ended;     /* all is said: only the connection's end is awaited */
    int failures;      /* of AUTH */
    char by[SUBMITTER_ROOM];
    struct timer patience;
    struct submission_job *job; /* the message the ledger has; NULL: none */
    struct buf behind;          /* what came behind it */
};

/* --- submission_session.c --- */

void submission_session_open(struct submission_port *port, struct stream *stream, bool tls_first);

/* submission_session_close drops the connection; the session goes once the ledger has answered. */
void submission_session_close(struct submission_session *s);

/* submission_session_answered receives for the port's mailbox. */
void submission_session_answered(void *owner, struct list *posted);

/* --- submission_port.c --- */

/* submission_port_find tells who shows these credentials; ret_by gets SUBMITTER_ROOM bytes. */
MUST_USE bool submission_port_find(struct submission_port *port, struct span password, char *ret_by,
                                   bool *ret_found, struct error *err);

/* submission_port_is_barred tells whether an address wants no mail. */
MUST_USE bool submission_port_is_barred(struct submission_port *port,
                                        const struct mail_address *address, bool *ret_barred,
                                        struct error *err);

/* submission_port_lists tells whether an address is of a network that needs no AUTH. */
MUST_USE bool submission_port_lists(const struct submission_port *port, const struct ip *ip);

/* submission_port_paces counts a message of somebody; false when they are too fast. */
MUST_USE bool submission_port_paces(struct submission_port *port, const char *by);

/* submission_port_done is told of each job that is answered, and each session that has gone. */
void submission_port_done(struct submission_port *port);

#endif
