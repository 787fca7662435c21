/*
 * Looking for deliveries: by whom they are for, by their Message-ID, by what was said. The newest
 * first, page by page, each page after a bounded number of rows looked at.
 */
#ifndef POSTROOM_STORE_DELIVERY_LIST_H
#define POSTROOM_STORE_DELIVERY_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"
#include "store/delivery.h"

struct db;

/* What is looked for: all of it must hold. Texts with at == NULL and zeros ask nothing. */
struct delivery_filter {
    struct span normal;     /* normal form of the recipient's address */
    int64_t person;         /* who the recipient is */
    struct span message_id; /* without angle brackets */
    struct span domain;     /* recipient domain, A-labels */
    struct span site;       /* key of the site it goes to */
    bool has_state;
    enum delivery_state state;
    int64_t since;       /* made then or later */
    struct span subject; /* a part of the subject, whatever its case */
    struct span words;   /* a part of what a server or postroom said, whatever its case */
    int64_t before;      /* only ids below this one */
    size_t limit;        /* how many at most */
};

struct delivery_list {
    struct delivery_row *at;
    size_t n;
    int64_t next; /* `before` of the next page; 0: this was the last one */
    bool is_cut;  /* the look ended at its bound, before the page was full */
};

/* How many rows are looked at for one page. */
enum { DELIVERY_SCAN_MOST = 20000 };

/* delivery_list_read gives a page, which may be short, or empty, though a next one follows. */
MUST_USE bool delivery_list_read(struct db *db, struct arena *arena,
                                 const struct delivery_filter *filter,
                                 struct delivery_list *ret_list, struct error *err);

/* delivery_unended gives the ids of deliveries to an address that have not ended, at most `room`:
 * of the newest DELIVERY_SCAN_MOST to it. */
MUST_USE bool delivery_unended(struct db *db, struct span normal, int64_t *ids, size_t room,
                               size_t *ret_n, struct error *err);

#endif
