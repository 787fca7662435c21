/*
 * `manual`: the source of the manual pages.
 */
#include <string.h>
#include <sysexits.h>

#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "app/manual.h"
#include "app/manual_config.h"
#include "app/manual_event.h"
#include "app/manual_template.h"

static int run_manual(const struct invocation *call)
{
    const char *page = json_string_value(json_object_get(call->args, "page"));
    struct error err;

    if (strcmp(page, "postroom") == 0) {
        manual_print_commands(call->out);
    } else if (strcmp(page, "postroom.yaml") == 0) {
        manual_print_config(call->out);
    } else if (strcmp(page, "postroom-event") == 0) {
        manual_print_event(call->out);
    } else if (strcmp(page, "postroom-template") == 0) {
        manual_print_template(call->out);
    } else {
        (void)error_set(&err, ERROR_NOT_FOUND,
                        "no page %s: there are postroom, postroom.yaml, postroom-event and "
                        "postroom-template",
                        page);
        return command_fail(call, &err);
    }
    return EX_OK;
}

static const struct option manual_options[] = {
    { "PAGE", OPTION_OPERAND, NULL, "page", NULL },
    { NULL },
};

const struct command manual_commands[] = {
    { .name = "manual",
      .summary = "print the source of a manual page",
      .details =
          "PAGE is postroom, postroom.yaml, postroom-event or postroom-template; the output\n"
          "is mdoc for mandoc or man.",
      .options = manual_options,
      .run = run_manual,
      .without_config = true },
    { 0 },
};
