/*
 * `serve`: the daemon, in the foreground.
 */
#include <sysexits.h>

#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/daemon.h"
#include "store/db.h"

static int run_serve(const struct invocation *call)
{
    struct error err;

    db_allocate_caches_whole();
    if (!daemon_run(call->config, &err))
        return command_fail(call, &err);
    return EX_OK;
}

const struct command serve_commands[] = {
    { .name = "serve",
      .summary = "run the daemon: take events in and deliver mail",
      .details =
          "Runs in the foreground and logs to standard error. SIGTERM and SIGINT end it in\n"
          "order. SIGHUP makes it read its settings, the templates and the DKIM key anew: what\n"
          "is no good is refused as a whole, what needs a restart is named in the log. A\n"
          "second daemon on the same store is refused.",
      .run = run_serve },
    { 0 },
};
