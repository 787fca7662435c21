/*
 * What an operator ordered about single mails, in order, with who and why: explain and trace show
 * it as long as the mail is kept.
 */
#ifndef POSTROOM_STORE_DELIVERY_ORDER_H
#define POSTROOM_STORE_DELIVERY_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"
#include "base/span.h"

struct db;

struct delivery_order {
    int64_t at;
    struct span what; /* now, hold, release, cancel, delivered, resend */
    struct span text; /* "by uid 1000: words" */
};

/* delivery_order_add keeps one, on the ledger. Its texts are borrowed for the call. */
MUST_USE bool delivery_order_add(struct db *db, int64_t delivery,
                                 const struct delivery_order *order, struct error *err);

struct delivery_order_list {
    struct delivery_order *at; /* the first one first */
    size_t n;
};

/* delivery_order_list_read reads the last `most` of a delivery into the arena. */
MUST_USE bool delivery_order_list_read(struct db *db, struct arena *arena, int64_t delivery,
                                       size_t most, struct delivery_order_list *ret_list,
                                       struct error *err);

#endif
