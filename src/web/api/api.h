/*
 * The JSON API: what answers its routes. Reading requests run at once on the
 * loop's read-only connection, writing ones on the ledger, and are answered after the commit.
 */
#ifndef POSTROOM_WEB_API_API_H
#define POSTROOM_WEB_API_API_H

#include "web/web.h"

/* api_answer answers a route of it, openapi_answer tells about all of them. */
void api_answer(struct web_call *call);
void openapi_answer(struct web_call *call);

#endif
