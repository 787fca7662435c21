/*
 * Names of rules.
 */
#include "domain/auto_watch.h"

static const struct {
    const char *rule;
    const char *reason; /* to be addressed; NULL: not by being addressed */
} rules_known[] = {
    { AUTO_WATCH_AUTHOR, "author" },  { "assignee", "assigned" },
    { "mentioned", "mentioned" },     { "cc", "cc" },
    { AUTO_WATCH_PARTICIPANT, NULL },
};

static bool is_known(struct span rule)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rules_known); i++)
        if (span_equal(rule, span_of(rules_known[i].rule)))
            return true;
    return false;
}

bool auto_watch_check(struct span rules, struct error *err)
{
    while (rules.n > 0) {
        struct span rule = span_take_until(&rules, ',');

        if (!is_known(rule))
            return error_set(err, ERROR_INVALID,
                             "\"%.*s\" is none of author, assignee, mentioned, cc, participant",
                             SPAN_ARGS(span_first(rule, 40)));
    }
    return true;
}

const char *auto_watch_rule_of(struct span reason)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rules_known); i++)
        if (rules_known[i].reason != NULL &&
            span_equal_nocase(reason, span_of(rules_known[i].reason)))
            return rules_known[i].rule;
    return NULL;
}

bool auto_watch_allows(struct span rules, const char *rule)
{
    while (rules.n > 0)
        if (span_equal(span_take_until(&rules, ','), span_of(rule)))
            return true;
    return false;
}
