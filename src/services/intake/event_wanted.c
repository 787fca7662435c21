/*
 * By number or by key.
 */
#include "services/intake/event_wanted.h"

bool event_wanted(struct db *db, const struct request *request, struct arena *arena,
                  struct event *ret_event, struct error *err)
{
    struct span key;
    int64_t id;

    if (!request_text(request, "key", &key, err) ||
        !request_integer(request, "id", 1, INT64_MAX, 0, &id, err))
        return false;
    if (key.at != NULL && !event_find_key(db, key, &id, err))
        return false;
    if (id == 0 && key.at != NULL)
        return error_set(err, ERROR_NOT_FOUND, "there is no event of key \"%.*s\"",
                         SPAN_ARGS(span_first(key, 100)));
    return id != 0 ? event_load(db, arena, id, ret_event, err)
                   : error_set(err, ERROR_INVALID, "id: is missing");
}
