/*
 * The order of origins, and their names.
 */
#include "domain/site_limits.h"

#include <stddef.h>

#include "domain/settings.h"

static bool holds(const struct limit_set *set, enum site_limit_kind kind, int64_t now_ms)
{
    if (set == NULL || set->of[kind].value == 0)
        return false;
    return set->of[kind].until == 0 || now_ms < set->of[kind].until;
}

struct site_limit site_limits_binding(const struct site_limits *limits, enum site_limit_kind kind,
                                      int64_t now_ms)
{
    for (enum limit_origin origin = LIMIT_OF_OPERATOR; origin < LIMIT_ORIGINS; origin++) {
        const struct limit_set *set = limits->by[origin];

        if (holds(set, kind, now_ms))
            return (struct site_limit){ set->of[kind].value, origin, set->of[kind].since,
                                        set->of[kind].until };
    }
    return (struct site_limit){ .origin = LIMIT_OF_SETTING };
}

void limit_set_put(struct limit_set *set, enum site_limit_kind kind, int64_t value, int64_t now_ms,
                   int64_t until)
{
    set->of[kind].value = value;
    set->of[kind].since = now_ms;
    set->of[kind].until = until;
    set->of[kind].is_raised = false;
}

/* What may be found out by steps: mails a minute go up twofold, connections one by one. */
enum { RAISED_MOST = 60000 };

static int64_t higher(enum site_limit_kind kind, int64_t value)
{
    return kind == LIMIT_CONNECTIONS ? value + 1 : value * 2;
}

static int64_t lower(enum site_limit_kind kind, int64_t value)
{
    return kind == LIMIT_CONNECTIONS ? value - 1 : value / 2;
}

bool limit_set_raise(struct limit_set *set, enum site_limit_kind kind, int64_t most, int64_t now_ms)
{
    int64_t value = set->of[kind].value;
    int64_t since = set->of[kind].since;
    int64_t until = set->of[kind].until;
    int64_t for_ms = until - since;

    if (value == 0 || until == 0 || until > now_ms)
        return false;
    most = most == 0 || most > RAISED_MOST ? RAISED_MOST : most;
    while (for_ms > 0 && until <= now_ms && value < most) {
        value = higher(kind, value);
        since = until;
        until += for_ms;
    }
    limit_set_put(set, kind, for_ms > 0 && value < most ? value : 0, since, until);
    set->of[kind].is_raised = true;
    return set->of[kind].value != 0;
}

enum { LOWERED_MOST_MS = 6 * 60 * 60 * 1000 };

void limit_set_lower(struct limit_set *set, enum site_limit_kind kind, int64_t least,
                     int64_t now_ms, int64_t for_ms)
{
    int64_t value = lower(kind, set->of[kind].value);
    int64_t tried_ms = set->of[kind].until - set->of[kind].since;

    if (set->of[kind].is_raised && 2 * tried_ms > for_ms)
        for_ms = 2 * tried_ms > LOWERED_MOST_MS ? LOWERED_MOST_MS : 2 * tried_ms;
    if (value < least)
        value = set->of[kind].value < least ? set->of[kind].value : least;
    limit_set_put(set, kind, value, now_ms, now_ms + for_ms);
}

void limit_set_of_settings(const struct settings *settings, struct limit_set *ret_set)
{
    *ret_set = (struct limit_set){ 0 };
    limit_set_put(ret_set, LIMIT_CONNECTIONS, settings->site_connections, 0, 0);
    limit_set_put(ret_set, LIMIT_CONNECTION_MAILS, settings->connection_messages, 0, 0);
    limit_set_put(ret_set, LIMIT_CONNECTION_MS, settings->connection_time, 0, 0);
    limit_set_put(ret_set, LIMIT_IDLE_MS, settings->timeouts.idle, 0, 0);
}

static const char *const kind_names[SITE_LIMIT_KINDS] = {
    [LIMIT_CONNECTIONS] = "connections",
    [LIMIT_NEW_CONNECTIONS] = "new_connections",
    [LIMIT_MAILS] = "mails",
    [LIMIT_CONNECTION_MAILS] = "connection_mails",
    [LIMIT_CONNECTION_MS] = "connection_time",
    [LIMIT_IDLE_MS] = "idle_time",
};

const char *site_limit_kind_name(enum site_limit_kind kind)
{
    return kind_names[kind];
}

bool site_limit_kind_find(struct span name, enum site_limit_kind *ret_kind)
{
    for (enum site_limit_kind kind = 0; kind < SITE_LIMIT_KINDS; kind++) {
        if (span_equal(name, span_of(kind_names[kind]))) {
            *ret_kind = kind;
            return true;
        }
    }
    return false;
}

static const char *const origin_names[LIMIT_ORIGINS] = {
    [LIMIT_OF_OPERATOR] = "operator", [LIMIT_OF_SERVER] = "server",   [LIMIT_LEARNED] = "learned",
    [LIMIT_SHIPPED] = "shipped",      [LIMIT_OF_SETTING] = "setting",
};

const char *limit_origin_name(enum limit_origin origin)
{
    return origin_names[origin];
}

bool limit_origin_find(struct span name, enum limit_origin *ret_origin)
{
    for (enum limit_origin origin = 0; origin < LIMIT_ORIGINS; origin++) {
        if (span_equal(name, span_of(origin_names[origin]))) {
            *ret_origin = origin;
            return true;
        }
    }
    return false;
}
