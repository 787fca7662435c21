/*
 * The table of requests: the one list of what can be asked of the services, by name.
 */
#ifndef POSTROOM_APP_REQUESTS_H
#define POSTROOM_APP_REQUESTS_H

#include "base/compiler.h"
#include "services/request/perform.h"

/* requests_find gives the row of a name, or NULL. */
MUST_USE const struct request_entry *requests_find(const char *name);

#endif
