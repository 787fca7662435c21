/*
 * The command line: `postroom [--config FILE] [--json] COMMAND ...`. Global options may stand
 * before or after the command's words.
 */
#ifndef POSTROOM_APP_COMMAND_LINE_H
#define POSTROOM_APP_COMMAND_LINE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"

struct command;

enum line_wish { LINE_RUN, LINE_HELP, LINE_HELP_JSON, LINE_VERSION };

struct command_line {
    enum line_wish wish;
    const struct command *command; /* NULL for general help; set as far as it was found */
    const char *topic;             /* help for all commands whose name starts so; NULL */
    const char *config_file;
    json_t *args;
    bool json;
};

/* command_line_read takes argv apart. On failure `command` is still set when it was known, and
 * `json` when it was asked for anywhere. */
MUST_USE bool command_line_read(int argc, char **argv, struct command_line *ret_line,
                                struct error *err);

void command_line_fini(struct command_line *line);

#endif
