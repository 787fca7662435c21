/*
 * The arguments of a request out of the parts of an HTTP request.
 */
#ifndef POSTROOM_WEB_API_ARGUMENTS_H
#define POSTROOM_WEB_API_ARGUMENTS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"
#include "web/web.h"

/* api_arguments makes them, an object (a new reference). Fields of the query that the operation
 * does not have are refused by name; those of the body are the request's to judge. */
MUST_USE bool api_arguments(struct web_call *call, json_t **ret_args, struct error *err);

/* api_next_link writes where the next page is, when the answer has one, for the field Link; the
 * text lives in the call's arena. NULL: it was the last one. */
MUST_USE const char *api_next_link(struct web_call *call, const json_t *answer);

#endif
