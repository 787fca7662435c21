/*
 * How much a site may be asked: limits of several origins, of which the first that says anything
 * holds: the operator, the server's own words, what was learned, the shipped table, the setting.
 * Pure: time comes in.
 */
#ifndef POSTROOM_DOMAIN_SITE_LIMITS_H
#define POSTROOM_DOMAIN_SITE_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/span.h"

struct settings;

enum site_limit_kind {
    LIMIT_CONNECTIONS,      /* at a time */
    LIMIT_NEW_CONNECTIONS,  /* a minute */
    LIMIT_MAILS,            /* a minute */
    LIMIT_CONNECTION_MAILS, /* over one connection */
    LIMIT_CONNECTION_MS,    /* how long one connection is used */
    LIMIT_IDLE_MS,          /* how long one is kept without work */
    SITE_LIMIT_KINDS
};

enum limit_origin {
    LIMIT_OF_OPERATOR,
    LIMIT_OF_SERVER,
    LIMIT_LEARNED,
    LIMIT_SHIPPED,
    LIMIT_OF_SETTING,
    LIMIT_ORIGINS
};

/* What one origin says; a value of 0 says nothing. */
struct limit_set {
    struct {
        int64_t value;
        int64_t since;  /* UTC; 0: always */
        int64_t until;  /* UTC; 0: for good */
        bool is_raised; /* by limit_set_raise: it has not proved good yet */
    } of[SITE_LIMIT_KINDS];
};

/* Sets are borrowed; NULL says nothing. */
struct site_limits {
    const struct limit_set *by[LIMIT_ORIGINS];
};

/* A limit as it holds. */
struct site_limit {
    int64_t value; /* 0: there is none */
    enum limit_origin origin;
    int64_t since;
    int64_t until;
};

/* site_limits_binding gives the one that holds at `now_ms`. */
MUST_USE struct site_limit site_limits_binding(const struct site_limits *limits,
                                               enum site_limit_kind kind, int64_t now_ms);

/* limit_set_put sets a value from now until then (0: for good). */
void limit_set_put(struct limit_set *set, enum site_limit_kind kind, int64_t value, int64_t now_ms,
                   int64_t until);

/* limit_set_raise lets a value that has run out be one step higher for as long again; one that
 * would reach `most` (0: far more than anybody wants) is forgotten. True when there is a new value.
 */
MUST_USE bool limit_set_raise(struct limit_set *set, enum site_limit_kind kind, int64_t most,
                              int64_t now_ms);

/* limit_set_lower takes a step down, but never below `least`, or down to `least` when the value is
 * less. It holds for `for_ms`; twice as long as it was tried for when it had been raised. */
void limit_set_lower(struct limit_set *set, enum site_limit_kind kind, int64_t least,
                     int64_t now_ms, int64_t for_ms);

/* limit_set_of_settings gives the limits of a site nobody knows better. */
void limit_set_of_settings(const struct settings *settings, struct limit_set *ret_set);

/* site_limit_kind_name gives "connections", "mails", ...; _find reads one. limit_origin_name gives
 * "operator", "server", "learned", "shipped", "setting". */
MUST_USE const char *site_limit_kind_name(enum site_limit_kind kind);
MUST_USE bool site_limit_kind_find(struct span name, enum site_limit_kind *ret_kind);
MUST_USE const char *limit_origin_name(enum limit_origin origin);
MUST_USE bool limit_origin_find(struct span name, enum limit_origin *ret_origin);

#endif
