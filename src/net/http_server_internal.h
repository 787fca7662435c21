/*
 * Between the two halves of the HTTP server: connections (http_server.c) and the requests that come
 * over them (http_exchange.c).
 */
#ifndef POSTROOM_NET_HTTP_SERVER_INTERNAL_H
#define POSTROOM_NET_HTTP_SERVER_INTERNAL_H

#include <microhttpd.h>

#include "base/list.h"
#include "io/timer.h"
#include "net/http_server.h"

struct watcher;

struct http_server {
    struct http_server_options options;
    struct list daemons; /* of the library, the one that accepts first: it has one
                            certificate for life, so a new certificate begins another */
    struct timer again;  /* they have more to do */
    struct timer sweep;  /* who takes too long */
    struct list connections;
    size_t waiting; /* exchanges whose answer is not there yet */
    void (*stopped)(void *owner);
    void *stopped_owner;
    bool is_stopping; /* accepts nobody */
};

struct http_connection {
    struct list link;
    struct http_server *server;
    struct MHD_Connection *handle;
    struct ip ip;
    int64_t since; /* monotonic ms: it came, or the request before was answered */
    bool asks;     /* a whole request waits for its answer */
};

/* http_connection_of finds ours. */
MUST_USE struct http_connection *http_connection_of(struct MHD_Connection *handle);

/* http_server_resume lets the library go on with a connection whose answer is there. */
void http_server_resume(struct http_server *server, struct MHD_Connection *handle);

/* http_server_is_proxy tells whether what this address says of others is believed. */
MUST_USE bool http_server_is_proxy(const struct http_server *server, const struct ip *ip);

/* What the library calls: a request's first line is there (gives the exchange), its head, parts
 * of its body and its end, it is over. */
void *http_exchange_begin(void *server, const char *target, struct MHD_Connection *handle);
enum MHD_Result http_exchange_go_on(void *server, struct MHD_Connection *handle, const char *url,
                                    const char *method, const char *version, const char *bytes,
                                    size_t *n, void **exchange);
void http_exchange_end(void *server, struct MHD_Connection *handle, void **exchange,
                       enum MHD_RequestTerminationCode how);

#endif
