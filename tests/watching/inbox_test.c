/*
 * Inboxes: rows that other programs leave, on a real loop with a real ledger.
 */
#include "services/intake/inbox.h"

#include "base/alloc.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/timer.h"
#include "services/intake/events.h"
#include "services/intake/inboxes.h"
#include "store/inbox_file.h"
#include "store/ledger.h"
#include "tests/support/office.h"

enum { WATCH_MS = 2, PATIENCE = 5000 }; /* looks until a test gives up */

struct fixture {
    struct office office;
    struct loop *loop;
    struct ledger *ledger;
    struct inbox *inbox;
    const char *paths[2];
    char path[300];
    struct db *app; /* the application's own connection */
    struct timer timer;
    bool (*is_reached)(struct fixture *f);
    int looks;
};

static void need(struct fixture *f, bool ok)
{
    if (!ok)
        fail_msg("%s", f->office.err.text);
}

static int set_up(void **state)
{
    struct fixture *f = NEW(struct fixture);

    log_set_level(LOG_ERROR);
    office_open(&f->office);
    (void)snprintf(f->path, sizeof f->path, "%s",
                   scratch_path(&f->office.scratch, "application.db"));
    f->paths[0] = f->path;
    f->office.settings.inboxes = (struct text_list){ f->paths, 1 };
    f->loop = loop_new("test");
    f->ledger = ledger_new(&(struct ledger_options){
        .loop = f->loop, .db = f->office.db, .hold_ms = 1, .hold_changes = 1000 });
    *state = f;
    return 0;
}

static void begin(struct fixture *f)
{
    f->inbox = inbox_new(&(struct inbox_options){ .loop = f->loop,
                                                  .ledger = f->ledger,
                                                  .settings = &f->office.settings,
                                                  .poll_ms = WATCH_MS });
}

static void on_stopped(void *owner)
{
    struct fixture *f = owner;

    loop_stop(f->loop);
}

static void end(struct fixture *f)
{
    inbox_stop(f->inbox, on_stopped, f);
    loop_run(f->loop);
    inbox_free(f->inbox);
    f->inbox = NULL;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    if (f->inbox != NULL)
        end(f);
    db_close(f->app);
    ledger_free(f->ledger);
    loop_free(f->loop);
    office_close(&f->office);
    alloc_free(f);
    return 0;
}

static void on_look(void *owner)
{
    struct fixture *f = owner;

    if (f->is_reached(f) || ++f->looks > PATIENCE)
        loop_stop(f->loop);
    else
        timer_start(&f->timer, WATCH_MS);
}

static void run_until(struct fixture *f, bool (*is_reached)(struct fixture *f))
{
    f->is_reached = is_reached;
    f->looks = 0;
    timer_init(&f->timer, f->loop, on_look, f);
    timer_start(&f->timer, 0);
    loop_run(f->loop);
    timer_stop(&f->timer);
    if (f->looks > PATIENCE)
        fail_msg("waited in vain");
}

static void make_inbox(struct fixture *f)
{
    need(f, inbox_file_make(f->path, &f->office.err));
    need(f, db_open(f->path, DB_GUEST, &f->app, &f->office.err));
}

static void leave(struct fixture *f, const char *payload)
{
    need(f, db_run(f->app, &f->office.err, SQL_SQLITE("INSERT INTO inbox (payload) VALUES ($1)"),
                   db_string(payload)));
}

static int64_t count_in_app(struct fixture *f, const char *sql)
{
    int64_t n = 0;
    bool found;

    need(f, db_find_int_values(f->app, sql, DB_VALUES(db_int(0)), &found, &n, &f->office.err));
    return n;
}

static int64_t events(struct fixture *f)
{
    return office_count(&f->office, SQL("SELECT count(*) FROM event WHERE id > $1"));
}

static int64_t waiting(struct fixture *f)
{
    return count_in_app(f, SQL_SQLITE("SELECT count(*) FROM inbox WHERE id > $1"));
}

static int64_t refused(struct fixture *f)
{
    return count_in_app(f, SQL_SQLITE("SELECT count(*) FROM inbox_refused WHERE id > $1"));
}

static bool inbox_is_empty(struct fixture *f)
{
    return waiting(f) == 0;
}

static void rows_are_taken_in_once_and_cleared_away(void **state)
{
    struct fixture *f = *state;
    char payload[80];

    make_inbox(f);
    for (int i = 0; i < 250; i++) {
        (void)snprintf(payload, sizeof payload, "{\"topic\": \"issue/%d\", \"kind\": \"new\"}", i);
        leave(f, payload);
    }
    begin(f);
    run_until(f, inbox_is_empty);
    assert_int_equal(events(f), 250);
    leave(f, "{\"topic\": \"issue/1\", \"kind\": \"commented\"}");
    run_until(f, inbox_is_empty);
    assert_int_equal(events(f), 251);
    assert_int_equal(refused(f), 0);
}

