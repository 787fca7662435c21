/*
 * The table of routes: which path and method is answered by which function, and what the caller
 * needs for it. Matching is pure; the path is split at its slashes before anything is decoded, so
 * that a part may hold a slash as %2F.
 */
#ifndef POSTROOM_WEB_ROUTE_H
#define POSTROOM_WEB_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"
#include "net/http_server.h"

struct web_call;

enum { ROUTE_PARTS = 4 };

struct http_route {
    enum http_method method; /* HTTP_GET answers HEAD, too */
    const char *path;        /* "/api/v1/people/{person}"; NULL ends a table */
    void (*answer)(struct web_call *call);
    const char *needs;  /* scope of the token; "": any token, NULL: nobody is asked */
    const void *detail; /* the answering function's own */
};

struct route_match {
    const struct http_route *route; /* NULL: none */
    struct span parts[ROUTE_PARTS]; /* in the order of the path, decoded */
    size_t part_count;
    unsigned allowed; /* bits of the methods that the path knows; 0: no such path */
    bool is_broken;   /* a part is no percent-encoded UTF-8 */
};

/* route_find looks a path up in tables, a list ended by NULL. */
MUST_USE struct route_match route_find(const struct http_route *const *tables,
                                       enum http_method method, struct span path,
                                       struct arena *arena);

/* route_put_allowed writes the methods for the field Allow: "GET, HEAD, OPTIONS". */
void route_put_allowed(struct buf *to, unsigned allowed);

/* percent_decode undoes percent-encoding into the arena, and, for a form, plus as space; false
 * when it is broken, holds a NUL or gives no UTF-8. */
MUST_USE bool percent_decode(struct span text, bool is_form, struct arena *arena,
                             struct span *ret_text);

/* query_next takes the first "name=value" off a query, decoded; false at its end. A broken one has
 * *ret_name.at == NULL. */
MUST_USE bool query_next(struct span *query, struct arena *arena, struct span *ret_name,
                         struct span *ret_value);

#endif
