/*
 * Web servers by their URL.
 */
#include "tests/simulation/http_servers_internal.h"

#include <string.h>

#include "base/alloc.h"
#include "base/list.h"
#include "tests/simulation/world_internal.h"

struct server {
    struct list link;
    char *url;
    struct sim_http_answer (*serve)(void *owner, const struct sim_http_request *request);
    void *owner;
};

static struct server *find(const char *url)
{
    LIST_EACH (&world()->http_servers, link) {
        struct server *server = CONTAINER_OF(link, struct server, link);

        if (strcmp(server->url, url) == 0)
            return server;
    }
    return NULL;
}

void sim_http_serve(struct simulation *sim, const char *url,
                    struct sim_http_answer (*serve)(void *owner,
                                                    const struct sim_http_request *request),
                    void *owner)
{
    struct server *server = find(url);

    if (server == NULL) {
        server = NEW(struct server);
        server->url = alloc_text(url);
        list_append(&sim->http_servers, &server->link);
    }
    server->serve = serve;
    server->owner = owner;
}

struct span sim_http_field(const struct sim_http_request *request, const char *name)
{
    for (size_t i = 0; request->fields != NULL && request->fields[i] != NULL; i++) {
        struct span value = span_of(request->fields[i]);
        struct span key = span_take_until(&value, ':');

        if (span_equal_nocase(key, span_of(name)))
            return span_trim(value);
    }
    return (struct span){ 0 };
}

struct sim_http_answer http_servers_ask(const char *url, const struct sim_http_request *request)
{
    struct server *server = find(url);

    if (server == NULL)
        return (struct sim_http_answer){ .problem = "connection refused" };
    return server->serve(server->owner, request);
}

void http_servers_free(struct simulation *sim)
{
    LIST_EACH (&sim->http_servers, link) {
        struct server *server = CONTAINER_OF(link, struct server, link);

        list_remove(link);
        alloc_free(server->url);
        alloc_free(server);
    }
}
