/*
 * The JSON API: what answers its routes. Reading requests run at once on the
 * loop's read-only connection, writing ones on the ledger, and are answered after the commit.
 */
#ifndef POSTROOM_WEB_API_API_H
#define POSTROOM_WEB_API_API_H

#include <jansson.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "web/web.h"

/* api_answer answers a route of it, openapi_answer tells about all of them. */
void api_answer(struct web_call *call);
void openapi_answer(struct web_call *call);

/* api_look does the reading request of a route for one that answers otherwise; *ret_answer is a new
 * reference. False when it could not: that is answered. */
MUST_USE bool api_look(struct web_call *call, json_t **ret_answer);

#endif
