/*
 * The plans of the statements a connection has prepared, the very ones the code ran: so that a test
 * may say that none of them walks a whole table or sorts.
 */
#ifndef POSTROOM_TESTS_SUPPORT_QUERY_PLANS_H
#define POSTROOM_TESTS_SUPPORT_QUERY_PLANS_H

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/db_sqlite_internal.h"
#include "tests/support/cmocka.h"

enum { QUERY_PLAN_LIMIT = 100000 };

/* One line a step, as EXPLAIN QUERY PLAN has it, each after "statement: ". */
UNUSED static void query_plans_put(struct buf *to, struct db *db)
{
    for (sqlite3_stmt *s = sqlite3_next_stmt(db->handle, NULL); s != NULL;
         s = sqlite3_next_stmt(db->handle, s)) {
        CLEANUP(buf_fini) struct buf text;
        sqlite3_stmt *plan = NULL;

        buf_init(&text, QUERY_PLAN_LIMIT);
        buf_printf(&text, "EXPLAIN QUERY PLAN %s", sqlite3_sql(s));
        if (sqlite3_prepare_v2(db->handle, buf_text(&text), -1, &plan, NULL) != SQLITE_OK)
            fail_msg("%s: %s", buf_text(&text), sqlite3_errmsg(db->handle));
        while (sqlite3_step(plan) == SQLITE_ROW)
            buf_printf(to, "%s: %s\n", sqlite3_sql(s), (const char *)sqlite3_column_text(plan, 3));
        (void)sqlite3_finalize(plan);
    }
}

/* Fails when a statement that names `table` walks all of a table or sorts. */
UNUSED static void query_plans_expect_ranges(struct db *db, const char *table)
{
    CLEANUP(buf_fini) struct buf plans;
    struct span rest;
    int seen = 0;

    buf_init(&plans, QUERY_PLAN_LIMIT);
    query_plans_put(&plans, db);
    rest = buf_view(&plans);
    while (rest.n > 0) {
        struct span line = span_take_until(&rest, '\n');

        if (span_find(line, span_of(table)) == line.n)
            continue;
        seen++;
        if (span_find(line, SPAN(": SCAN ")) < line.n || span_find(line, SPAN("B-TREE")) < line.n)
            fail_msg("not a range of an index: %.*s", SPAN_ARGS(line));
    }
    assert_true(seen > 0);
}

/* Fails when no statement uses the index. */
UNUSED static void query_plans_expect_index(struct db *db, const char *index)
{
    CLEANUP(buf_fini) struct buf plans;

    buf_init(&plans, QUERY_PLAN_LIMIT);
    query_plans_put(&plans, db);
    if (strstr(buf_text(&plans), index) == NULL)
        fail_msg("nobody uses %s:\n%s", index, buf_text(&plans));
}

#endif
