/*
 * Inboxes as operators see them. These handlers work on the inbox files, not on the store.
 */
#include "services/intake/inboxes.h"

#include "base/cleanup.h"
#include "services/request/answer.h"
#include "store/inbox_file.h"

enum { WAITING_COUNTED = 1000 };

static void close_file(struct inbox_file **file)
{
    inbox_file_close(*file);
}

static json_t *row_json(const struct inbox_row *row)
{
    json_t *object = json_object();

    answer_number(object, "id", row->id);
    answer_text(object, "reason", row->reason);
    answer_moment(object, "at", row->at);
    answer_text(object, "payload", row->payload);
    return object;
}

static bool put_rows(json_t *object, struct inbox_file *file, struct page page, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct inbox_rows rows;
    json_t *array = json_array();

    arena_init(&arena);
    answer_take(object, "refused", array);
    if (!inbox_file_refused(file, &arena, page, &rows, err))
        return false;
    for (size_t i = 0; i < rows.n; i++)
        (void)json_array_append_new(array, row_json(&rows.at[i]));
    if (rows.n == page.limit)
        answer_number(object, "next", rows.at[rows.n - 1].id);
    return true;
}

static bool put_inbox(json_t *object, const char *path, struct page page, struct error *err)
{
    CLEANUP(close_file) struct inbox_file *file = NULL;
    int64_t waiting;

    if (!inbox_file_open_to_read(path, &file, err) ||
        !inbox_file_waiting(file, WAITING_COUNTED, &waiting, err))
        return false;
    answer_number(object, "waiting", waiting);
    return put_rows(object, file, page, err);
}

/* An inbox that cannot be read is a finding, not a failure. */
bool inboxes_list(struct db *db, const struct request *request, json_t **ret_answer,
                  struct error *err)
{
    const struct text_list *paths = &request->settings->inboxes;
    struct page page;
    json_t *array;

    (void)db;
    if (!request_allow(request, "after limit", err) ||
        !request_integer(request, "after", 0, INT64_MAX, 0, &page.after, err) ||
        !request_page(request, &page.limit, err))
        return false;
    array = json_array();
    for (size_t i = 0; i < paths->count; i++) {
        json_t *object = json_object();
        struct error finding;

        (void)json_array_append_new(array, object);
        answer_string(object, "path", paths->at[i]);
        if (!put_inbox(object, paths->at[i], page, &finding))
            answer_string(object, "error", finding.text);
    }
    *ret_answer = json_object();
    answer_take(*ret_answer, "inboxes", array);
    return true;
}

static bool choose_path(const struct request *request, const char **ret_path, struct error *err)
{
    const struct text_list *paths = &request->settings->inboxes;
    struct span path;

    if (!request_text(request, "path", &path, err))
        return false;
    if (path.at == NULL && paths->count > 1)
        return error_set(err, ERROR_INVALID, "path: there are several inboxes, name one");
    for (size_t i = 0; i < paths->count; i++)
        if (path.at == NULL || span_equal(path, span_of(paths->at[i]))) {
            *ret_path = paths->at[i];
            return true;
        }
    if (paths->count == 0)
        return error_set(err, ERROR_NOT_FOUND, "the settings name no inbox");
    return error_set(err, ERROR_NOT_FOUND,
                     "path: the settings name no inbox \"%.*s\"; `inbox list` shows them",
                     SPAN_ARGS(span_first(path, 200)));
}

bool inboxes_retry(struct db *db, const struct request *request, json_t **ret_answer,
                   struct error *err)
{
    CLEANUP(close_file) struct inbox_file *file = NULL;
    const char *path;
    int64_t id;
    int64_t count;

    (void)db;
    if (!request_allow(request, "path id", err) || !choose_path(request, &path, err) ||
        !request_integer(request, "id", 1, INT64_MAX, 0, &id, err) ||
        !inbox_file_open(path, &file, err) ||
        !inbox_file_retry(file, id, request->now_ms, &count, err))
        return false;
    if (count == 0 && id != 0)
        return error_set(err, ERROR_NOT_FOUND, "no refused row %lld in %s", (long long)id, path);
    *ret_answer = json_object();
    answer_string(*ret_answer, "path", path);
    answer_number(*ret_answer, "retried", count);
    return true;
}
