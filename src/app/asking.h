/*
 * Asking a request from a command: reading ones on a read-only connection of our own, writing
 * ones by the daemon's control socket, or, with no daemon, in this process under the store's
 * lock. The same handlers run in all three.
 */
#ifndef POSTROOM_APP_ASKING_H
#define POSTROOM_APP_ASKING_H

#include <jansson.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"

struct config;

/* asking_ask gives the answer of the request named; blocking. It waits some seconds for another
 * command to be done with the store, and for a daemon that starts. With `patience_s` above 0 a
 * daemon that is silent for so long is given up: ERROR_TEMPORARY. */
MUST_USE bool asking_ask(const struct config *config, const char *name, json_t *args,
                         int patience_s, json_t **ret_answer, struct error *err);

/* asking_follow asks a request about the running daemon whose answers go on: `told` gets each,
 * borrowed, until it returns false or the daemon is gone, which is ERROR_TEMPORARY. */
MUST_USE bool asking_follow(const struct config *config, const char *name, json_t *args,
                            bool (*told)(void *owner, const json_t *answer), void *owner,
                            struct error *err);

#endif
