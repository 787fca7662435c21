/*
 * A change of the outbox as others are told of it. Its content is read now, not when it happened:
 * what was redacted or erased since is not told.
 */
#ifndef POSTROOM_SERVICES_HOOKS_CHANGE_JSON_H
#define POSTROOM_SERVICES_HOOKS_CHANGE_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"

struct db;
struct outbox_row;

/* change_json gives a new object: seq, id, type, at, and what it is about under the name of its
 * kind. */
MUST_USE bool change_json(struct db *db, struct arena *arena, const struct outbox_row *row,
                          json_t **ret_json, struct error *err);

#endif
