/*
 * Templates in the store: the files that were set there, and the revisions: the sources that
 * letters were made from, kept for good. The same source is the same revision.
 */
#ifndef POSTROOM_STORE_TEMPLATE_H
#define POSTROOM_STORE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

/* A file that was set. */
struct template_row {
    struct span file; /* its name, as it would have in a folder */
    struct span source;
    int64_t at;
};

struct template_row_list {
    struct template_row *at;
    size_t n;
};

enum { TEMPLATE_ROWS_MOST = 1000 };

/* template_rows_read reads all of them, by name. */
MUST_USE bool template_rows_read(struct db *db, struct arena *arena,
                                 struct template_row_list *ret_rows, struct error *err);

/* template_row_put sets one; what is to be composed from then on is composed with it. */
MUST_USE bool template_row_put(struct db *db, const struct template_row *row, struct error *err);

/* template_row_remove removes one, likewise. */
MUST_USE bool template_row_remove(struct db *db, struct span file, struct error *err);

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

/* template_revision_find finds it without writing. */
MUST_USE bool template_revision_find(struct db *db, struct template_revision *revision,
                                     bool *ret_found, struct error *err);

struct template_revision_list {
    struct template_revision *at;
    size_t n;
};

/* template_revisions_read reads the newest `most` of a name and language, without their sources. */
MUST_USE bool template_revisions_read(struct db *db, struct arena *arena,
                                      const struct template_revision *of, size_t most,
                                      struct template_revision_list *ret_revisions,
                                      struct error *err);

/* template_revision_load reads one; *ret_found is false when there is none of that id. */
MUST_USE bool template_revision_load(struct db *db, struct arena *arena, int64_t id,
                                     struct template_revision *ret_revision, bool *ret_found,
                                     struct error *err);

#endif
