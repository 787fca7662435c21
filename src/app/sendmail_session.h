/*
 * sendmail -bs: one SMTP session on standard input and output, for a local program that speaks no
 * other way. Who may run the program may send; nothing is asked of a network.
 */
#ifndef POSTROOM_APP_SENDMAIL_SESSION_H
#define POSTROOM_APP_SENDMAIL_SESSION_H

#include "base/compiler.h"

struct config;

/* sendmail_session_run talks until the client goes. Gives the exit code. */
MUST_USE int sendmail_session_run(const struct config *config);

#endif
