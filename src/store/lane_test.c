#include "store/lane.h"

#include "tests/support/mailroom.h"
#include "tests/support/query_plans.h"

static const struct lane_key notices = { STREAM_NOTICES, 0, { "example.net", 11 } };
static const struct lane_key urgent = { STREAM_URGENT, 0, { "example.net", 11 } };

static void change(struct mailroom *m, int64_t id, struct delivery_change to)
{
    struct delivery_row row = mailroom_row(m, id);
    bool done = false;

    to.now_ms = m->office.now_ms;
    MAILROOM_DO(m, delivery_transition(m->office.db, &row, &to, &done, &m->office.err));
    assert_true(done);
}

static struct lane_row the_lane(struct mailroom *m)
{
    struct lane_row row;
    size_t n = 0;

    assert_true(lane_each_waiting(m->office.db, NULL, &row, 1, &n, &m->office.err));
    assert_int_equal(n, 1);
    return row;
}

static void put_cursor(struct mailroom *m, int64_t cursor)
{
    const struct lane_progress progress = { .cursor = cursor };

    MAILROOM_DO(m, lane_progress_put(m->office.db, &notices, &progress, &m->office.err));
}

static void a_lane_keeps_its_site(void **state)
{
    const struct lane_progress sited = { .site = SPAN("mx.example.net") };
    struct mailroom *m = *state;

    (void)mailroom_make(m);
    assert_string_equal(the_lane(m).site, "");
    MAILROOM_DO(m, lane_progress_put(m->office.db, &notices, &sited, &m->office.err));
    put_cursor(m, 1);
    assert_string_equal(the_lane(m).site, "mx.example.net");
}

static void enter(struct mailroom *m, enum stream_id stream, const char *domain, int64_t strand)
{
    const struct lane_key key = { stream, strand, span_of(domain) };

    MAILROOM_DO(m, (lane_made(m->office.db, &key), true));
}

static void expect_lane(const struct lane_row *row, enum stream_id stream, const char *domain,
                        int64_t strand)
{
    assert_int_equal(row->stream, stream);
    assert_string_equal(row->domain, domain);
    assert_int_equal(row->strand, strand);
}

/* a.example has nothing that is urgent; b.example has two strands. */
static void enter_some(struct mailroom *m)
{
    static const struct lane_key empty = { STREAM_URGENT, 0, { "a.example", 9 } };

    enter(m, STREAM_NOTICES, "b.example", 3);
    enter(m, STREAM_NOTICES, "b.example", 1);
    enter(m, STREAM_NOTICES, "b.example", 3);
    enter(m, STREAM_NOTICES, "a.example", 0);
    enter(m, STREAM_URGENT, "b.example", 0);
    enter(m, STREAM_URGENT, "a.example", 0);
    MAILROOM_DO(m, (lane_moved(m->office.db, &empty, DELIVERY_QUEUED, DELIVERY_CANCELLED), true));
}

static void lanes_are_walked_by_stream_domain_and_strand(void **state)
{
    struct mailroom *m = *state;
    struct lane_row rows[3];
    size_t n;

    enter_some(m);
    assert_true(lane_each_waiting(m->office.db, NULL, rows, 3, &n, &m->office.err));
    assert_int_equal(n, 3);
    expect_lane(&rows[0], STREAM_URGENT, "b.example", 0);
    expect_lane(&rows[1], STREAM_NOTICES, "a.example", 0);
    expect_lane(&rows[2], STREAM_NOTICES, "b.example", 1);
    assert_int_equal(rows[2].next_due, LANE_NEVER);
    assert_true(lane_each_waiting(m->office.db, &rows[2], rows, 3, &n, &m->office.err));
    assert_int_equal(n, 1);
    expect_lane(&rows[0], STREAM_NOTICES, "b.example", 3);
    assert_int_equal(rows[0].waiting, 2);
    query_plans_expect_ranges(m->office.db, "FROM lane");
    query_plans_expect_index(m->office.db, "lane_waiting");
}

