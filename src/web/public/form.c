/*
 * Both encodings of forms. A multipart body is split at its delimiter lines; of the header of a
 * part only the name counts, and a file is a field like any other.
 */
#include "web/public/form.h"

#include "base/text.h"
#include "protocol/mail/parameter_list.h"
#include "web/route.h"

enum { BOUNDARY_MOST = 70 /* RFC 2046 section 5.1.1 */ };

static bool add(struct form *form, struct span name, struct span value)
{
    if (form->n == FORM_FIELDS_MOST || !text_is_utf8(name) || !text_is_utf8(value) ||
        span_index(name, '\0') < name.n || span_index(value, '\0') < value.n)
        return false;
    form->at[form->n++] = (struct form_field){ name, value };
    return true;
}

static bool read_pairs(struct span body, struct arena *arena, struct form *form)
{
    struct span name;
    struct span value;

    while (query_next(&body, arena, &name, &value))
        if (name.at == NULL || !add(form, name, value))
            return false;
    return true;
}

/* The name in "Content-Disposition: form-data; name=..." of a part's header. */
static bool read_name(struct span header, struct arena *arena, struct span *ret_name)
{
    static const struct span field = { "Content-Disposition:", 20 };

    while (header.n > 0) {
        struct span line = span_trim(span_take_until(&header, '\n'));
        struct parameter_list list;

        if (!span_starts_nocase(line, field))
            continue;
        parameter_list_read(span_rest(line, field.n), arena, &list);
        *ret_name = parameter_list_find(&list, "name");
        return span_equal(list.value, SPAN("form-data")) && ret_name->n > 0;
    }
    return false;
}

static bool take_part(struct span part, struct arena *arena, struct form *form)
{
    size_t header = span_find(part, SPAN("\r\n\r\n"));
    struct span name;

    return header < part.n && read_name(span_first(part, header), arena, &name) &&
           add(form, name, span_rest(part, header + 4));
}

/* `delimiter` is CRLF, two dashes and the boundary; the first one may lack the CRLF. */
static bool read_parts(struct span body, struct span delimiter, struct arena *arena,
                       struct form *form)
{
    struct span bare = span_rest(delimiter, 2);

    if (span_starts(body, bare))
        body = span_rest(body, bare.n);
    else
        body = span_rest(body, span_find(body, delimiter) + delimiter.n);
    while (span_starts(body, SPAN("\r\n"))) {
        size_t end = span_find(body, delimiter);

        if (end == body.n || !take_part(span_rest(span_first(body, end), 2), arena, form))
            return false;
        body = span_rest(body, end + delimiter.n);
    }
    return span_starts(body, SPAN("--"));
}

bool form_read(struct span type, struct span body, struct arena *arena, struct form *ret_form)
{
    struct parameter_list list;
    struct span boundary;
    struct form *form = ARENA_NEW(arena, struct form);
    bool fine = false;

    if (body.n > FORM_BYTES_MOST)
        return false;
    parameter_list_read(type, arena, &list);
    boundary = parameter_list_find(&list, "boundary");
    if (span_equal(list.value, SPAN("application/x-www-form-urlencoded")))
        fine = read_pairs(body, arena, form);
    else if (span_equal(list.value, SPAN("multipart/form-data")) && boundary.n > 0 &&
             boundary.n <= BOUNDARY_MOST)
        fine = read_parts(body, span_of(arena_printf(arena, "\r\n--%.*s", SPAN_ARGS(boundary))),
                          arena, form);
    if (fine)
        *ret_form = *form;
    return fine;
}

struct span form_find(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->n; i++)
        if (span_equal(form->at[i].name, span_of(name)))
            return form->at[i].value;
    return (struct span){ NULL, 0 };
}
