/*
 * A doubly linked ring whose links live in the elements. An element is in at most one list per
 * link; list_remove of an unlinked element does nothing.
 */
#ifndef POSTROOM_BASE_LIST_H
#define POSTROOM_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct list {
    struct list *next;
    struct list *prev;
};

/* list_init makes a head, or an unlinked element. */
void list_init(struct list *l);

/* list_empty is true for a head without elements, and for an unlinked element. */
MUST_USE bool list_empty(const struct list *l);

/* list_append puts `element` last, list_prepend first. */
void list_append(struct list *head, struct list *element);
void list_prepend(struct list *head, struct list *element);

/* list_remove unlinks `element` and leaves it ready for another list. */
void list_remove(struct list *element);

/* list_first gives the first link or NULL. */
MUST_USE struct list *list_first(const struct list *head);

/* LIST_EACH walks the list; the element at hand may be removed in the body. */
/* NOLINTBEGIN(bugprone-macro-parentheses): `link` is a name to declare, not an expression */
#define LIST_EACH(head, link)                                                                      \
    for (struct list *link = (head)->next, *link##_next = link->next; link != (head);              \
         link = link##_next, link##_next = link->next)
/* NOLINTEND(bugprone-macro-parentheses) */

#endif
