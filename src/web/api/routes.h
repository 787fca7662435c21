/*
 * The table of the API's routes.
 */
#ifndef POSTROOM_WEB_API_ROUTES_H
#define POSTROOM_WEB_API_ROUTES_H

#include "web/route.h"

/* api_routes is the table; each row's detail is a struct api_operation. */
extern const struct http_route api_routes[];

#endif
