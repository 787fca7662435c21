#include "lib/postroom.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

/* A daemon that hears one question and says one thing, or nothing. */
struct oracle {
    int listener;
    const char *answer; /* NULL: it hangs up without a word */
    bool is_silent;     /* it keeps the line open and says nothing */
    char asked[2000];
    pthread_t thread;
};

static void *hear_one(void *owner)
{
    struct oracle *oracle = owner;
    int line = accept(oracle->listener, NULL, NULL);
    ssize_t n = read(line, oracle->asked, sizeof oracle->asked - 1);
    char byte;

    oracle->asked[n > 0 ? n : 0] = '\0';
    if (oracle->answer != NULL)
        (void)!write(line, oracle->answer, strlen(oracle->answer));
    if (oracle->is_silent)
        (void)!read(line, &byte, 1); /* until the other side has enough */
    (void)close(line);
    return NULL;
}

static void oracle_begin(struct oracle *oracle, const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    assert_true(strlen(path) < sizeof address.sun_path);
    (void)memcpy(address.sun_path, path, strlen(path) + 1);
    oracle->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(oracle->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(oracle->listener, 1), 0);
    assert_int_equal(pthread_create(&oracle->thread, NULL, hear_one, oracle), 0);
}

static void oracle_end(struct oracle *oracle)
{
    assert_int_equal(pthread_join(oracle->thread, NULL), 0);
    (void)close(oracle->listener);
}

