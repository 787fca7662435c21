/*
 * The HTTP side of the daemon: its socket, its threads, and which tables of routes they answer by.
 */
#ifndef POSTROOM_APP_HTTP_FRONT_H
#define POSTROOM_APP_HTTP_FRONT_H

#include "base/compiler.h"
#include "base/error.h"
#include "protocol/mail/token.h"

struct http_front;
struct ledger;
struct settings;
struct submission_paces;

/* http_front_new listens at settings->http.listen, or does nothing when there is none. NULL with
 * `err` when it cannot. The keys, of the tokens in mails, outlive it. */
MUST_USE struct http_front *http_front_new(const struct settings *settings, struct ledger *ledger,
                                           struct submission_paces *paces,
                                           struct token_key_list keys, struct error *err);

/* http_front_start starts its threads. http_front_stop, from another thread and while the ledger
 * runs, answers what was asked and ends them. */
void http_front_start(struct http_front *front);
void http_front_stop(struct http_front *front);

/* http_front_renew shows who connects from now on the certificate that stands in its file, if it
 * has changed; on failure the one before stays. From another thread, while it runs. */
MUST_USE bool http_front_renew(struct http_front *front, struct error *err);

/* http_front_free closes everything. NULL is allowed. */
void http_front_free(struct http_front *front);

#endif
