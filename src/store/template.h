/*
 * Revisions of templates: the sources that letters were made from, kept for good. The same source
 * is the same revision.
 */
#ifndef POSTROOM_STORE_TEMPLATE_H
#define POSTROOM_STORE_TEMPLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

struct template_revision {
    int64_t id;
    struct span name;
    struct span language;
    struct span digest; /* SHA-256 of the source */
    struct span source; /* JSON, see services/compose/template_set.h */
    int64_t at;
};

/* template_revision_take finds the revision of this name, language and digest, or writes it, and
 * sets its id. Needs a writer. */
MUST_USE bool template_revision_take(struct db *db, struct template_revision *revision,
                                     struct error *err);

/* template_revision_load reads one; *ret_found is false when there is none of that id. */
MUST_USE bool template_revision_load(struct db *db, struct arena *arena, int64_t id,
                                     struct template_revision *ret_revision, bool *ret_found,
                                     struct error *err);

#endif
