/*
 * The submission port (RFC 6409): programs hand in ready-made messages by SMTP. Who may: whoever
 * shows a token with the scope `submit` under TLS, and the networks that the settings list. A
 * message is answered with 250 once it is stored. Belongs to its loop.
 */
#ifndef POSTROOM_SERVICES_INTAKE_SUBMISSION_PORT_H
#define POSTROOM_SERVICES_INTAKE_SUBMISSION_PORT_H

#include "base/compiler.h"
#include "base/error.h"
#include "domain/settings.h"

struct ledger;
struct loop;
struct submission_paces;
struct submission_port;
struct tls_context;

struct submission_port_options {
    struct loop *loop;
    struct ledger *ledger;
    const struct settings *settings;
    struct submission_paces *paces;
    struct tls_context *tls; /* NULL: nobody can log in */
};

/* submission_port_open listens where the settings say, before the loop runs or on it; NULL with
 * `err` when it cannot. */
MUST_USE struct submission_port *submission_port_open(const struct submission_port_options *options,
                                                      struct error *err);

/* submission_port_use shows who connects from now on what `tls` has. On the loop, of a port that
 * was opened with a context. */
void submission_port_use(struct submission_port *port, struct tls_context *tls);

/* submission_port_stop takes no more connections, drops those there are and calls `done` once all
 * that was handed to the ledger is answered. On the loop. */
void submission_port_stop(struct submission_port *port, void (*done)(void *owner), void *owner);

/* submission_port_free ends one that is stopped, or whose loop never ran; NULL is allowed. */
void submission_port_free(struct submission_port *port);

#endif
