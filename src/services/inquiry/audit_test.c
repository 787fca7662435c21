/*
 * What goes on record, and what does not.
 */
#include "services/inquiry/audit.h"

#include <string.h>

#include "services/request/perform.h"
#include "tests/support/office.h"

static bool make(struct db *db, const struct request *request, json_t **ret_answer,
                 struct error *err)
{
    (void)db;
    (void)err;
    request_note_before(request, json_pack("{s:s}", "title", "old"));
    *ret_answer = json_pack("{s:s, s:s}", "title", "new", "token", "pr_secret");
    return true;
}

static bool refuse(struct db *db, const struct request *request, json_t **ret_answer,
                   struct error *err)
{
    (void)db;
    (void)ret_answer;
    request_note_before(request, json_object());
    return error_set(err, ERROR_INVALID, "title: no");
}

static const struct request_entry making = { .name = "topic.set", .handler = make };
static const struct request_entry refusing = { .name = "topic.set", .handler = refuse };
static const struct request_entry recorded = { .name = "event.add",
                                               .handler = make,
                                               .is_own_record = true };

static bool do_it(struct office *o, const struct request_entry *entry)
{
    json_t *args = office_json("{\"key\": \"issue/12\", \"text\": \"between us\"}");
    struct request request = {
        .args = args, .now_ms = o->now_ms, .by = "token shop", .settings = &o->settings
    };
    json_t *answer = NULL;
    bool ok;

    if (!db_begin(o->db, &o->err))
        fail_msg("%s", o->err.text);
    ok = request_perform(entry, o->db, &request, &answer, &o->err);
    if (!ok)
        db_rollback(o->db);
    else if (!db_commit(o->db, &o->err))
        fail_msg("%s", o->err.text);
    json_decref(answer);
    json_decref(args);
    return ok;
}

static void a_change_is_on_record_without_secrets(void **state)
{
    struct office *o = *state;
    char *text;

    assert_true(do_it(o, &making));
    text = json_dumps(office_ask(o, audit_show, "{}"), JSON_COMPACT);
    assert_null(strstr(text, "pr_secret"));
    assert_null(strstr(text, "between us"));
    free(text);
    assert_string_equal(json_string_value(office_get(o, "audit.0.by")), "token shop");
    assert_string_equal(json_string_value(office_get(o, "audit.0.subject")), "topic issue/12");
    assert_string_equal(json_string_value(office_get(o, "audit.0.before.title")), "old");
    assert_string_equal(json_string_value(office_get(o, "audit.0.after.title")), "new");
}

static void neither_refusals_nor_events_are_on_record(void **state)
{
    struct office *o = *state;

    assert_false(do_it(o, &refusing));
    assert_true(do_it(o, &recorded));
    assert_int_equal(json_array_size(json_object_get(office_ask(o, audit_show, "{}"), "audit")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_change_is_on_record_without_secrets, office_setup,
                                        office_teardown),
        cmocka_unit_test_setup_teardown(neither_refusals_nor_events_are_on_record, office_setup,
                                        office_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
