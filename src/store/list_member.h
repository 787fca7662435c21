/*
 * Who is on a list, on what basis, since when, and who was.
 */
#ifndef POSTROOM_STORE_LIST_MEMBER_H
#define POSTROOM_STORE_LIST_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "store/page.h"

struct db;

/* A membership. Texts borrow from the arena. */
struct list_member {
    int64_t id;
    int64_t list;
    int64_t person;
    struct span basis; /* why they may be on it; absent: at == NULL */
    struct span origin;
    int64_t since;
    int64_t left_at; /* 0: they are on it */
};

/* list_member_add puts somebody on a list; *ret_changed is false when they were on it, whose basis
 * and origin stay. */
MUST_USE bool list_member_add(struct db *db, const struct list_member *member, int64_t now_ms,
                              bool *ret_changed, struct error *err);

/* list_member_remove takes somebody off; *ret_changed is false when they were not on it. */
MUST_USE bool list_member_remove(struct db *db, int64_t list, int64_t person, int64_t now_ms,
                                 bool *ret_changed, struct error *err);

/* list_member_count counts who is on a list. */
MUST_USE bool list_member_count(struct db *db, int64_t list, int64_t *ret_count, struct error *err);

/* list_member_clear takes the next `most` people off a list; *ret_more is false when nobody was on
 * it any more. */
MUST_USE bool list_member_clear(struct db *db, int64_t list, size_t most, int64_t now_ms,
                                bool *ret_more, struct error *err);

/* list_member_exists tells whether somebody is on a list. */
MUST_USE bool list_member_exists(struct db *db, int64_t list, int64_t person, bool *ret_exists,
                                 struct error *err);

struct list_member_page {
    struct list_member *at;
    size_t n;
};

/* list_member_page_read reads a page of those who are on it, by person. list_member_page_past
 * reads memberships that have ended, by their id. */
MUST_USE bool list_member_page_read(struct db *db, struct arena *arena, int64_t list,
                                    struct page page, struct list_member_page *ret_members,
                                    struct error *err);
MUST_USE bool list_member_page_past(struct db *db, struct arena *arena, int64_t list,
                                    struct page page, struct list_member_page *ret_members,
                                    struct error *err);

/* list_member_page_of reads a page of the lists somebody is on, by list. */
MUST_USE bool list_member_page_of(struct db *db, struct arena *arena, int64_t person,
                                  struct page page, struct list_member_page *ret_members,
                                  struct error *err);

#endif
