/*
 * Which names are good.
 */
#include "domain/topic_key.h"

#include <string.h>

#include "base/text.h"

/* `forbidden` are bytes that may not occur beside control characters. */
static bool check(const char *what, struct span name, size_t limit, const char *forbidden,
                  struct error *err)
{
    struct span shown = span_first(name, 60);

    if (name.n == 0)
        return error_set(err, ERROR_INVALID, "a %s cannot be empty", what);
    if (name.n > limit)
        return error_set(err, ERROR_LIMIT, "a %s has at most %zu bytes: \"%.*s...\"", what, limit,
                         SPAN_ARGS(shown));
    if (!text_is_utf8(name) || text_has_control(name))
        return error_set(err, ERROR_INVALID, "a %s is UTF-8 text without control characters", what);
    for (const char *byte = forbidden; *byte != '\0'; byte++)
        if (span_index(name, *byte) < name.n)
            return error_set(err, ERROR_INVALID, "a %s holds no \"%c\": \"%.*s\"", what, *byte,
                             SPAN_ARGS(shown));
    return true;
}

bool topic_key_check(struct span key, struct error *err)
{
    return check("topic's key", key, TOPIC_KEY_LIMIT, " *", err);
}

bool topic_watched_check(struct span key, struct error *err)
{
    if (span_ends(key, SPAN(TOPIC_EVERY)) && key.n > strlen(TOPIC_EVERY))
        key = span_first(key, key.n - strlen(TOPIC_EVERY));
    return topic_key_check(key, err);
}

struct span topic_key_kind(struct span key)
{
    return span_first(key, span_index(key, '/'));
}

bool kind_name_check(struct span name, struct error *err)
{
    return check("kind's name", name, KIND_NAME_LIMIT, " ,", err);
}

bool label_check(struct span label, struct error *err)
{
    return check("label", label, LABEL_LIMIT, "", err);
}

bool list_name_check(struct span name, struct error *err)
{
    return check("list's name", name, LIST_NAME_LIMIT, " ,", err);
}

static struct span name_behind(struct span text, struct span prefix)
{
    return span_starts(text, prefix) ? span_rest(text, prefix.n) : (struct span){ NULL, 0 };
}

struct span list_name_of_watcher(struct span text)
{
    return name_behind(text, SPAN(LIST_WATCHER));
}

struct span hook_name_of_watcher(struct span text)
{
    return name_behind(text, SPAN(HOOK_WATCHER));
}
