/*
 * Parts of answers.
 */
#include "services/request/answer.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "store/kind.h"
#include "store/person.h"
#include "store/topic.h"

enum { NAMES_LIMIT = 4096 };

void answer_take(json_t *object, const char *name, json_t *value)
{
    (void)json_object_set_new(object, name, value);
}

void answer_text(json_t *object, const char *name, struct span text)
{
    json_t *value;

    if (text.at == NULL)
        return;
    value = json_stringn(text.at, text.n);
    answer_take(object, name, value == NULL ? json_string("?") : value);
}

void answer_string(json_t *object, const char *name, const char *text)
{
    answer_text(object, name, span_of(text));
}

void answer_number(json_t *object, const char *name, int64_t number)
{
    answer_take(object, name, json_integer(number));
}

void answer_flag(json_t *object, const char *name, bool flag)
{
    answer_take(object, name, json_boolean(flag));
}

void answer_moment(json_t *object, const char *name, int64_t utc_ms)
{
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, 40);
    if (utc_ms == 0)
        return;
    text_put_time(&text, utc_ms);
    answer_text(object, name, buf_view(&text));
}

void answer_duration(json_t *object, const char *name, int64_t ms)
{
    CLEANUP(buf_fini) struct buf text;

    buf_init(&text, 60);
    if (ms < 0)
        return;
    text_put_duration(&text, ms);
    answer_text(object, name, buf_view(&text));
}

void answer_json(json_t *object, const char *name, struct span json)
{
    json_t *value;

    if (json.at == NULL)
        return;
    value = json_loadb(json.at, json.n, JSON_DECODE_ANY, NULL);
    answer_take(object, name, value == NULL ? json_null() : value);
}

void answer_filter(json_t *object, const json_t *args)
{
    static const char *const page[] = { "before", "after", "limit" };
    json_t *filter = json_copy((json_t *)args);

    for (size_t k = 0; k < ARRAY_LENGTH(page); k++)
        (void)json_object_del(filter, page[k]);
    if (json_object_size(filter) > 0)
        answer_take(object, "filter", filter);
    else
        json_decref(filter);
}

json_t *answer_names_json(struct span names)
{
    json_t *array = json_array();

    while (names.n > 0) {
        struct span name = span_take_until(&names, ',');

        (void)json_array_append_new(array, json_stringn(name.at, name.n));
    }
    return array;
}

bool answer_person(json_t *object, const char *name, struct db *db, int64_t person,
                   struct error *err)
{
    CLEANUP(buf_fini) struct buf handle;

    buf_init(&handle, PERSON_HANDLE_LIMIT);
    if (!person_handle_put(db, &handle, person, err))
        return false;
    answer_text(object, name, buf_view(&handle));
    return true;
}

bool answer_topic(json_t *object, const char *name, struct db *db, int64_t topic, struct error *err)
{
    CLEANUP(arena_fini) struct arena arena;
    struct span key;

    arena_init(&arena);
    if (!topic_key(db, &arena, topic, &key, err))
        return false;
    answer_text(object, name, key);
    return true;
}

bool answer_kinds(json_t *object, const char *name, struct db *db, int64_t mask, struct error *err)
{
    CLEANUP(buf_fini) struct buf names;

    buf_init(&names, NAMES_LIMIT);
    if (mask == -1)
        return true;
    if (!kind_mask_put(db, &names, mask, err))
        return false;
    answer_take(object, name, answer_names_json(buf_view(&names)));
    return true;
}
