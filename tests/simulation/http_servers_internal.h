/*
 * Between the simulated web servers and the simulated HTTP client.
 */
#ifndef POSTROOM_TESTS_SIMULATION_HTTP_SERVERS_INTERNAL_H
#define POSTROOM_TESTS_SIMULATION_HTTP_SERVERS_INTERNAL_H

#include "base/compiler.h"
#include "tests/simulation/http.h"

/* http_servers_ask lets the server of `url` answer; `problem` is set where there is none. */
MUST_USE struct sim_http_answer http_servers_ask(const char *url,
                                                 const struct sim_http_request *request);

/* http_servers_free forgets all. */
void http_servers_free(struct simulation *sim);

#endif
