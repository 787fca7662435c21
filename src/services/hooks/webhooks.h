/*
 * Requests about webhooks: webhook add, list, show, rm, enable, disable, rotate, replay, test.
 */
#ifndef POSTROOM_SERVICES_HOOKS_WEBHOOKS_H
#define POSTROOM_SERVICES_HOOKS_WEBHOOKS_H

#include "services/request/request.h"

/* webhooks_add makes one: {name, url, kinds, labels}; the answer alone has its secret. It is told
 * of what happens from now on. */
request_handler webhooks_add;

/* webhooks_list and webhooks_show tell how they do. Both read. */
request_handler webhooks_list;
request_handler webhooks_show;

/* webhooks_remove ends one and its watches; webhooks_disable stops it, webhooks_enable lets it go
 * on where it stood. */
request_handler webhooks_remove;
request_handler webhooks_disable;
request_handler webhooks_enable;

/* webhooks_rotate gives one a new secret, which the answer alone has; the one before signs as well
 * for {keep}, a duration. */
request_handler webhooks_rotate;

/* webhooks_replay lets one be told again of all after {after}, a seq, or {since}, a time. */
request_handler webhooks_replay;

/* webhooks_ping gives a signed call with nothing in it, for the command that tests a webhook: url,
 * fields, body. Reads. */
request_handler webhooks_ping;

#endif