static void a_refused_row_is_kept_with_its_reason_and_blocks_no_other(void **state)
{
    struct fixture *f = *state;

    make_inbox(f);
    leave(f, "{\"topic\": \"a\", \"kind\": \"k\"");
    leave(f, "{\"topic\": \"a\", \"kind\": \"k\"}");
    leave(f, "{\"topic\": \"a\", \"kind\": \"k\", \"colour\": 1}");
    leave(f, "{\"topic\": \"b\", \"kind\": \"k\"}");
    begin(f);
    run_until(f, inbox_is_empty);
    assert_int_equal(events(f), 2);
    assert_int_equal(refused(f), 2);
    assert_int_equal(count_in_app(f, SQL_SQLITE("SELECT count(*) FROM inbox_refused WHERE id > $1 "
                                                "AND was IN (1, 3) AND (reason LIKE 'broken JSON%' "
                                                "OR reason LIKE 'unknown field \"colour\"%')")),
                     2);
}

/* A trigger is as good as a fault in the program. */
static void a_row_that_ends_in_a_fault_of_ours_is_refused_after_some_tries(void **state)
{
    struct fixture *f = *state;

    make_inbox(f);
    need(f, db_run_plain(f->office.db,
                         "CREATE TRIGGER fault BEFORE INSERT ON topic WHEN new.key = 'a/1' "
                         "BEGIN INSERT INTO suppression (target) VALUES (NULL); END",
                         &f->office.err));
    leave(f, "{\"topic\": \"a/1\", \"kind\": \"k\"}");
    leave(f, "{\"topic\": \"b/1\", \"kind\": \"k\"}");
    leave(f, "{\"topic\": \"a/1\", \"kind\": \"k\"}");
    begin(f);
    run_until(f, inbox_is_empty);
    assert_int_equal(events(f), 1);
    assert_int_equal(refused(f), 2);
    assert_int_equal(count_in_app(f, SQL_SQLITE("SELECT count(*) FROM inbox_refused WHERE id > $1 "
                                                "AND reason LIKE '%NOT NULL%'")),
                     2);
}

static void refused_rows_are_listed_and_tried_again(void **state)
{
    struct fixture *f = *state;
    struct office *o = &f->office;

    office_ask(o, inboxes_list, "{}");
    office_get(o, "inboxes.0.error");
    make_inbox(f);
    leave(f, "{\"strict\": true, \"topic\": \"a\", \"kind\": \"k\"}");
    begin(f);
    run_until(f, inbox_is_empty);
    end(f);
    office_ask(o, inboxes_list, "{}");
    office_expect_number(o, "inboxes.0.waiting", 0);
    office_expect(o, "inboxes.0.refused.0.reason", "topic: there is no topic \"a\"");
    office_refuse(o, inboxes_retry, "{\"id\": 7}", "no refused row 7");
    office_refuse(o, inboxes_retry, "{\"path\": \"b.db\"}", "name no inbox \"b.db\"");
    office_ask(o, events_add, "{\"topic\": \"a\", \"kind\": \"k\"}");
    office_ask(o, inboxes_retry, "{\"id\": 1}");
    office_expect_number(o, "retried", 1);
    begin(f);
    run_until(f, inbox_is_empty);
    assert_int_equal(events(f), 2);
    assert_int_equal(refused(f), 0);
}

static void what_was_cut_off_is_taken_in_again_as_the_same_event(void **state)
{
    struct fixture *f = *state;

    make_inbox(f);
    leave(f, "{\"topic\": \"a\", \"kind\": \"k\", \"deadline\": \"1h\"}");
    leave(f, "{\"topic\": \"a\", \"kind\": \"k\", \"key\": \"mine\"}");
    begin(f);
    run_until(f, inbox_is_empty);
    end(f);
    /* as though the cursor had not been kept and the rows not cleared */
    need(f, db_run(f->office.db, &f->office.err, SQL("DELETE FROM inbox_cursor WHERE cursor > $1"),
                   db_int(0)));
    need(f, db_run(f->app, &f->office.err,
                   SQL_SQLITE("INSERT INTO inbox (id, payload) VALUES "
                              "($1, '{\"topic\": \"a\", \"kind\": \"k\", \"deadline\": \"1h\"}'),"
                              "(2, '{\"topic\": \"a\", \"kind\": \"k\", \"key\": \"mine\"}')"),
                   db_int(1)));
    begin(f);
    run_until(f, inbox_is_empty);
    assert_int_equal(events(f), 2);
    assert_int_equal(refused(f), 0);
}

static bool file_has_tables(struct fixture *f)
{
    return count_in_app(f, SQL_SQLITE("SELECT count(*) FROM sqlite_schema "
                                      "WHERE name = 'inbox_identity' AND rootpage > $1")) == 1;
}

