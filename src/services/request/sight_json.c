/*
 * Foreign JSON is read as far as it keeps the rules, item by item: who breaks them about one item
 * has not answered that one.
 */
#include "services/request/sight_json.h"

#include <jansson.h>

#include "base/text.h"

enum { SECOND_MS = 1000 };

static void put_text(struct buf *to, const char *name, struct span text)
{
    if (text.n == 0)
        return;
    buf_printf(to, ",\"%s\":", name);
    text_put_json(to, text);
}

static void put_item(struct buf *to, const struct sight_sheet *sheet, const struct sight_item *item,
                     size_t number)
{
    buf_printf(to, "%s{\"item\":%zu,\"event\":%lld", number > 1 ? "," : "", number,
               (long long)item->event);
    put_text(to, "key", item->key);
    put_text(to, "kind", item->kind);
    put_text(to, "topic", item->topic);
    put_text(to, "thread", item->thread);
    put_text(to, "label", item->label);
    put_text(to, "person", sheet->person);
    put_text(to, "address", sheet->address);
    buf_put_byte(to, '}');
}

void sight_question_put(struct buf *to, const struct sight_batch *batch)
{
    size_t number = 0;

    buf_put_text(to, "{\"items\":[");
    for (size_t s = 0; s < batch->count; s++)
        for (size_t i = 0; i < batch->sheets[s]->count; i++)
            put_item(to, batch->sheets[s], &batch->sheets[s]->items[i], ++number);
    buf_put_text(to, "]}");
}

/* ---- fields ---- */

static struct span text_of(json_t *json)
{
    return (struct span){ json_string_value(json), json_string_length(json) };
}

/* Numbers and truth values become the text that JSON has for them; null is no value. */
static bool read_value(json_t *json, struct arena *arena, struct span *ret_value)
{
    switch (json_typeof(json)) {
    case JSON_STRING:
        *ret_value = arena_copy(arena, text_of(json));
        return true;
    case JSON_INTEGER:
        *ret_value = span_of(arena_printf(arena, "%lld", (long long)json_integer_value(json)));
        return true;
    case JSON_REAL:
        *ret_value = span_of(arena_printf(arena, "%.15g", json_real_value(json)));
        return true;
    case JSON_TRUE:
        *ret_value = SPAN("true");
        return true;
    case JSON_FALSE:
    case JSON_NULL:
        *ret_value = SPAN("");
        return true;
    case JSON_OBJECT:
    case JSON_ARRAY:
        break;
    }
    return false;
}

static bool read_fields(json_t *object, struct arena *arena, struct sight_answer *ret_answer)
{
    size_t most = json_object_size(object);
    struct sight_field *fields;
    struct error err;
    const char *name;
    json_t *value;
    size_t n = 0;

    if (object == NULL || json_is_null(object))
        return true;
    if (!json_is_object(object) || most > SIGHT_FIELDS_MOST)
        return false;
    fields = ARENA_ARRAY(arena, struct sight_field, most);
    json_object_foreach (object, name, value) {
        fields[n].name = arena_copy(arena, span_of(name));
        if (!read_value(value, arena, &fields[n].value) || !sight_field_check(&fields[n], &err))
            return false;
        n++;
    }
    ret_answer->fields = fields;
    ret_answer->field_count = n;
    return true;
}

bool sight_fields_read(struct span json, struct arena *arena, struct sight_answer *ret_answer)
{
    json_t *object = json_loadb(json.at, json.n, JSON_REJECT_DUPLICATES, NULL);
    bool fine = json_is_object(object) && read_fields(object, arena, ret_answer);

    json_decref(object);
    return fine;
}

void sight_data_read(struct span json, struct arena *arena, struct sight_answer *ret_answer)
{
    struct sight_field *fields = ARENA_ARRAY(arena, struct sight_field, SIGHT_FIELDS_MOST);
    json_t *object = json.n > 0 ? json_loadb(json.at, json.n, 0, NULL) : NULL;
    struct error err;
    const char *name;
    json_t *value;
    size_t n = 0;

    json_object_foreach (object, name, value) {
        if (n == SIGHT_FIELDS_MOST)
            break;
        fields[n].name = arena_copy(arena, span_of(name));
        n += read_value(value, arena, &fields[n].value) && sight_field_check(&fields[n], &err);
    }
    json_decref(object);
    *ret_answer = (struct sight_answer){ .fields = fields, .field_count = n };
}

/* ---- answers ---- */

/* Of "later": how long, at least a second. */
static bool read_seconds(json_t *seconds, int64_t now_ms, int64_t *ret_until)
{
    json_int_t n = json_integer_value(seconds);

    if (!json_is_integer(seconds) || n < 1 || n > SIGHT_LATER_MOST_S)
        return false;
    *ret_until = now_ms + n * SECOND_MS;
    return true;
}

static struct sight_answer read_one(json_t *one, struct arena *arena, int64_t now_ms)
{
    static const struct sight_answer none = { .word = SIGHT_UNANSWERED };
    struct sight_answer answer = none;

