/*
 * For load balancers and watchers: says nothing that a stranger may not know.
 */
#include "web/health.h"

#include "store/schema.h"
#include "web/answer_http.h"
#include "web/web.h"

static void answer_health(struct web_call *call)
{
    struct error err;

    if (!schema_check(web_reader(call->web), &err)) {
        web_refuse(call, 503, "the store cannot be read", NULL);
        return;
    }
    web_answer(call, 200, "application/json", SPAN("{\"status\":\"ok\"}\n"), NULL);
}

const struct http_route health_routes[] = {
    { .method = HTTP_GET, .path = "/healthz", .answer = answer_health },
    { .path = NULL },
};
