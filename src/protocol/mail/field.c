/*
 * Where fields begin and end. What their values mean is not known here.
 */
#include "protocol/mail/field.h"

#include "protocol/mail/header.h"

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* A line with its end. */
static struct span first_line(struct span text)
{
    size_t end = span_find(text, SPAN("\r\n"));

    return span_first(text, end < text.n ? end + 2 : text.n);
}

bool field_take(struct span *text, struct field *ret_field)
{
    struct span line = first_line(*text);
    size_t colon = span_index(line, ':');
    struct span name = span_first(line, colon);
    size_t n = line.n;

    while (name.n > 0 && is_blank(name.at[name.n - 1]))
        name.n--;
    if (colon == line.n || !header_name_is_valid(name))
        return false;
    while (n < text->n && is_blank(text->at[n]))
        n += first_line(span_rest(*text, n)).n;
    ret_field->name = name;
    ret_field->whole = span_first(*text, n);
    ret_field->value = span_rest(ret_field->whole, colon + 1);
    if (span_ends(ret_field->value, SPAN("\r\n")))
        ret_field->value.n -= 2;
    *text = span_rest(*text, n);
    return true;
}

struct span field_header(struct span message, struct span *ret_body)
{
    struct span rest = message;
    struct field field;
    struct span header;

    while (field_take(&rest, &field))
        continue;
    header = span_first(message, message.n - rest.n);
    *ret_body = span_starts(rest, SPAN("\r\n")) ? span_rest(rest, 2) : rest;
    return header;
}

bool field_find(struct span header, const char *name, struct field *ret_field)
{
    while (field_take(&header, ret_field))
        if (span_equal_nocase(ret_field->name, span_of(name)))
            return true;
    return false;
}

struct span field_text(struct arena *arena, struct span value)
{
    struct span text = arena_copy(arena, value);
    char *at = (char *)(uintptr_t)text.at;
    size_t n = 0;

    for (size_t i = 0; i < value.n; i++)
        if (value.at[i] != '\r' && value.at[i] != '\n')
            at[n++] = value.at[i];
    return span_trim((struct span){ at, n });
}
