/*
 * Sheets, and the words of their answers.
 */
#include "domain/sight.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"

static const struct {
    const char *name;
    const char *reason;
} words[] = {
    [SIGHT_UNANSWERED] = { "unanswered", "unanswered" },
    [SIGHT_YES] = { "yes", NULL },
    [SIGHT_NO] = { "no", "hidden" },
    [SIGHT_NOT_NEEDED] = { "not needed", "not_needed" },
    [SIGHT_LATER] = { "later", "put_off" },
};

struct sight_sheet *sight_sheet_new(size_t room)
{
    struct sight_sheet *sheet = NEW(struct sight_sheet);

    arena_init(&sheet->arena);
    sheet->items = ARENA_ARRAY(&sheet->arena, struct sight_item, room);
    return sheet;
}

void sight_sheet_free(struct sight_sheet *sheet)
{
    if (sheet == NULL)
        return;
    arena_fini(&sheet->arena);
    alloc_free(sheet);
}

static int compare(const void *a, const void *b)
{
    const struct sight_item *s = a;
    const struct sight_item *t = b;

    return (s->event > t->event) - (s->event < t->event);
}

void sight_sheet_sort(struct sight_sheet *sheet)
{
    if (sheet->count > 1)
        qsort(sheet->items, sheet->count, sizeof sheet->items[0], compare);
}

const struct sight_item *sight_sheet_find(const struct sight_sheet *sheet, int64_t event)
{
    const struct sight_item key = { .event = event };

    if (sheet->count == 0)
        return NULL;
    return bsearch(&key, sheet->items, sheet->count, sizeof sheet->items[0], compare);
}

const char *sight_word_name(enum sight_word word)
{
    return words[word].name;
}

bool sight_word_find(struct span name, enum sight_word *ret_word)
{
    for (enum sight_word word = SIGHT_YES; word <= SIGHT_LATER; word++)
        if (span_equal(name, span_of(words[word].name))) {
            *ret_word = word;
            return true;
        }
    return false;
}

const char *sight_reason(enum sight_word word)
{
    return words[word].reason;
}

static bool is_name(struct span name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.at[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            c != '_')
            return false;
    }
    return name.n > 0 && name.n <= SIGHT_FIELD_NAME_MOST;
}

bool sight_field_check(const struct sight_field *field, struct error *err)
{
    if (!is_name(field->name))
        return error_set(err, ERROR_INVALID,
                         "\"%.*s\" is no name: it takes 1 to %d letters, digits and _",
                         SPAN_ARGS(span_first(field->name, 60)), SIGHT_FIELD_NAME_MOST);
    if (field->value.n > SIGHT_FIELD_VALUE_MOST)
        return error_set(err, ERROR_LIMIT, "%.*s: at most %d bytes", SPAN_ARGS(field->name),
                         SIGHT_FIELD_VALUE_MOST);
    return text_is_utf8(field->value) ||
           error_set(err, ERROR_INVALID, "%.*s: is no UTF-8", SPAN_ARGS(field->name));
}