static void strands_are_shown_together(void **state)
{
    struct mailroom *m = *state;
    struct lane_row rows[3];
    bool found;
    size_t n;

    enter_some(m);
    assert_true(lane_each_waiting_all(m->office.db, NULL, rows, 3, &n, &m->office.err));
    assert_int_equal(n, 3);
    expect_lane(&rows[0], STREAM_URGENT, "b.example", 0);
    expect_lane(&rows[1], STREAM_NOTICES, "a.example", 0);
    expect_lane(&rows[2], STREAM_NOTICES, "b.example", 0);
    assert_int_equal(rows[2].waiting, 3);
    assert_true(lane_each_waiting_all(m->office.db, &rows[1], rows, 3, &n, &m->office.err));
    assert_int_equal(n, 1);
    assert_true(lane_find_all(m->office.db, STREAM_NOTICES, SPAN("b.example"), rows, &found,
                              &m->office.err));
    assert_true(found);
    assert_int_equal(rows[0].waiting, 3);
    assert_true(lane_find_all(m->office.db, STREAM_MAILOUTS, SPAN("b.example"), rows, &found,
                              &m->office.err));
    assert_false(found);
    query_plans_expect_ranges(m->office.db, "FROM lane");
}

static void fresh_ones_come_in_order_of_their_making(void **state)
{
    struct mailroom *m = *state;
    struct lane_delivery room[2];
    struct lane_page page = { .at = room, .room = 2 };
    int64_t first = mailroom_make(m);
    int64_t other = mailroom_make_as(m, (struct delivery_new){ .stream = STREAM_URGENT });
    int64_t second = mailroom_make_as(
        m, (struct delivery_new){ .stream = STREAM_NOTICES, .deadline = 1800000000000 });
    int64_t third = mailroom_make(m);
    int64_t after = 0;

    assert_true(lane_claim_fresh(m->office.db, &notices, &after, &page, &m->office.err));
    assert_int_equal(page.n, 2);
    assert_true(page.more);
    assert_int_equal(room[0].id, first);
    assert_int_equal(room[0].due_at, m->office.now_ms);
    assert_int_equal(room[0].first_due, m->office.now_ms);
    assert_int_equal(room[0].deadline, 0);
    assert_int_equal(room[1].id, second);
    assert_int_equal(room[1].deadline, 1800000000000);
    assert_int_equal(after, second);
    assert_true(lane_claim_fresh(m->office.db, &notices, &after, &page, &m->office.err));
    assert_int_equal(page.n, 1);
    assert_false(page.more);
    assert_int_equal(room[0].id, third);
    after = 0;
    assert_true(lane_claim_fresh(m->office.db, &urgent, &after, &page, &m->office.err));
    assert_int_equal(page.n, 1);
    assert_int_equal(room[0].id, other);
    query_plans_expect_ranges(m->office.db, "FROM delivery d");
    query_plans_expect_index(m->office.db, "delivery_lane");
}

static void what_waits_otherwise_is_not_fresh(void **state)
{
    struct mailroom *m = *state;
    struct lane_delivery room[8];
    struct lane_page page = { .at = room, .room = 8 };
    int64_t deferred = mailroom_make(m);
    int64_t held = mailroom_make(m);
    int64_t cancelled = mailroom_make(m);
    int64_t scheduled = mailroom_make_as(
        m, (struct delivery_new){ .stream = STREAM_NOTICES, .due_at = m->office.now_ms + 1000 });
    int64_t after = 0;

    change(m, deferred,
           (struct delivery_change){ .to = DELIVERY_DEFERRED, .due_at = m->office.now_ms + 500 });
    change(m, held, (struct delivery_change){ .to = DELIVERY_HELD });
    change(m, cancelled, (struct delivery_change){ .to = DELIVERY_CANCELLED });
    assert_true(lane_claim_fresh(m->office.db, &notices, &after, &page, &m->office.err));
    assert_int_equal(page.n, 0);
    assert_false(page.more);
    assert_int_equal(after, scheduled); /* all were looked at: the cursor may go there */
    assert_int_equal(the_lane(m).waiting, 3);
    assert_int_equal(the_lane(m).next_due, m->office.now_ms + 500);
}

