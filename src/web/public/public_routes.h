/*
 * The pages that everybody may open who holds a token of ours. They ask nobody who they are.
 */
#ifndef POSTROOM_WEB_PUBLIC_PUBLIC_ROUTES_H
#define POSTROOM_WEB_PUBLIC_PUBLIC_ROUTES_H

#include "web/route.h"

extern const struct http_route public_routes[];

#endif
