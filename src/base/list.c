/*
 * Linked rings.
 */
#include "base/list.h"

void list_init(struct list *l)
{
    l->next = l;
    l->prev = l;
}

bool list_empty(const struct list *l)
{
    return l->next == l;
}

static void insert_between(struct list *prev, struct list *next, struct list *element)
{
    element->prev = prev;
    element->next = next;
    prev->next = element;
    next->prev = element;
}

void list_append(struct list *head, struct list *element)
{
    insert_between(head->prev, head, element);
}

void list_prepend(struct list *head, struct list *element)
{
    insert_between(head, head->next, element);
}

void list_remove(struct list *element)
{
    element->prev->next = element->next;
    element->next->prev = element->prev;
    list_init(element);
}

struct list *list_first(const struct list *head)
{
    return list_empty(head) ? NULL : head->next;
}
