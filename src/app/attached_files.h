/*
 * The files that a line names to be attached to an event.
 */
#ifndef POSTROOM_APP_ATTACHED_FILES_H
#define POSTROOM_APP_ATTACHED_FILES_H

#include <jansson.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"

/* attached_files_shape makes the field "attachments" of the texts in the fields "attach" and
 * "inline", which are names of files; their types follow from how the names end. */
MUST_USE bool attached_files_shape(json_t *args, struct error *err);

#endif
