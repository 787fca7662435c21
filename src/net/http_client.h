/*
 * Asking web servers of others: a webhook's receiver, an application's answer about who may see
 * what. Two link-time twins: libcurl on a loop, and the simulated one (tests/simulation/http.h).
 *
 * The servers are strangers: no redirect is followed, certificates are always verified, the answer
 * and the time have a bound, a host gets only so many connections, and addresses of our own network
 * are refused unless they are allowed (whoever may name a URL could else reach what listens beside
 * us). What a server answered is data; only where no answer came there is a `problem`.
 *
 * One http_client belongs to one loop.
 */
#ifndef POSTROOM_NET_HTTP_CLIENT_H
#define POSTROOM_NET_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/span.h"

struct http_client;
struct http_transfer;
struct loop;

struct http_client_options {
    struct loop *loop;
    bool internal_allowed;     /* also loopback, private and link-local addresses */
    const char *extra_ca_file; /* PEM, beside the system's store; NULL: none */
    size_t connections;        /* at a time, all in all, and */
    size_t host_connections;   /* to one host; other calls wait, and their time runs */
};

struct http_answer {
    int status;          /* as the server said; 0: no whole answer came, and */
    const char *problem; /* why not, a sentence; NULL otherwise */
    struct span body;
    int64_t retry_after_s; /* the server asks to be left alone so long; 0: it does not say */
};

/* A call: a value in the caller's struct, filled by them, and with all it points to left as it is
 * until `done` came or it is cancelled. */
struct http_call {
    const char *method;        /* "GET", "POST", "PUT", ...; not "HEAD" */
    const char *url;           /* http or https */
    const char *const *fields; /* "Name: value", ended by NULL; NULL: none */
    struct span body;          /* at == NULL: none */
    int64_t timeout_ms;        /* for the whole of it */
    size_t answer_limit;       /* a larger body is a problem */
    /* the answer is borrowed during the call back, in which the call may be freed */
    void (*done)(void *owner, const struct http_answer *answer);
    void *owner;
    struct http_transfer *transfer; /* private */
};

/* http_client_new makes a client. A CA file that is no good shows in each call by https. */
MUST_USE struct http_client *http_client_new(const struct http_client_options *options);

/* http_client_free ends all connections; open calls are forgotten, their `done` never comes. Not
 * from inside one. NULL is allowed. */
void http_client_free(struct http_client *client);

/* http_client_call starts a call. `done` comes once, from the loop, never from inside this
 * function, at the latest after the call's time. */
void http_client_call(struct http_client *client, struct http_call *call);

/* http_call_cancel forgets a call whose `done` did not come yet; needed before its memory goes. */
void http_call_cancel(struct http_call *call);

#endif
