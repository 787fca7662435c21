/*
 * A file of certificates or a key.
 */
#ifndef POSTROOM_APP_PEM_FILE_H
#define POSTROOM_APP_PEM_FILE_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"

/* pem_file_read gives its text on the heap; whoever has a key's wipes it. */
MUST_USE bool pem_file_read(const char *path, char **ret_text, struct error *err);

#endif
