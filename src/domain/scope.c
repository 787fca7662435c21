/*
 * Lists of scopes.
 */
#include "domain/scope.h"

#include <stdlib.h>

const struct scope *scope_list_find(const struct scope_list *list, int64_t topic)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i].topic == topic)
            return &list->at[i];
    return NULL;
}

bool scope_list_add(struct scope_list *list, int64_t topic, int distance, struct error *err)
{
    const struct scope *known = scope_list_find(list, topic);

    if (known != NULL) {
        if (distance < known->distance)
            list->at[known - list->at].distance = distance;
        return true;
    }
    if (list->n == SCOPES_LIMIT)
        return error_set(err, ERROR_LIMIT, "more than %d topics are concerned", SCOPES_LIMIT);
    list->at[list->n++] = (struct scope){ topic, distance };
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct scope *left = a;
    const struct scope *right = b;

    if (left->distance != right->distance)
        return left->distance < right->distance ? -1 : 1;
    return left->topic < right->topic ? -1 : left->topic > right->topic;
}

void scope_list_sort(struct scope_list *list)
{
    if (list->n > 0)
        qsort(list->at, list->n, sizeof(list->at[0]), compare);
}
