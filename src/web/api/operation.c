/*
 * The notation of fields.
 */
#include "web/api/operation.h"

static enum api_type type_of(char mark)
{
    switch (mark) {
    case '#':
        return API_NUMBER;
    case '?':
        return API_FLAG;
    case '*':
        return API_LIST;
    case '{':
        return API_OBJECT;
    case '~':
        return API_NUMBER_OR_KEY;
    default:
        return API_TEXT;
    }
}

bool api_field_next(struct span *list, struct api_field *ret_field)
{
    struct span word = span_take_until(list, ' ');
    struct api_field field = { .must = span_starts(word, SPAN("!")) };

    if (word.n == 0)
        return false;
    word = span_rest(word, field.must ? 1 : 0);
    field.type = type_of(word.at[word.n - 1]);
    if (field.type != API_TEXT)
        word = span_first(word, word.n - 1);
    field.name = span_take_until(&word, ':');
    field.argument = word.n > 0 ? word : field.name;
    *ret_field = field;
    return true;
}

bool api_field_find(const char *list, struct span name, struct api_field *ret_field)
{
    struct span rest = span_of(list);

    while (api_field_next(&rest, ret_field))
        if (span_equal(ret_field->name, name))
            return true;
    return false;
}
