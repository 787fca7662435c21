/*
 * A store for one test, and a hand that asks requests of the services, each in a transaction of
 * its own as the ledger does it, at a time the test sets.
 */
#ifndef POSTROOM_TESTS_SUPPORT_OFFICE_H
#define POSTROOM_TESTS_SUPPORT_OFFICE_H

#include <jansson.h>

#include "domain/settings.h"
#include "services/request/request.h"
#include "store/db.h"
#include "store/schema.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

#define OFFICE_START INT64_C(1790000000000) /* September 2026 */

struct office {
    struct scratch scratch;
    struct db *db;
    struct settings settings;
    int64_t now_ms;
    struct error err;
    const uint64_t *scopes; /* of the token that asks; NULL: none does */
    json_t *answer;         /* of the last question */
};

UNUSED static void office_open(struct office *o)
{
    *o = (struct office){
        .now_ms = OFFICE_START,
        .settings = { .domain = "example.org",
                      .window = 120000,
                      .event_size_limit = 262144,
                      .scope_depth_limit = 16 },
    };
    o->scratch = scratch_new();
    o->settings.database = scratch_path(&o->scratch, "store.db");
    if (!db_open(o->settings.database, DB_CREATE, &o->db, &o->err) ||
        !schema_migrate(o->db, &o->err))
        fail_msg("%s", o->err.text);
}

UNUSED static void office_close(struct office *o)
{
    json_decref(o->answer);
    db_close(o->db);
    scratch_fini(&o->scratch);
}

/* cmocka's setup and teardown around one test. */
UNUSED static int office_setup(void **state)
{
    struct office *o = calloc(1, sizeof(*o));

    office_open(o);
    *state = o;
    return 0;
}

UNUSED static int office_teardown(void **state)
{
    office_close(*state);
    free(*state);
    return 0;
}

static json_t *office_json(const char *text)
{
    json_error_t wrong;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &wrong);

    if (json == NULL)
        fail_msg("the test's JSON is broken: %s in %s", wrong.text, text);
    return json;
}

/* Asks with arguments written as JSON; false leaves the reason in o->err and nothing changed. */
UNUSED static bool office_try(struct office *o, request_handler *handler, const char *args)
{
    json_t *object = office_json(args);
    struct request request = { .args = object,
                               .now_ms = o->now_ms,
                               .by = "test",
                               .scopes = o->scopes,
                               .settings = &o->settings };
    bool ok;

    json_decref(o->answer);
    o->answer = NULL;
    if (!db_begin(o->db, &o->err))
        fail_msg("%s", o->err.text);
    ok = handler(o->db, &request, &o->answer, &o->err);
    if (!ok)
        db_rollback(o->db);
    else if (!db_commit(o->db, &o->err))
        fail_msg("%s", o->err.text);
    json_decref(object);
    return ok;
}

/* The same where it must go well; gives the answer, which stays the office's. */
UNUSED static json_t *office_ask(struct office *o, request_handler *handler, const char *args)
{
    if (!office_try(o, handler, args))
        fail_msg("%s refused: %s", args, o->err.text);
    return o->answer;
}

/* The same where it must be refused with a sentence that holds `words`. */
UNUSED static void office_refuse(struct office *o, request_handler *handler, const char *args,
                                 const char *words)
{
    if (office_try(o, handler, args))
        fail_msg("%s was not refused", args);
    if (strstr(o->err.text, words) == NULL)
        fail_msg("%s was refused with \"%s\", without \"%s\"", args, o->err.text, words);
}

/* A member of the last answer by its path, "watchers.0.person"; fails when it is not there. */
UNUSED static json_t *office_get(struct office *o, const char *path)
{
    struct span rest = span_of(path);
    json_t *at = o->answer;

    while (at != NULL && rest.n > 0) {
        struct span step = span_take_until(&rest, '.');
        char name[80];

        (void)snprintf(name, sizeof name, "%.*s", SPAN_ARGS(step));
        at = json_is_array(at) ? json_array_get(at, strtoul(name, NULL, 10))
                               : json_object_get(at, name);
    }
    if (at == NULL)
        fail_msg("the answer has no %s: %s", path, json_dumps(o->answer, JSON_COMPACT));
    return at;
}

UNUSED static void office_expect(struct office *o, const char *path, const char *text)
{
    const char *is = json_string_value(office_get(o, path));

    if (is == NULL || strcmp(is, text) != 0)
        fail_msg("%s is %s, not %s", path, is == NULL ? "no text" : is, text);
}

UNUSED static void office_expect_number(struct office *o, const char *path, int64_t number)
{
    assert_int_equal(json_integer_value(office_get(o, path)), number);
}

/* One number out of the store. */
UNUSED static int64_t office_count(struct office *o, const char *sql)
{
    bool found;
    int64_t n = 0;

    if (!db_find_int_values(o->db, sql, DB_VALUES(db_int(0)), &found, &n, &o->err))
        fail_msg("%s: %s", sql, o->err.text);
    return n;
}

#endif
