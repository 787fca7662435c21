/*
 * One line a provider: its name, suffixes (each begins with a dot), and limits KIND=VALUE.
 */
#include "domain/provider_table.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/text.h"
#include "domain/providers_internal.h"

enum { PROVIDERS_MOST = 1000 };

static struct span next_word(struct span *rest)
{
    *rest = span_trim(*rest);
    return span_trim(span_take_until(rest, ' '));
}

static bool read_value(enum site_limit_kind kind, struct span text, int64_t *ret_value)
{
    if (kind == LIMIT_CONNECTION_MS || kind == LIMIT_IDLE_MS)
        return text_to_duration(text, ret_value) && *ret_value > 0;
    return text_to_integer(text, 1, 1000000, ret_value);
}

static bool read_limit(struct span word, struct limit_set *limits, struct error *err)
{
    struct span rest = word;
    struct span name = span_take_until(&rest, '=');
    enum site_limit_kind kind;
    int64_t value;

    if (!site_limit_kind_find(name, &kind))
        return error_set(err, ERROR_INVALID, "there is no limit \"%.*s\"", SPAN_ARGS(name));
    if (!read_value(kind, rest, &value))
        return error_set(err, ERROR_INVALID, "\"%.*s\" is no value of %s", SPAN_ARGS(rest),
                         site_limit_kind_name(kind));
    limit_set_put(limits, kind, value, 0, 0);
    return true;
}

/* The suffixes stand together, before the limits. */
static bool read_provider(struct span line, struct provider *provider, struct error *err)
{
    struct span rest = line;
    const char *first;

    *provider = (struct provider){ .name = next_word(&rest) };
    rest = span_trim(rest);
    first = rest.at;
    while (rest.n > 0 && rest.at[0] == '.') {
        struct span suffix = next_word(&rest);

        provider->suffixes = (struct span){ first, (size_t)(suffix.at + suffix.n - first) };
        rest = span_trim(rest);
    }
    if (provider->suffixes.n == 0)
        return error_set(err, ERROR_INVALID, "no suffix such as .example.net");
    while (rest.n > 0)
        if (!read_limit(next_word(&rest), &provider->limits, err))
            return false;
    return true;
}

bool provider_table_read(struct span text, struct provider_table *ret_table, struct error *err)
{
    struct provider_table table = { alloc_array(PROVIDERS_MOST, sizeof(struct provider)), 0 };
    int line_number = 0;

    while (text.n > 0) {
        struct span line = span_trim(span_take_until(&text, '\n'));

        line_number++;
        if (line.n == 0 || line.at[0] == '#')
            continue;
        if (table.n == PROVIDERS_MOST || !read_provider(line, &table.at[table.n++], err)) {
            provider_table_fini(&table);
            return error_wrap(err, "line %d", line_number);
        }
    }
    *ret_table = table;
    return true;
}

void provider_table_shipped(struct provider_table *ret_table)
{
    const struct span text = { shipped_providers[0].bytes, shipped_providers[0].n };
    struct error err;
    bool ok = provider_table_read(text, ret_table, &err);

    assert(ok); /* a test reads it */
    (void)ok;
}

void provider_table_fini(struct provider_table *table)
{
    alloc_free(table->at);
    table->at = NULL;
    table->n = 0;
}

const struct provider *provider_table_find(const struct provider_table *table, struct span host)
{
    for (size_t i = 0; i < table->n; i++) {
        struct span suffixes = table->at[i].suffixes;

        while (suffixes.n > 0)
            if (span_ends(host, next_word(&suffixes)))
                return &table->at[i];
    }
    return NULL;
}
