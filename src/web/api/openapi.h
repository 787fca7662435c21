/*
 * The API's own description.
 */
#ifndef POSTROOM_WEB_API_OPENAPI_H
#define POSTROOM_WEB_API_OPENAPI_H

#include <jansson.h>

#include "base/compiler.h"

/* openapi_json makes an OpenAPI 3.1 document out of the table of routes. */
MUST_USE json_t *openapi_json(void);

#endif
