/*
 * The road of an event in a test: taken in, fanned out, promoted, its mail ended, step by step at
 * the office's time.
 */
#ifndef POSTROOM_TESTS_WATCHING_ROAD_H
#define POSTROOM_TESTS_WATCHING_ROAD_H

#include "crypto/hmac.h"
#include "services/fanout/fan_out.h"
#include "services/fanout/promotion.h"
#include "services/intake/events.h"
#include "store/delivery.h"
#include "tests/support/office.h"

enum { WINDOW = 120000 };

UNUSED static void fan_out(struct office *o)
{
    int64_t last = 0;
    bool idle = false;

    if (!db_begin(o->db, &o->err))
        fail_msg("%s", o->err.text);
    while (!idle) {
        struct fan_out_terms terms = { .now_ms = o->now_ms, .window = WINDOW, .people = 2 };

        if (!fan_out_step(o->db, &terms, &last, &idle, &o->err))
            fail_msg("%s", o->err.text);
    }
    if (!db_commit(o->db, &o->err))
        fail_msg("%s", o->err.text);
}

UNUSED static void promote(struct office *o)
{
    static const char key[] = "a key of 32 bytes for the tests.";
    struct hmac *hmac = hmac_new((struct span){ key, 32 });
    struct promotion_terms terms = { o->now_ms, "example.org", hmac, 100, &o->settings, NULL };
    size_t count;

    if (!db_begin(o->db, &o->err) || !promotion_step(o->db, &terms, &count, &o->err) ||
        !db_commit(o->db, &o->err))
        fail_msg("%s", o->err.text);
    hmac_free(hmac);
}

UNUSED static void event(struct office *o, const char *args)
{
    office_ask(o, events_add, args);
    fan_out(o);
}

UNUSED static void pass(struct office *o, int64_t ms)
{
    o->now_ms += ms;
    promote(o);
}

#define COUNT(o, table, condition)                                                                 \
    office_count((o), SQL("SELECT count(*) FROM " table " WHERE " condition " AND 1 > $1"))
#define NUMBER(o, column, table, condition)                                                        \
    office_count((o), SQL("SELECT " column " FROM " table " WHERE " condition " AND 1 > $1"))

/* Moves a delivery through the states; a final one settles what was heard. */
UNUSED static void move(struct office *o, int64_t id, enum delivery_state to)
{
    struct delivery_row row;
    struct delivery_change change = {
        .to = to, .now_ms = o->now_ms, .due_at = o->now_ms + 1, .subject = SPAN("[x] It is broken")
    };
    bool found;
    bool done;

    if (!db_begin(o->db, &o->err) || !delivery_load(o->db, id, &row, &found, &o->err) ||
        !delivery_transition(o->db, &row, &change, &done, &o->err))
        fail_msg("%s", o->err.text);
    if (!db_commit(o->db, &o->err))
        fail_msg("%s", o->err.text);
}

UNUSED static void deliver(struct office *o, int64_t id)
{
    move(o, id, DELIVERY_SENDING);
    move(o, id, DELIVERY_DELIVERED);
}

#endif
