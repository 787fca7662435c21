/*
 * The control socket of the daemon: commands that write send their request here; it runs on the
 * ledger and is answered after the commit.
 */
#ifndef POSTROOM_APP_CONTROL_H
#define POSTROOM_APP_CONTROL_H

#include "base/compiler.h"
#include "base/error.h"

struct control;
struct ledger;
struct loop;
struct mail_road;
struct settings;

struct control_options {
    struct loop *loop;
    struct ledger *ledger;
    const struct settings *settings;
    const struct mail_road *road; /* whose figures are asked for */
};

/* control_new listens at settings->control_socket. NULL with `err` when it cannot. */
MUST_USE struct control *control_new(const struct control_options *options, struct error *err);

/* control_free closes the socket and what is connected; from the loop's thread or when it does not
 * run, and only when the ledger holds no job of it any more. */
void control_free(struct control *c);

#endif
