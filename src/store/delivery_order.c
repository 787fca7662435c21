/*
 * Rows of delivery_order: appended, never changed.
 */
#include "store/delivery_order.h"

#include "base/cleanup.h"
#include "store/db.h"

bool delivery_order_add(struct db *db, int64_t delivery, const struct delivery_order *order,
                        struct error *err)
{
    return db_run(db, err,
                  SQL("INSERT INTO delivery_order (delivery, at, nth, what, text) "
                      "SELECT $1, $2, coalesce(max(nth), 0) + 1, $3, $4 FROM delivery_order "
                      "WHERE delivery = $1"),
                  db_int(delivery), db_int(order->at), db_text(order->what),
                  db_text(order->text)) ||
           error_wrap(err, "an order for delivery %lld", (long long)delivery);
}

bool delivery_order_list_read(struct db *db, struct arena *arena, int64_t delivery, size_t most,
                              struct delivery_order_list *ret_list, struct error *err)
{
    struct delivery_order *orders = ARENA_ARRAY(arena, struct delivery_order, most);
    size_t first = most;
    CLEANUP(db_rows_end)
    struct db_rows *rows = db_query(db, err,
                                    SQL("SELECT at, what, text FROM delivery_order "
                                        "WHERE delivery = $1 ORDER BY nth DESC LIMIT $2"),
                                    db_int(delivery), db_int((int64_t)most));

    if (rows == NULL)
        return error_wrap(err, "reading the orders for delivery %lld", (long long)delivery);
    while (first > 0 && db_next(rows))
        orders[--first] =
            (struct delivery_order){ .at = db_column_int(rows, 0),
                                     .what = arena_copy(arena, db_column_text(rows, 1)),
                                     .text = arena_copy(arena, db_column_text(rows, 2)) };
    if (!db_rows_finish(&rows, err))
        return error_wrap(err, "reading the orders for delivery %lld", (long long)delivery);
    *ret_list = (struct delivery_order_list){ orders + first, most - first };
    return true;
}
