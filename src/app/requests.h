/*
 * The table of requests: the one list of what can be asked of the services, by name.
 */
#ifndef POSTROOM_APP_REQUESTS_H
#define POSTROOM_APP_REQUESTS_H

#include <stdbool.h>

#include "base/compiler.h"
#include "services/request/request.h"

struct request_entry {
    const char *name; /* "person.add" */
    request_handler *handler;
    bool reads; /* runs on a read-only connection, never changes anything */
    bool lives; /* about the running daemon, which alone answers it: no handler */
};

/* requests_find gives the row of a name, or NULL. */
MUST_USE const struct request_entry *requests_find(const char *name);

#endif
