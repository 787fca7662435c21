/*
 * From a table of sums to JSON.
 */
#include "app/figures.h"

#include <stdio.h>

#include "domain/figure.h"

static json_t *value_of(const struct figure_entry *entry, int64_t value)
{
    if (entry->per == 1)
        return json_integer(value);
    return json_real((double)value / (double)entry->per);
}

json_t *figures_json(const struct figure_sums *sums)
{
    json_t *object = json_object();
    int64_t in_bucket = 0;

    for (int i = 0; i < FIGURES; i++) {
        const struct figure_entry *entry = figure_entry((enum figure)i);
        int64_t value = sums->at[i];
        char name[128];

        if (i >= FIGURE_COMMIT_1MS && i <= FIGURE_COMMIT_LONGER) {
            in_bucket += value;
            value = in_bucket;
        }
        if (entry->label[0] == '\0')
            (void)snprintf(name, sizeof name, "%s", entry->name);
        else
            (void)snprintf(name, sizeof name, "%s{%s}", entry->name, entry->label);
        (void)json_object_set_new(object, name, value_of(entry, value));
    }
    return object;
}
