/*
 * Who may do what: scopes, which a token holds and a route needs, and roles of operators, which
 * are sets of scopes. Sets are masks; their words are names divided by commas.
 */
#ifndef POSTROOM_DOMAIN_ACCESS_H
#define POSTROOM_DOMAIN_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/span.h"

enum access_role {
    ROLE_READER,
    ROLE_AUTHOR,
    ROLE_APPROVER,
    ROLE_OPERATOR,
    ROLE_ADMINISTRATOR,
    ROLE_COUNT
};

/* access_scope finds the set that a name stands for: what may write may read, too. 0: no such
 * scope. */
MUST_USE uint64_t access_scope(struct span name);

/* access_scope_name gives the n-th scope there is, NULL after the last. */
MUST_USE const char *access_scope_name(size_t n);

/* access_put_scopes writes a set as names divided by commas, without those that others imply. */
void access_put_scopes(struct buf *to, uint64_t scopes);

/* access_read_scopes reads such names; *ret_unknown is the first that is none, else empty. */
MUST_USE uint64_t access_read_scopes(struct span names, struct span *ret_unknown);

/* access_role_find finds a role by its name. access_role_name and access_role_scopes tell its name
 * and what it may. */
MUST_USE bool access_role_find(struct span name, enum access_role *ret_role);
MUST_USE const char *access_role_name(enum access_role role);
MUST_USE uint64_t access_role_scopes(enum access_role role);

#endif
