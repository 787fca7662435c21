/*
 * Tokens: made, listed, revoked.
 */
#ifndef POSTROOM_SERVICES_DIRECTORY_TOKENS_H
#define POSTROOM_SERVICES_DIRECTORY_TOKENS_H

#include "services/request/request.h"

/* Handlers; see request.h. tokens_add: name, scopes, operator, expires; its answer is the only
 * place where the token ever stands. tokens_revoke: name. tokens_list: all, after, limit. */
request_handler tokens_add;
request_handler tokens_revoke;
request_handler tokens_list;

#endif
