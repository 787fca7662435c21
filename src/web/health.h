/*
 * /healthz: does the daemon answer, and can it read its store?
 */
#ifndef POSTROOM_WEB_HEALTH_H
#define POSTROOM_WEB_HEALTH_H

#include "web/route.h"

/* health_routes is the table of it. */
extern const struct http_route health_routes[];

#endif
