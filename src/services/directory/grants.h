/*
 * Requests about grants: grant.add, grant.rm.
 */
#ifndef POSTROOM_SERVICES_DIRECTORY_GRANTS_H
#define POSTROOM_SERVICES_DIRECTORY_GRANTS_H

#include "services/request/request.h"

/* grants_add lets `person` see what carries `label`; grants_remove ends it. Both answer
 * {"person", "label", "changed"}. */
request_handler grants_add;
request_handler grants_remove;

#endif
