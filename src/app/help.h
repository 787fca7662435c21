/*
 * Help texts, made from the table of commands.
 */
#ifndef POSTROOM_APP_HELP_H
#define POSTROOM_APP_HELP_H

#include <stdio.h>

struct command;

/* help_print shows the help of one command, or the list of those whose first word is `topic`, or
 * of all (both NULL). */
void help_print(FILE *out, const struct command *command, const char *topic);

/* help_print_json lists commands, options and configuration keys for tools/check-docs. */
void help_print_json(FILE *out);

#endif
