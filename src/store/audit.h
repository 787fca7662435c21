/*
 * The audit: who changed what, when and through what. Append-only.
 */
#ifndef POSTROOM_STORE_AUDIT_H
#define POSTROOM_STORE_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

struct audit_row {
    int64_t id;
    int64_t at;
    struct span by;      /* "uid 1000", "token shop of ann", "page" */
    struct span request; /* "person.set" */
    struct span subject; /* "person brian"; empty: none */
    struct span args;    /* JSON, as `before` and `after`; at == NULL: none */
    struct span before;
    struct span after;
};

/* audit_append adds a row and gives it an id. */
MUST_USE bool audit_append(struct db *db, struct audit_row *row, struct error *err);

/* What to list, the latest first: texts with at == NULL mean all. `by` is what the record begins
 * with, "token shop" for one. */
struct audit_page {
    struct span by;
    struct span subject;
    int64_t since;
    int64_t before; /* ids under this one */
    size_t room;
};

struct audit_list {
    struct audit_row *at;
    size_t n;
};

/* audit_list_read reads a page into the arena. */
MUST_USE bool audit_list_read(struct db *db, struct arena *arena, const struct audit_page *page,
                              struct audit_list *ret_list, struct error *err);

#endif
