/*
 * The manual pages as mdoc source, made of the tables the program runs on, so that they cannot
 * say anything else than it does. doc/man/ holds what `postroom manual` prints.
 */
#ifndef POSTROOM_APP_MANUAL_H
#define POSTROOM_APP_MANUAL_H

#include <stdio.h>

/* manual_print_commands writes postroom(1). */
void manual_print_commands(FILE *out);

/* manual_print_text writes prose: a new input line after each sentence, as mdoc wants it,
 * backslashes and leading dots escaped, a blank line as a paragraph. */
void manual_print_text(FILE *out, const char *text);

#endif
