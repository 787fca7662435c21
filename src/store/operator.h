/*
 * Operators: the people who run the installation, each with a role that bounds their tokens.
 */
#ifndef POSTROOM_STORE_OPERATOR_H
#define POSTROOM_STORE_OPERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

struct operator_row {
    int64_t id;
    struct span name;
    int role; /* enum access_role */
    int64_t made_at;
};

/* operator_insert stores a new one and gives it an id; a taken name is ERROR_CONFLICT. */
MUST_USE bool operator_insert(struct db *db, struct operator_row *row, struct error *err);

/* operator_find finds one by name; texts in the arena. */
MUST_USE bool operator_find(struct db *db, struct arena *arena, struct span name,
                            struct operator_row *ret_row, bool *ret_found, struct error *err);

MUST_USE bool operator_set_role(struct db *db, int64_t id, int role, struct error *err);

struct operator_list {
    struct operator_row *at;
    size_t n;
};

/* operator_list_read gives those with an id above `after`. */
MUST_USE bool operator_list_read(struct db *db, struct arena *arena, int64_t after, size_t room,
                                 struct operator_list *ret_list, struct error *err);

#endif
