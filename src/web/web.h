/*
 * What answers HTTP: one on each HTTP loop, with a read-only connection to the store of its own.
 * It finds the route of a request, lets it be answered, and does what all answers have in common.
 */
#ifndef POSTROOM_WEB_WEB_H
#define POSTROOM_WEB_WEB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/error.h"
#include "net/http_server.h"
#include "protocol/mail/token.h"
#include "services/request/caller.h"
#include "store/ledger.h"
#include "web/pace.h"
#include "web/route.h"

struct db;
struct request_entry;
struct settings;
struct submission_paces;
struct web;

struct web_options {
    struct loop *loop;
    int socket; /* listening; see http_server.h */
    const struct settings *settings;
    struct ledger *ledger;
    const struct http_route *const *tables; /* of routes; a list ended by NULL */
    const struct request_entry *(*find_request)(const char *name); /* the table of requests */
    struct submission_paces *paces;
    struct token_key_list keys; /* of the tokens in mails */
    const char *certificate;    /* PEM; NULL: no TLS */
    const char *key;
    size_t share; /* how many loops there are: each has its part of the connections */
};

/* web_new begins to answer as soon as its loop runs. NULL with `err` when it cannot. */
MUST_USE struct web *web_new(const struct web_options *options, struct error *err);

/* web_renew is http_server_renew: another certificate for who connects from now on. */
MUST_USE bool web_renew(struct web *web, const char *certificate, const char *key,
                        struct error *err);

/* web_stop takes no connection any more and calls `done` when every request is answered; from the
 * loop's thread, while the ledger runs. web_free ends it; NULL is allowed. */
void web_stop(struct web *web, void (*done)(void *owner), void *owner);
void web_free(struct web *web);

/* One request on its way to its answer; lives until then, in the arena of the exchange. */
struct web_call {
    struct web *web;
    struct http_exchange *exchange;
    const struct http_request *request;
    struct route_match match;
    struct caller caller; /* all zero on a route that is open to everybody */
};

/* A job of the ledger for a web, first member of the submitter's struct. */
struct web_job {
    struct ledger_job job; /* first: its name and run are the submitter's to set */
    struct web *web;
    void (*done)(struct web_job *job); /* on the web's loop, after commit or failure */
};

/* web_submit hands it to the ledger; it belongs to the web until `done`. */
void web_submit(struct web *web, struct web_job *job);

/* What a route's function may use. The connection is read-only and in no transaction. */
MUST_USE struct db *web_reader(const struct web *web);
MUST_USE const struct settings *web_settings(const struct web *web);
MUST_USE const struct request_entry *web_find_request(const struct web *web, const char *name);
MUST_USE struct token_keys *web_token_keys(const struct web *web);
MUST_USE struct pace *web_pace(struct web *web);
/* web_submission_wait_ms counts a ready-made message that the caller hands in; see
 * submission_paces_take. */
MUST_USE int64_t web_submission_wait_ms(const struct web_call *call);
MUST_USE struct loop *web_loop(const struct web *web);
MUST_USE int64_t web_now_ms(const struct web *web);

#endif