static void an_application_s_own_database_is_given_the_tables_and_stays_as_it_is(void **state)
{
    struct fixture *f = *state;
    struct db *made;

    need(f, db_open(f->path, DB_CREATE, &made, &f->office.err));
    need(f, db_run_script(made, "PRAGMA journal_mode = DELETE; CREATE TABLE issue (id INTEGER)",
                          &f->office.err));
    db_close(made);
    need(f, db_open(f->path, DB_GUEST, &f->app, &f->office.err));
    begin(f);
    run_until(f, file_has_tables);
    need(f, db_begin(f->app, &f->office.err));
    need(f, db_run(f->app, &f->office.err, SQL_SQLITE("INSERT INTO issue VALUES ($1)"), db_int(1)));
    leave(f, "{\"topic\": \"issue/1\", \"kind\": \"new\"}");
    need(f, db_commit(f->app, &f->office.err));
    run_until(f, inbox_is_empty);
    assert_int_equal(events(f), 1);
    end(f);
    {
        bool found;
        char *mode = NULL;

        need(f, db_find_text_values(f->app, SQL_SQLITE("PRAGMA journal_mode"),
                                    (const struct db_value[]){ { DB_END, 0, { NULL, 0 } } }, &found,
                                    &mode, &f->office.err));
        assert_string_equal(mode, "delete");
        alloc_free(mode);
    }
}

static bool one_event(struct fixture *f)
{
    return events(f) == 1;
}

static bool many_looks(struct fixture *f)
{
    return f->looks > 20;
}

static void a_missing_file_is_waited_for(void **state)
{
    struct fixture *f = *state;

    begin(f);
    run_until(f, many_looks);
    make_inbox(f);
    leave(f, "{\"topic\": \"a\", \"kind\": \"k\"}");
    run_until(f, one_event);
}

static void another_file_in_its_place_is_another_inbox(void **state)
{
    struct fixture *f = *state;

    make_inbox(f);
    leave(f, "{\"topic\": \"a\", \"kind\": \"k\"}");
    begin(f);
    run_until(f, inbox_is_empty);
    db_close(f->app);
    f->app = NULL;
    assert_int_equal(unlink(f->path), 0);
    make_inbox(f);
    leave(f, "{\"topic\": \"b\", \"kind\": \"k\"}");
    run_until(f, inbox_is_empty);
    assert_int_equal(events(f), 2);
}

static void an_inbox_put_back_to_an_older_state_is_read_anew(void **state)
{
    struct fixture *f = *state;

    make_inbox(f);
    leave(f, "{\"topic\": \"a\", \"kind\": \"k\"}");
    leave(f, "{\"topic\": \"b\", \"kind\": \"k\"}");
    begin(f);
    run_until(f, inbox_is_empty);
    end(f);
    need(f,
         db_run(f->app, &f->office.err,
                SQL_SQLITE("UPDATE sqlite_sequence SET seq = $1 WHERE name = 'inbox'"), db_int(0)));
    leave(f, "{\"topic\": \"c\", \"kind\": \"k\"}");
    begin(f);
    run_until(f, inbox_is_empty);
    assert_int_equal(events(f), 3);
}

static void an_event_happened_when_its_row_was_left(void **state)
{
    struct fixture *f = *state;

    make_inbox(f);
    need(f, db_run(f->app, &f->office.err,
                   SQL_SQLITE("INSERT INTO inbox (payload, at) VALUES "
                              "('{\"topic\": \"a\", \"kind\": \"k\"}', $1), "
                              "('{\"topic\": \"b\", \"kind\": \"k\"}', 'nonsense')"),
                   db_int(1700000000000)));
    begin(f);
    run_until(f, inbox_is_empty);
    assert_int_equal(office_count(&f->office, SQL("SELECT at FROM event WHERE seq = 1 "
                                                  "AND id > $1")),
                     1700000000000);
    assert_int_equal(events(f), 2);
}

int main(void)
{
#define STORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        STORY(rows_are_taken_in_once_and_cleared_away),
        STORY(a_refused_row_is_kept_with_its_reason_and_blocks_no_other),
        STORY(a_row_that_ends_in_a_fault_of_ours_is_refused_after_some_tries),
        STORY(refused_rows_are_listed_and_tried_again),
        STORY(what_was_cut_off_is_taken_in_again_as_the_same_event),
        STORY(an_application_s_own_database_is_given_the_tables_and_stays_as_it_is),
        STORY(a_missing_file_is_waited_for),
        STORY(another_file_in_its_place_is_another_inbox),
        STORY(an_inbox_put_back_to_an_older_state_is_read_anew),
        STORY(an_event_happened_when_its_row_was_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
