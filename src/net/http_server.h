/*
 * An HTTP/1.1 server on one loop: sockets, framing, bounds and time-outs, by libmicrohttpd, which
 * here has no thread of its own: its descriptors are watched by the loop. What a request asks for
 * is the owner's business (src/web).
 *
 * Everything a stranger can make large or slow has a bound: the bytes of a request's head, of its
 * body, the connections, those of one address, and the time between the start of a connection (or
 * the answer before) and the end of the next request.
 */
#ifndef POSTROOM_NET_HTTP_SERVER_H
#define POSTROOM_NET_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/ip.h"
#include "base/span.h"

struct http_exchange;
struct http_server;
struct loop;

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_OTHER
};

enum { HTTP_HEAD_LIMIT = 32 * 1024, HTTP_TARGET_LIMIT = 8 * 1024 };

/* What was asked. Lives until the answer is given. */
struct http_request {
    enum http_method method;
    struct span path;  /* as sent, still encoded, from the first slash on */
    struct span query; /* what follows the question mark, still encoded */
    struct span body;
    struct ip peer; /* who asks, as far as we trust those between us and them */
    bool secure;    /* it came by TLS, to us or to a trusted proxy */
};

/* What is answered; borrowed during the call. */
struct http_field {
    const char *name;
    const char *value;
};

struct http_response {
    int status;
    const char *type; /* NULL: none */
    struct span body;
    const struct http_field *fields; /* further ones, ended by a NULL name; NULL: none */
};

struct http_server_options {
    struct loop *loop;
    int socket; /* listening; stays the caller's, any number of servers may share it */

    /* Called for each whole request. The answer is given by http_exchange_answer, at once or
     * later from the loop's thread; the exchange lives until then. */
    void (*asked)(void *owner, struct http_exchange *exchange);
    /* Called for a request refused before it is whole, to fill the answer with a status of
     * 400, 413, ...: `why` is a sentence. The texts live until the exchange ends. */
    void (*refused)(void *owner, struct http_exchange *exchange, int status, const char *why);
    void *owner;

    size_t body_limit;
    size_t connections;
    size_t address_connections; /* of one IPv4 address or IPv6 /64; 0: no bound */
    int64_t patience_ms;        /* for a whole request, and for taking an answer */
    const char *certificate;    /* PEM with the chain, and */
    const char *key;            /* its key in PEM; NULL: no TLS */
    const struct ip *proxies;   /* whose X-Forwarded-For and -Proto are believed; borrowed */
    size_t proxy_count;
};

/* http_server_new serves from now on. NULL with `err` when TLS cannot be set up. */
MUST_USE struct http_server *http_server_new(const struct http_server_options *options,
                                             struct error *err);

/* http_server_renew gives who connects from now on another certificate; who is connected already
 * goes on with the one before. On failure that one stays. From the loop's thread. */
MUST_USE bool http_server_renew(struct http_server *server, const char *certificate,
                                const char *key, struct error *err);

/* http_server_stop accepts nobody any more and calls `done` once no request waits for its answer:
 * at once, or after the last one. From the loop's thread. */
void http_server_stop(struct http_server *server, void (*done)(void *owner), void *owner);

/* http_server_free closes all connections; every request has been answered. From the loop's thread
 * or when it does not run. NULL is allowed. */
void http_server_free(struct http_server *server);

/* http_exchange_request gives what was asked, http_exchange_header one of its header fields (at ==
 * NULL when absent), http_exchange_arena memory that lives as long as the exchange. */
MUST_USE const struct http_request *http_exchange_request(const struct http_exchange *exchange);
MUST_USE struct span http_exchange_header(const struct http_exchange *exchange, const char *name);
MUST_USE struct arena *http_exchange_arena(struct http_exchange *exchange);

/* http_exchange_answer answers, once; the exchange may be gone after it. */
void http_exchange_answer(struct http_exchange *exchange, const struct http_response *response);

#endif
