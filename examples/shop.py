#!/usr/bin/python3
"""A shop that tells customers where their order is: shop.py order ADDRESS THING | ship ORDER

Its data is in ./shop.db, which postroom.yaml names: `inboxes: [/srv/shop/shop.db]`.

The customer is addressed directly ("to"), so nobody needs to watch anything. The order's own key
makes each message unique: a retried request that inserts its row again mails nobody twice.
"""

import contextlib
import json
import sqlite3
import sys

TABLES = """
CREATE TABLE IF NOT EXISTS customer_order (
    id INTEGER PRIMARY KEY, address TEXT NOT NULL, thing TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, payload TEXT NOT NULL, at INTEGER);
"""


def tell(db, order, address, thing, state, text):
    """Called inside the transaction that changes the order."""
    event = {
        "key": f"order-{order}-{state}",
        "topic": {"key": f"order/{order}", "title": thing},
        "kind": state,
        "text": text,
        "urgent": True,
        "people": [{"key": address, "address": address}],
        "to": [{"person": address, "reason": "customer"}],
    }
    db.execute("INSERT INTO inbox (payload) VALUES (?)", [json.dumps(event)])


def place(db, address, thing):
    order = db.execute("INSERT INTO customer_order (address, thing, state) "
                       "VALUES (?, ?, 'ordered')", [address, thing]).lastrowid
    tell(db, order, address, thing, "ordered", f"Thank you, we are packing: {thing}.")
    return order


def ship(db, order):
    row = db.execute("UPDATE customer_order SET state = 'shipped' WHERE id = ? "
                     "RETURNING address, thing", [order]).fetchone()
    if row is None:
        sys.exit(f"shop: no order {order}")
    tell(db, order, *row, "shipped", "It is on its way.")
    return order


def main():
    actions = {"order": place, "ship": ship}
    if len(sys.argv) < 3 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    with contextlib.closing(sqlite3.connect("shop.db", timeout=10)) as db:
        db.executescript(TABLES)
        with db:  # one transaction
            print("order", actions[sys.argv[1]](db, *sys.argv[2:]))


main()