/* As applications make one. */
static void make_inbox(struct scratch *scratch)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(scratch_path(scratch, "inbox.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT,"
                                  " payload TEXT NOT NULL, at INTEGER)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    (void)sqlite3_close(db);
}

/* What the inbox holds, by a query that gives one text. */
static char *find_text(struct scratch *scratch, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    char *text = NULL;

    assert_int_equal(sqlite3_open(scratch_path(scratch, "inbox.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0) != NULL)
        text = strdup((const char *)sqlite3_column_text(statement, 0));
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
    return text;
}

static void expect_text(struct scratch *scratch, const char *sql, const char *expected)
{
    char *text = find_text(scratch, sql);

    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static struct postroom *open_at(struct scratch *scratch)
{
    char socket[200];
    struct postroom *p;

    (void)snprintf(socket, sizeof socket, "%s", scratch_path(scratch, "s"));
    p = postroom_open(scratch_path(scratch, "inbox.db"), socket);
    assert_non_null(p);
    return p;
}

static void while_the_daemon_is_away_the_event_is_kept_with_a_key(void **state)
{
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    struct postroom *p = open_at(&scratch);
    char why[POSTROOM_WHY];
    long long event = -1;

    (void)state;
    make_inbox(&scratch);
    assert_int_equal(postroom_event(p,
                                    "{\"topic\": \"issue/12\", \"kind\": \"closed\", \"n\": 1.50}",
                                    &event, why),
                     POSTROOM_KEPT);
    assert_int_equal(event, 0);
    assert_string_equal(why, "");
    expect_text(&scratch, "SELECT json_remove(payload, '$.key') FROM inbox",
                "{\"topic\":\"issue/12\",\"kind\":\"closed\",\"n\":1.50}");
    expect_text(&scratch, "SELECT json_extract(payload, '$.key') LIKE 'lib:%' FROM inbox", "1");
    postroom_close(p);
}

static void the_key_of_the_application_stays(void **state)
{
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    struct postroom *p = open_at(&scratch);

    (void)state;
    make_inbox(&scratch);
    assert_int_equal(postroom_event(p, "{\"key\": \"mine\", \"topic\": \"a/b\"}", NULL, NULL),
                     POSTROOM_KEPT);
    expect_text(&scratch, "SELECT payload FROM inbox", "{\"key\":\"mine\",\"topic\":\"a/b\"}");
    postroom_close(p);
}

static void fields_need_no_json(void **state)
{
    static const struct postroom_fields said = { .topic = "issue/12",
                                                 .kind = "commented",
                                                 .title = "A \"quoted\" title",
                                                 .text = "two\nlines" };
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    struct postroom *p = open_at(&scratch);

    (void)state;
    make_inbox(&scratch);
    assert_int_equal(postroom_tell(p, &said, NULL, NULL), POSTROOM_KEPT);
    expect_text(&scratch, "SELECT json_remove(payload, '$.key') FROM inbox",
                "{\"topic\":\"issue/12\",\"kind\":\"commented\",\"title\":\"A \\\"quoted\\\" "
                "title\",\"text\":\"two\\nlines\"}");
    postroom_close(p);
}

static void what_is_no_json_object_is_refused(void **state)
{
    static const char *const bad[] = { "",
                                       "{",
                                       "[]",
                                       "\"a\"",
                                       "{\"a\": 1} x",
                                       "{'a': 1}",
                                       "{\"request\": \"serve\"},\"request\":\"x\"" };
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    struct postroom *p = open_at(&scratch);
    char why[POSTROOM_WHY];

    (void)state;
    make_inbox(&scratch);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(postroom_event(p, bad[i], NULL, why), POSTROOM_REFUSED);
        assert_string_equal(why, "an event is a JSON object; this is none");
    }
    expect_text(&scratch, "SELECT count(*) FROM inbox", "0");
    postroom_close(p);
}

static void without_daemon_and_inbox_it_fails_and_says_where(void **state)
{
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    struct postroom *p = open_at(&scratch);
    char expected[POSTROOM_WHY];
    char why[POSTROOM_WHY];

    (void)state;
    (void)snprintf(expected, sizeof expected, "no daemon answers, and there is no inbox at %s",
                   scratch_path(&scratch, "inbox.db"));
    assert_int_equal(postroom_event(p, "{}", NULL, why), POSTROOM_FAILED);
    assert_string_equal(why, expected);
    postroom_close(p);
}

static void what_the_daemon_says_holds(void **state)
{
    static const struct {
        const char *answer;
        int result;
        long long event;
        const char *why;
        const char *kept;
    } cases[] = {
        { "{\"answer\": {\"event\": 812}}\n", POSTROOM_TAKEN, 812, "", "0" },
        { "{\"error\": {\"kind\": \"invalid\", \"text\": \"colour: no such field\"}}\n",
          POSTROOM_REFUSED, 0, "colour: no such field", "0" },
        { "{\"error\": {\"kind\": \"io\", \"text\": \"the disk is full\"}}\n", POSTROOM_KEPT, 0, "",
          "1" },
        { "{\"answer\": {\"event\": 8", POSTROOM_KEPT, 0, "", "1" }, /* cut off */
        { "what?\n", POSTROOM_KEPT, 0, "", "1" },
        { NULL, POSTROOM_KEPT, 0, "", "1" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
        struct postroom *p = open_at(&scratch);
        struct oracle oracle = { .answer = cases[i].answer };
        char why[POSTROOM_WHY];
        long long event;

        make_inbox(&scratch);
        oracle_begin(&oracle, scratch_path(&scratch, "s"));
        assert_int_equal(postroom_event(p, "{\"topic\": \"a/b\"}", &event, why), cases[i].result);
        oracle_end(&oracle);
        assert_int_equal(event, cases[i].event);
        assert_string_equal(why, cases[i].why);
        assert_non_null(strstr(oracle.asked,
                               "{\"request\":\"event.add\",\"args\":{\"topic\":\"a/b\""
                               ",\"key\":\"lib:"));
        expect_text(&scratch, "SELECT count(*) FROM inbox", cases[i].kept);
        postroom_close(p);
    }
}

/* It may have heard the question: what is kept has the key it was asked with. */
static void a_daemon_that_says_nothing_is_not_waited_for(void **state)
{
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    struct postroom *p = open_at(&scratch);
    struct oracle oracle = { .is_silent = true };
    char *key;

    (void)state;
    make_inbox(&scratch);
    postroom_set_timeout(p, 20);
    oracle_begin(&oracle, scratch_path(&scratch, "s"));
    assert_int_equal(postroom_event(p, "{\"topic\": \"a/b\"}", NULL, NULL), POSTROOM_KEPT);
    oracle_end(&oracle);
    key = find_text(&scratch, "SELECT json_extract(payload, '$.key') FROM inbox");
    assert_non_null(key);
    assert_non_null(strstr(oracle.asked, key));
    free(key);
    postroom_close(p);
}

static void what_waits_is_not_overtaken(void **state)
{
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    struct postroom *p = open_at(&scratch);
    struct oracle oracle = { .answer = "{\"answer\": {\"event\": 1}}\n" };

    (void)state;
    make_inbox(&scratch);
    assert_int_equal(postroom_event(p, "{\"topic\": \"a/1\"}", NULL, NULL), POSTROOM_KEPT);
    oracle_begin(&oracle, scratch_path(&scratch, "s"));
    assert_int_equal(postroom_event(p, "{\"topic\": \"a/2\"}", NULL, NULL), POSTROOM_KEPT);
    free(find_text(&scratch, "DELETE FROM inbox"));
    assert_int_equal(postroom_event(p, "{\"topic\": \"a/3\"}", NULL, NULL), POSTROOM_TAKEN);
    oracle_end(&oracle);
    postroom_close(p);
}

enum { EACH = 20 };

static void *tell_many(void *owner)
{
    static const struct postroom_fields said = { .topic = "a/b", .kind = "said" };
    struct postroom *p = owner;

    for (int i = 0; i < EACH; i++)
        if (postroom_tell(p, &said, NULL, NULL) != POSTROOM_KEPT)
            return p;
    return NULL;
}

static void threads_and_children_share_a_handle(void **state)
{
    enum { THREADS = 3 };
    CLEANUP(scratch_fini) struct scratch scratch = scratch_new();
    struct postroom *p = open_at(&scratch);
    pthread_t threads[THREADS];
    void *failed;
    int status;
    pid_t child;

    (void)state;
    make_inbox(&scratch);
    postroom_set_timeout(p, 60000);
    assert_null(tell_many(p));
    child = fork();
    if (child == 0)
        _exit(tell_many(p) == NULL ? 0 : 1);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, tell_many, p), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    expect_text(&scratch, "SELECT count(DISTINCT json_extract(payload, '$.key')) FROM inbox",
                "100"); /* EACH of THREADS, the child and ourselves */
    postroom_close(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(while_the_daemon_is_away_the_event_is_kept_with_a_key),
        cmocka_unit_test(the_key_of_the_application_stays),
        cmocka_unit_test(fields_need_no_json),
        cmocka_unit_test(what_is_no_json_object_is_refused),
        cmocka_unit_test(without_daemon_and_inbox_it_fails_and_says_where),
        cmocka_unit_test(what_the_daemon_says_holds),
        cmocka_unit_test(a_daemon_that_says_nothing_is_not_waited_for),
        cmocka_unit_test(what_waits_is_not_overtaken),
        cmocka_unit_test(threads_and_children_share_a_handle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
