/*
 * Operators and their roles.
 */
#ifndef POSTROOM_SERVICES_DIRECTORY_OPERATORS_H
#define POSTROOM_SERVICES_DIRECTORY_OPERATORS_H

#include "services/request/request.h"

/* Handlers; see request.h. operators_add and operators_set_role: name, role. operators_list: after,
 * limit. */
request_handler operators_add;
request_handler operators_set_role;
request_handler operators_list;

#endif
