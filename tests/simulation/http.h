/*
 * The web servers that the simulated HTTP client finds.
 */
#ifndef POSTROOM_TESTS_SIMULATION_HTTP_H
#define POSTROOM_TESTS_SIMULATION_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct simulation;

/* What a server is asked; borrowed. */
struct sim_http_request {
    const char *method;
    const char *const *fields; /* "Name: value", ended by NULL; NULL: none */
    struct span body;
};

/* How it answers. Texts are kept by pointer until the answer has arrived. */
struct sim_http_answer {
    int status;
    const char *body; /* NULL: none */
    int64_t retry_after_s;
    int64_t delay_ms;    /* besides the way */
    bool lost;           /* the answer never arrives */
    const char *problem; /* the connection breaks so instead */
};

/* sim_http_serve lets calls to exactly `url` come to `serve`; again: to another. Where nobody
 * serves, connections are refused. */
void sim_http_serve(struct simulation *sim, const char *url,
                    struct sim_http_answer (*serve)(void *owner,
                                                    const struct sim_http_request *request),
                    void *owner);

/* sim_http_field gives the value of a header field of a request; empty when it is absent. */
struct span sim_http_field(const struct sim_http_request *request, const char *name);

#endif
