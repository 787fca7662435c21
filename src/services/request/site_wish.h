/*
 * A recipient domain or a site as a request names it.
 */
#ifndef POSTROOM_SERVICES_REQUEST_SITE_WISH_H
#define POSTROOM_SERVICES_REQUEST_SITE_WISH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "services/request/request.h"

struct db;

/* request_domain reads a field that names a recipient domain, in any form people write one, and
 * gives it as the store has it, in the arena; at == NULL when it is absent. */
MUST_USE bool request_domain(const struct request *request, const char *field, struct arena *arena,
                             struct span *ret_domain, struct error *err);

/* request_site reads a field that names a site by its key, one of its MX hosts or a recipient
 * domain it serves, and gives its key; it must be there. What means several sites is refused with
 * the names of all. */
MUST_USE bool request_site(struct db *db, const struct request *request, const char *field,
                           struct arena *arena, struct span *ret_key, struct error *err);

#endif
