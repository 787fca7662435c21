/*
 * `check-address`: JSON strings on standard input, one a line; a verdict a line out.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "app/command.h"
#include "app/commands/commands_internal.h"
#include "base/cleanup.h"
#include "base/span.h"
#include "protocol/mail/address.h"

static void free_line(char **line)
{
    free(*line); /* NOLINT(check-calls): getline's own memory */
}

static void print_verdict(FILE *out, struct span line)
{
    json_error_t where;
    json_t *value = json_loadb(line.at, line.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &where);
    struct address address;
    struct error err;

    if (!json_is_string(value))
        (void)fprintf(out, "bad the line is not a JSON string\n");
    else if (address_parse((struct span){ json_string_value(value), json_string_length(value) },
                           &address, &err))
        (void)fprintf(out, "ok\n");
    else
        (void)fprintf(out, "bad %s\n", err.text);
    json_decref(value);
}

static int run_check_address(const struct invocation *call)
{
    CLEANUP(free_line) char *line = NULL;
    size_t room = 0;
    ssize_t n;

    while ((n = getline(&line, &room, stdin)) >= 0) {
        struct span text = span_trim((struct span){ line, (size_t)n });

        print_verdict(call->out, text);
    }
    return ferror(stdin) ? EX_IOERR : EX_OK;
}

const struct command check_address_commands[] = {
    { .name = "check-address",
      .summary = "say whether an envelope may carry an address",
      .details = "Reads JSON strings from standard input, one a line, and writes `ok` or\n"
                 "`bad REASON` a line: RFC 5321 mailboxes with RFC 6531.",
      .run = run_check_address,
      .without_config = true },
    { 0 },
};
