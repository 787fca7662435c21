/*
 * The daemon: every part of the product, wired to its loops and threads.
 */
#ifndef POSTROOM_APP_DAEMON_H
#define POSTROOM_APP_DAEMON_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"

struct config;

/* daemon_run serves until SIGTERM or SIGINT, then ends in order: no new work, what is under way is
 * finished or left as the ledger has it. SIGHUP makes it read configuration, templates and the DKIM
 * key anew. The caller has blocked no signal and runs one thread. */
MUST_USE bool daemon_run(const struct config *config, struct error *err);

#endif
