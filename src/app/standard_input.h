/*
 * What a command is given on its standard input.
 */
#ifndef POSTROOM_APP_STANDARD_INPUT_H
#define POSTROOM_APP_STANDARD_INPUT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"

/* standard_input_read appends all of it to `to`, whose limit bounds it: ERROR_LIMIT. */
MUST_USE bool standard_input_read(struct buf *to, struct error *err);

#endif
