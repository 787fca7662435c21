/*
 * Key by key: what the file would say now against what it said then.
 */
#include "app/config/reload.h"

#include "app/config/key.h"
#include "app/config/value.h"
#include "base/cleanup.h"

enum { VALUE_MOST = 64 * 1024 };

static bool differs(const struct settings *a, const struct settings *b, const struct key *key)
{
    CLEANUP(buf_fini) struct buf one;
    CLEANUP(buf_fini) struct buf other;

    buf_init(&one, VALUE_MOST);
    buf_init(&other, VALUE_MOST);
    value_put(&one, a, key);
    value_put(&other, b, key);
    return !span_equal(buf_view(&one), buf_view(&other));
}

static void add_name(struct buf *to, const char *name)
{
    buf_printf(to, "%s%s", to->n > 0 ? " " : "", name);
}

/* A value that follows from others follows from those that hold. */
static void derive_anew(struct config *fresh, const struct key *keys, size_t count)
{
    const struct settings none = { 0 };

    for (size_t i = 0; i < count; i++)
        if (keys[i].live && keys[i].fallback == NULL && fresh->origins[i].line == 0)
            value_copy(&fresh->settings, &none, &keys[i]);
    config_derive(fresh);
}

void config_keep_running(struct config *fresh, const struct settings *running, struct buf *changed,
                         struct buf *waiting)
{
    size_t count;
    const struct key *keys = key_table(&count);

    for (size_t i = 0; i < count; i++) {
        if (keys[i].live)
            continue;
        if (differs(&fresh->settings, running, &keys[i]))
            add_name(waiting, keys[i].name);
        value_copy(&fresh->settings, running, &keys[i]);
    }
    derive_anew(fresh, keys, count);
    for (size_t i = 0; i < count; i++)
        if (keys[i].live && differs(&fresh->settings, running, &keys[i]))
            add_name(changed, keys[i].name);
}
