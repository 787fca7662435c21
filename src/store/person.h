/*
 * People: who they are, where they are reached, and the number that grows with every change that
 * may decide whether or how they are mailed.
 */
#ifndef POSTROOM_STORE_PERSON_H
#define POSTROOM_STORE_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "domain/mail_address.h"
#include "domain/person_reference.h"
#include "domain/person_status.h"
#include "domain/quiet_hours.h"
#include "store/page.h"

struct db;
struct db_rows;

/* A person's row. Texts borrow from the arena they were loaded to; an absent one has at == NULL. */
struct person {
    int64_t id; /* 0: not stored yet */
    struct span key;
    struct span name;
    struct span languages; /* a JSON array, best first */
    struct span timezone;
    struct span attributes; /* a JSON object */
    enum person_status status;
    struct span auto_watch; /* rules that may watch for them, by commas; absent: all */
    bool self_notify;       /* wants mail about what they did themselves */
    struct quiet_hours quiet;
    int64_t version;
    int64_t made_at;
    int64_t merged_into; /* the person they turned out to be; 0: nobody else */
};

enum { PERSON_ADDRESSES_LIMIT = 20, PERSON_HANDLE_LIMIT = 340 };

/* person_find finds whom a reference means: the person of that key, else the one of that address;
 * *ret_id is 0 when there is nobody. An address of several people fails with ERROR_CONFLICT and
 * names them. */
MUST_USE bool person_find(struct db *db, const struct person_reference *reference, int64_t *ret_id,
                          struct error *err);

/* person_need is person_find that fails with ERROR_NOT_FOUND when there is nobody. */
MUST_USE bool person_need(struct db *db, const struct person_reference *reference, int64_t *ret_id,
                          struct error *err);

/* person_load reads one row; fails with ERROR_NOT_FOUND when there is none. */
MUST_USE bool person_load(struct db *db, struct arena *arena, int64_t id, struct person *ret_person,
                          struct error *err);

struct person_list {
    struct person *at;
    size_t n;
};

/* person_status_of tells a person's status; somebody who is gone is inactive. */
MUST_USE bool person_status_of(struct db *db, int64_t id, enum person_status *ret_status,
                               struct error *err);

/* person_page reads a page of people in order of id. */
MUST_USE bool person_page(struct db *db, struct arena *arena, struct page page,
                          struct person_list *ret_people, struct error *err);

/* person_save writes all of the row: a new one when id is 0, which it then sets. A key of
 * somebody else is ERROR_CONFLICT. */
MUST_USE bool person_save(struct db *db, struct person *person, int64_t now_ms, struct error *err);

/* person_addresses reads the addresses in their order. */
MUST_USE bool person_addresses(struct db *db, struct arena *arena, int64_t person,
                               struct mail_address **ret_addresses, size_t *ret_count,
                               struct error *err);

/* person_address_read reads the columns address, normal and domain, which must come first. */
void person_address_read(struct db_rows *rows, struct mail_address *ret_address);

/* person_set_addresses replaces them all, the first being the preferred one. */
MUST_USE bool person_set_addresses(struct db *db, int64_t person,
                                   const struct mail_address *addresses, size_t count,
                                   struct error *err);

/* person_with_address gives the first person who has an address of this normal form, 0 when nobody
 * has; person_sole_with_address is 0 also when several have. */
MUST_USE bool person_with_address(struct db *db, const char *normal, int64_t *ret_id,
                                  struct error *err);
MUST_USE bool person_sole_with_address(struct db *db, const char *normal, int64_t *ret_id,
                                       struct error *err);

/* person_handle_put appends what a command can name the person by: the key, else an address that
 * is theirs alone, else "#17"; of a list "list:NAME". At most PERSON_HANDLE_LIMIT bytes. */
MUST_USE bool person_handle_put(struct db *db, struct buf *to, int64_t who, struct error *err);

/* person_touch lets the version of a person grow, so that a letter composed before is composed
 * again. To be called with every change of the person, their addresses, grants, suppressions. */
MUST_USE bool person_touch(struct db *db, int64_t person, struct error *err);

/* person_touch_address does so for all whose address has this normal form; "@domain" makes every
 * letter stale. */
MUST_USE bool person_touch_address(struct db *db, struct span normal, struct error *err);

#endif
