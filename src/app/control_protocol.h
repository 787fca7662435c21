/*
 * What goes over the control socket: one JSON object a line each way.
 *   ask     {"request": "person.add", "args": {...}}
 *   answer  {"answer": {...}}   or   {"error": {"kind": "conflict", "text": "..."}}
 */
#ifndef POSTROOM_APP_CONTROL_PROTOCOL_H
#define POSTROOM_APP_CONTROL_PROTOCOL_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

enum { CONTROL_LINE_LIMIT = 80 << 20 };

/* control_put_ask, control_put_answer and control_put_error append a line. */
void control_put_ask(struct buf *to, const char *name, const json_t *args);
void control_put_answer(struct buf *to, const json_t *answer);
void control_put_error(struct buf *to, const struct error *err);

/* control_error_json gives an error as commands and the socket tell it: a new reference. */
MUST_USE json_t *control_error_json(const struct error *err);

/* control_read_ask takes a line apart; `ret_ask` is a new reference that holds both. */
MUST_USE bool control_read_ask(struct span line, json_t **ret_ask, const char **ret_name,
                               json_t **ret_args, struct error *err);

/* control_read_answer gives the answer, or the error that was sent as `err` and false. */
MUST_USE bool control_read_answer(struct span line, json_t **ret_answer, struct error *err);

#endif
