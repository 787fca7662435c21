/*
 * What a command is given on its standard input, or in a file that its line names.
 */
#ifndef POSTROOM_APP_STANDARD_INPUT_H
#define POSTROOM_APP_STANDARD_INPUT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"

/* standard_input_read appends all of it to `to`, whose limit bounds it: ERROR_LIMIT. */
MUST_USE bool standard_input_read(struct buf *to, struct error *err);

/* standard_input_or_file_read does so with the file of that path, unless it is "-". */
MUST_USE bool standard_input_or_file_read(const char *path, struct buf *to, struct error *err);

#endif
