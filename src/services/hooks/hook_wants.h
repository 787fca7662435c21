/*
 * Which kinds of changes are written into the outbox: those that the settings name and those that a
 * webhook wants.
 */
#ifndef POSTROOM_SERVICES_HOOKS_HOOK_WANTS_H
#define POSTROOM_SERVICES_HOOKS_HOOK_WANTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

struct db;
struct settings;

/* hook_wants_renew works out what is wanted from now on. */
MUST_USE bool hook_wants_renew(struct db *db, const struct settings *settings, struct error *err);

/* hook_kinds_json gives an array of the names in a mask. */
MUST_USE json_t *hook_kinds_json(int64_t kinds);

#endif