    if (!sight_word_find(text_of(json_object_get(one, "see")), &answer.word) ||
        !read_fields(json_object_get(one, "fields"), arena, &answer))
        return none;
    if (answer.word == SIGHT_LATER &&
        !read_seconds(json_object_get(one, "seconds"), now_ms, &answer.until))
        return none;
    return answer;
}

/* The item of that number, and its sheet; NULL when there is none. */
static struct sight_item *find_item(const struct sight_batch *batch, json_int_t number,
                                    struct sight_sheet **ret_sheet)
{
    for (size_t s = 0; s < batch->count && number >= 1; s++) {
        if (number <= (json_int_t)batch->sheets[s]->count) {
            *ret_sheet = batch->sheets[s];
            return &batch->sheets[s]->items[number - 1];
        }
        number -= (json_int_t)batch->sheets[s]->count;
    }
    return NULL;
}

/* Who says two things of one item has said nothing. `until` marks what was answered before. */
static void take_answer(const struct sight_batch *batch, json_t *one, int64_t now_ms)
{
    struct sight_sheet *sheet = NULL;
    struct sight_item *item =
        find_item(batch, json_integer_value(json_object_get(one, "item")), &sheet);

    if (item == NULL)
        return;
    if (item->answer.until != 0) {
        item->answer = (struct sight_answer){ .word = SIGHT_UNANSWERED, .until = now_ms };
        return;
    }
    item->answer = read_one(one, &sheet->arena, now_ms);
    if (item->answer.until == 0)
        item->answer.until = now_ms;
}

static void forget_answers(const struct sight_batch *batch)
{
    for (size_t s = 0; s < batch->count; s++)
        for (size_t i = 0; i < batch->sheets[s]->count; i++)
            batch->sheets[s]->items[i].answer = (struct sight_answer){ .word = SIGHT_UNANSWERED };
}

bool sight_answer_read(struct span json, const struct sight_batch *batch, int64_t now_ms,
                       struct error *err)
{
    json_error_t wrong;
    json_t *answer = json_loadb(json.at, json.n, JSON_REJECT_DUPLICATES, &wrong);
    json_t *items = json_object_get(answer, "items");
    size_t n = json_array_size(items);
    bool fine = json_is_array(items);

    if (answer == NULL)
        return error_set(err, ERROR_INVALID, "the answer is no JSON: %s in line %d", wrong.text,
                         wrong.line);
    if (fine) {
        forget_answers(batch);
        for (size_t i = 0; i < n; i++)
            take_answer(batch, json_array_get(items, i), now_ms);
        for (size_t s = 0; s < batch->count; s++)
            batch->sheets[s]->answered_at = now_ms;
    }
    json_decref(answer);
    return fine || error_set(err, ERROR_INVALID, "the answer has no list \"items\"");
}

/* ---- the record ---- */

static void put_fields(struct buf *to, const struct sight_answer *answer)
{
    buf_put_text(to, ",\"fields\":{");
    for (size_t i = 0; i < answer->field_count; i++) {
        if (i > 0)
            buf_put_byte(to, ',');
        text_put_json(to, answer->fields[i].name);
        buf_put_byte(to, ':');
        text_put_json(to, answer->fields[i].value);
    }
    buf_put_byte(to, '}');
}

void sight_record_put(struct buf *to, const struct sight_sheet *sheet)
{
    bool any = false;

    for (size_t i = 0; i < sheet->count; i++) {
        const struct sight_item *item = &sheet->items[i];

        if (item->answer.word == SIGHT_YES && item->answer.field_count == 0)
            continue;
        buf_printf(to, "%s{\"event\":%lld,\"see\":%d", any ? "," : "[", (long long)item->event,
                   item->answer.word);
        if (item->answer.field_count > 0)
            put_fields(to, &item->answer);
        buf_put_byte(to, '}');
        any = true;
    }
    if (any)
        buf_put_byte(to, ']');
}

static bool read_kept(json_t *one, struct sight_sheet *sheet)
{
    struct sight_item *item = &sheet->items[sheet->count++];
    json_int_t word = json_integer_value(json_object_get(one, "see"));

    item->event = json_integer_value(json_object_get(one, "event"));
    item->answer.word = (enum sight_word)word;
    return word >= SIGHT_UNANSWERED && word <= SIGHT_LATER &&
           read_fields(json_object_get(one, "fields"), &sheet->arena, &item->answer);
}

struct sight_sheet *sight_record_read(struct span json)
{
    json_t *array = json_loadb(json.at, json.n, 0, NULL);
    struct sight_sheet *sheet = sight_sheet_new(json_array_size(array));
    bool fine = json_is_array(array);

    for (size_t i = 0; i < json_array_size(array) && fine; i++)
        fine = read_kept(json_array_get(array, i), sheet);
    json_decref(array);
    if (!fine) {
        sight_sheet_free(sheet);
        return NULL;
    }
    sight_sheet_sort(sheet);
    return sheet;
}
