/*
 * May this caller use this route?
 */
#ifndef POSTROOM_WEB_AUTHORIZATION_H
#define POSTROOM_WEB_AUTHORIZATION_H

#include <stdbool.h>

#include "base/compiler.h"
#include "web/web.h"

/* web_authorize finds the caller by the bearer token (RFC 6750) and compares what it may with what
 * the route needs. False when the request has been answered: 401, or 403 naming the scope. */
MUST_USE bool web_authorize(struct web_call *call);

#endif
