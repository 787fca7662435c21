/*
 * Giving answers: JSON, plain text, and errors as problem details (RFC 9457). Each function ends
 * the call; the struct may be gone after it.
 */
#ifndef POSTROOM_WEB_ANSWER_HTTP_H
#define POSTROOM_WEB_ANSWER_HTTP_H

#include <jansson.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "net/http_server.h"
#include "web/web.h"

/* web_answer gives bytes of a content type; `fields` go beside those of every answer, NULL: none.
 */
void web_answer(struct web_call *call, int status, const char *type, struct span body,
                const struct http_field *fields);

/* web_answer_json gives a JSON value, borrowed; `fields` as above. */
void web_answer_json(struct web_call *call, int status, const json_t *value,
                     const struct http_field *fields);

/* web_fail answers with what an error of ours means over HTTP. */
void web_fail(struct web_call *call, const struct error *err);

/* web_refuse answers with a status and a sentence; `fields` as above. */
void web_refuse(struct web_call *call, int status, const char *detail,
                const struct http_field *fields);

/* http_status_of gives the status for an error. */
MUST_USE int http_status_of(enum error_kind kind);

/* problem_json makes the problem details; `err` may be NULL. */
MUST_USE json_t *problem_json(int status, const char *detail, const struct error *err);

/* http_exchange_refuse answers a request that is no call yet. */
void http_exchange_refuse(struct http_exchange *exchange, int status, const char *detail,
                          const struct http_field *fields);

#endif
