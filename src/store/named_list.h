/*
 * Lists: named sets of people, with the record of how each came to be on them. A removed list
 * stays on record, so that "why" can name it, and its name is free again.
 */
#ifndef POSTROOM_STORE_NAMED_LIST_H
#define POSTROOM_STORE_NAMED_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "store/page.h"

struct db;

/* A list's row. Texts borrow from the arena. */
struct named_list {
    int64_t id;
    struct span name;
    struct span title; /* absent: at == NULL */
    int64_t made_at;
};

/* named_list_make makes one; a name that is taken is ERROR_CONFLICT. */
MUST_USE bool named_list_make(struct db *db, struct named_list *list, int64_t now_ms,
                              struct error *err);

/* named_list_need finds the list of a name; ERROR_NOT_FOUND when there is none. */
MUST_USE bool named_list_need(struct db *db, struct arena *arena, struct span name,
                              struct named_list *ret_list, struct error *err);

/* named_list_name gives the name of an id, of a removed one too; "?" when there never was one. */
MUST_USE bool named_list_name(struct db *db, struct arena *arena, int64_t id, struct span *ret_name,
                              struct error *err);

struct named_list_page {
    struct named_list *at;
    size_t n;
};

/* named_list_page_read reads a page in order of id. */
MUST_USE bool named_list_page_read(struct db *db, struct arena *arena, struct page page,
                                   struct named_list_page *ret_lists, struct error *err);

/* named_list_retire ends a list; its members and watches must have been ended before. */
MUST_USE bool named_list_retire(struct db *db, int64_t id, int64_t now_ms, struct error *err);

#endif
