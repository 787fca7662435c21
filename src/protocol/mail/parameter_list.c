/*
 * Values in quotes lose them. Parameters in pieces (RFC 2231) stay in their pieces.
 */
#include "protocol/mail/parameter_list.h"

#include "protocol/mail/field.h"

static struct span take_quoted(struct span *rest, struct arena *arena)
{
    char *to;
    size_t n = 0;

    *rest = span_rest(*rest, 1);
    while (n < rest->n && rest->at[n] != '"')
        n += rest->at[n] == '\\' && n + 1 < rest->n ? 2 : 1;
    to = arena_text(arena, span_first(*rest, n)); /* no more: there may be many of them */
    n = 0;
    while (rest->n > 0 && rest->at[0] != '"') {
        if (rest->at[0] == '\\' && rest->n > 1)
            *rest = span_rest(*rest, 1);
        to[n++] = rest->at[0];
        *rest = span_rest(*rest, 1);
    }
    *rest = span_rest(*rest, span_index(*rest, ';') + 1);
    return (struct span){ to, n };
}

static struct span take_value(struct span *rest, struct arena *arena)
{
    while (rest->n > 0 && (rest->at[0] == ' ' || rest->at[0] == '\t'))
        *rest = span_rest(*rest, 1);
    if (span_starts(*rest, SPAN("\"")))
        return take_quoted(rest, arena);
    return span_trim(span_take_until(rest, ';'));
}

static struct span lower(struct arena *arena, struct span text)
{
    char *copy = arena_text(arena, text);

    for (size_t i = 0; i < text.n; i++)
        copy[i] = span_lower(copy[i]);
    return (struct span){ copy, text.n };
}

void parameter_list_read(struct span value, struct arena *arena, struct parameter_list *ret_list)
{
    struct span rest = field_text(arena, value);

    ret_list->n = 0;
    ret_list->value = lower(arena, span_trim(span_take_until(&rest, ';')));
    while (rest.n > 0 && ret_list->n < PARAMETER_LIST_MOST) {
        size_t end = span_index(rest, '=');
        struct span name = span_trim(span_first(rest, end));

        if (span_index(name, ';') < name.n) {
            rest = span_rest(rest, span_index(rest, ';') + 1);
            continue;
        }
        rest = span_rest(rest, end + 1);
        if (header_name_is_valid(name))
            ret_list->at[ret_list->n++] =
                (struct parameter){ .name = arena_text(arena, lower(arena, name)),
                                    .value = take_value(&rest, arena) };
        else
            rest = span_rest(rest, span_index(rest, ';') + 1);
    }
}

struct span parameter_list_find(const struct parameter_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (span_equal(span_of(list->at[i].name), span_of(name)))
            return list->at[i].value;
    return SPAN("");
}