static void a_walk_over_settled_ones_is_bounded_and_goes_on(void **state)
{
    struct mailroom *m = *state;
    struct lane_delivery room[2];
    struct lane_page page = { .at = room, .room = 2 };
    int64_t after = 0;
    int64_t last;

    MAILROOM_DO(m,
                db_run(m->office.db, &m->office.err,
                       SQL("INSERT INTO delivery (id, stream, cause, cause_id, address, normal, "
                           "domain, message_id, first_due, made_at) "
                           "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                           "WHERE i < $1) SELECT i, 1, 1, 16, 'a', 'a', 'example.net', 'm', 1, 1 "
                           "FROM n"),
                       db_int(LANE_SCAN_MOST + 1)));
    MAILROOM_DO(m, db_run(m->office.db, &m->office.err,
                          SQL("INSERT INTO delivery_state (delivery, state, due_at) "
                              "SELECT id, CASE WHEN id > $1 THEN 0 ELSE 10 END, 1 FROM delivery"),
                          db_int(LANE_SCAN_MOST)));
    assert_true(lane_claim_fresh(m->office.db, &notices, &after, &page, &m->office.err));
    assert_int_equal(page.n, 0);
    assert_true(page.more);
    assert_int_equal(after, LANE_SCAN_MOST);
    assert_true(lane_claim_fresh(m->office.db, &notices, &after, &page, &m->office.err));
    assert_int_equal(page.n, 1);
    assert_false(page.more);
    last = room[0].id;
    assert_int_equal(last, LANE_SCAN_MOST + 1);
}

static int64_t defer(struct mailroom *m, int64_t in_ms)
{
    int64_t id = mailroom_make(m);

    change(m, id,
           (struct delivery_change){ .to = DELIVERY_DEFERRED, .due_at = m->office.now_ms + in_ms });
    return id;
}

static void retries_come_by_due_time(void **state)
{
    struct mailroom *m = *state;
    struct lane_delivery room[2];
    struct lane_page page = { .at = room, .room = 2 };
    int64_t now = m->office.now_ms;
    int64_t late = defer(m, 300);
    int64_t early = defer(m, 100);
    int64_t middle = defer(m, 300);
    int64_t future = defer(m, 301);
    struct lane_retry_walk walk = { .now_ms = now + 300 };

    (void)future;
    assert_true(lane_claim_retry(m->office.db, &notices, &walk, &page, &m->office.err));
    assert_int_equal(page.n, 2);
    assert_true(page.more);
    assert_int_equal(room[0].id, early);
    assert_int_equal(room[0].due_at, now + 100);
    assert_int_equal(room[0].first_due, now);
    assert_int_equal(room[1].id, late);
    assert_int_equal(walk.next_due, now + 301);
    assert_true(lane_claim_retry(m->office.db, &notices, &walk, &page, &m->office.err));
    assert_int_equal(page.n, 1);
    assert_false(page.more);
    assert_int_equal(room[0].id, middle);
    assert_true(lane_claim_retry(m->office.db, &notices, &walk, &page, &m->office.err));
    assert_int_equal(page.n, 0);
    query_plans_expect_ranges(m->office.db, "FROM retry");
}

static void nothing_to_try_again_is_due_never(void **state)
{
    struct mailroom *m = *state;
    struct lane_delivery room[1];
    struct lane_page page = { .at = room, .room = 1 };
    struct lane_retry_walk walk = { .now_ms = m->office.now_ms };

    assert_true(lane_claim_retry(m->office.db, &notices, &walk, &page, &m->office.err));
    assert_int_equal(page.n, 0);
    assert_false(page.more);
    assert_int_equal(walk.next_due, LANE_NEVER);
}

static void the_cursor_moves_forward_only(void **state)
{
    struct mailroom *m = *state;
    int64_t id = defer(m, 100);
    int64_t last = defer(m, 200);

    put_cursor(m, 40);
    put_cursor(m, 30);
    assert_int_equal(the_lane(m).fresh_cursor, 40);
    assert_int_equal(the_lane(m).next_due, m->office.now_ms + 100);

    change(m, id, (struct delivery_change){ .to = DELIVERY_CANCELLED });
    assert_int_equal(the_lane(m).next_due, m->office.now_ms + 100); /* too early, not too late */
    put_cursor(m, 41);
    assert_int_equal(the_lane(m).next_due, m->office.now_ms + 200);

    change(m, last, (struct delivery_change){ .to = DELIVERY_HELD });
    put_cursor(m, 41);
    assert_int_equal(the_lane(m).next_due, LANE_NEVER);
    query_plans_expect_ranges(m->office.db, "UPDATE lane SET fresh");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, mailroom_setup, mailroom_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_lane_keeps_its_site),
        STORY(lanes_are_walked_by_stream_domain_and_strand),
        STORY(strands_are_shown_together),
        STORY(fresh_ones_come_in_order_of_their_making),
        STORY(what_waits_otherwise_is_not_fresh),
        STORY(a_walk_over_settled_ones_is_bounded_and_goes_on),
        STORY(retries_come_by_due_time),
        STORY(nothing_to_try_again_is_due_never),
        STORY(the_cursor_moves_forward_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
