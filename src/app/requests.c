/*
 * Every request, once. Rows are sorted by name for people.
 */
#include "app/requests.h"

#include <string.h>

/* clang-format off */
static const struct request_entry entries[] = {
    { NULL, NULL, false },
};
/* clang-format on */

const struct request_entry *requests_find(const char *name)
{
    for (const struct request_entry *entry = entries; entry->name != NULL; entry++)
        if (strcmp(entry->name, name) == 0)
            return entry;
    return NULL;
}
